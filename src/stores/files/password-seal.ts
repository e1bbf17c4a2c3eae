/**
 * Passwords that must be read again, encrypted (AES-256-GCM) under a key in a file of the data folder that nobody but its owner
 * may read. The file is read each time, so that one that was put back is used at once.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { link, open, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { PasswordSeal } from '../../accounts/ports.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { isMissing } from './file-faults.ts';

export const keyFileName = 'imps-digest.key';
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const cipher = 'aes-256-gcm';

export function passwordSeal(folder: string): PasswordSeal {
  const path = join(folder, keyFileName);
  return {
    async seal(password, address, mayMakeKey) {
      const key = await obtainKey(path, folder, mayMakeKey);
      return key.ok ? ok(encrypt(password, key.value, address)) : key;
    },
    async open(sealed, address) {
      const key = await readKey(path);
      if (!key.ok) return key;
      const password = decrypt(sealed, key.value, address);
      return password === undefined
        ? err(`a password that is kept was not sealed under the key of ${path}, or is damaged`)
        : ok(password);
    },
  };
}

async function obtainKey(path: string, folder: string, mayMakeKey: boolean): Promise<Result<Uint8Array, string>> {
  try {
    await stat(path);
  } catch (fault) {
    if (!isMissing(fault)) return err(unreadable(path, fault));
    if (!mayMakeKey) return err(`the key file ${path} is missing, and passwords are sealed under it: put it back`);
    try {
      await makeKey(path, folder);
    } catch (second) {
      return err(
        `the key file ${path} cannot be written: ${second instanceof Error ? second.message : String(second)}`,
      );
    }
  }
  return readKey(path);
}

async function readKey(path: string): Promise<Result<Uint8Array, string>> {
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0)
      return err(`the key file ${path} is open to others than its owner: it must have mode 600`);
    const text = (await readFile(path, 'latin1')).trim();
    return /^[0-9a-f]{64}$/.test(text) ? ok(Buffer.from(text, 'hex')) : err(`the key file ${path} holds no key`);
  } catch (fault) {
    return err(isMissing(fault) ? `the key file ${path} is missing` : unreadable(path, fault));
  }
}

/** Whole under its name or not there; whoever comes second takes the key of the first. */
async function makeKey(path: string, folder: string): Promise<void> {
  const unfinished = `${path}.${randomBytes(8).toString('hex')}`;
  const file = await open(unfinished, 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(keyBytes).toString('hex')}\n`);
    await file.sync();
    await file.close();
    await link(unfinished, path).catch((fault: unknown) => {
      if (!(fault instanceof Error && 'code' in fault && fault.code === 'EEXIST')) throw fault;
    });
  } finally {
    await file.close();
    await unlink(unfinished);
  }
  const parent = await open(folder, 'r');
  try {
    await parent.sync();
  } finally {
    await parent.close();
  }
}

function encrypt(text: string, key: Uint8Array, context: string): string {
  const nonce = randomBytes(nonceBytes);
  const sealing = createCipheriv(cipher, key, nonce).setAAD(Buffer.from(context));
  return Buffer.concat([nonce, sealing.update(text, 'utf8'), sealing.final(), sealing.getAuthTag()]).toString('base64');
}

/** Undefined where it is not what was encrypted under this key in this context. */
function decrypt(sealed: string, key: Uint8Array, context: string): string | undefined {
  const octets = Buffer.from(sealed, 'base64');
  if (octets.length < nonceBytes + tagBytes) return undefined;
  const opening = createDecipheriv(cipher, key, octets.subarray(0, nonceBytes), { authTagLength: tagBytes });
  opening.setAAD(Buffer.from(context)).setAuthTag(octets.subarray(-tagBytes));
  const head = opening.update(octets.subarray(nonceBytes, -tagBytes));
  try {
    return Buffer.concat([head, opening.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

function unreadable(path: string, fault: unknown): string {
  return `the key file ${path} cannot be read: ${fault instanceof Error ? fault.message : String(fault)}`;
}
