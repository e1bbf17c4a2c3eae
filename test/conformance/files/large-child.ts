/**
 * A server that is about to be killed: stores messages with large bodies and ends every third, as delivery does, and tells
 * on standard output what was acknowledged. Arguments: the folder, and where it ends by itself, if anywhere: a point and how
 * often it is passed.
 */
import { join } from 'node:path';
import { assert } from '../../../src/base/assert.ts';
import { fileBlobs } from '../../../src/stores/files/file-blobs.ts';
import { address, endOf, generous, newEntry } from '../samples.ts';
import { openSqlite } from '../sqlite/sqlite-subject.ts';

const [, , folder = '', point, passes = '1'] = process.argv;
const atOnce = 8;
const pieceBytes = 30_000;
let left = Number(passes);

function passPoint(at: string): void {
  if (at !== point) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
}

const { mailbox } = await openSqlite(folder, { checkpointEveryMs: 30 });
const blobs = fileBlobs({ folder: join(folder, 'blobs'), passPoint });
const recipient = address('mary@example.com');

async function writeOne(number: number): Promise<void> {
  const writer = await blobs.create();
  for (let piece = 0; piece < 3; piece += 1) {
    await writer.write(new Uint8Array(pieceBytes).fill(number % 256), piece * pieceBytes);
  }
  await writer.sync();
  const large = { blob: writer.name, bytes: 3 * pieceBytes };
  const sentAt = number;
  const entry = newEntry({ recipient, message: { body: new Uint8Array(), large, sentAt } });
  const outcome = await mailbox.put(entry, { ...generous, largeBytes: 1e12 });
  assert(outcome.kind === 'stored', outcome.kind);
  process.stdout.write(`put ${entry.id}\n`);
  if (number % 3 !== 0) return;
  await mailbox.end([endOf(entry)]);
  await blobs.remove([large.blob]);
  process.stdout.write(`end ${entry.id}\n`);
}

for (let number = 0; ; number += atOnce) {
  await Promise.all(Array.from({ length: atOnce }, (_, index) => writeOne(number + index)));
}
