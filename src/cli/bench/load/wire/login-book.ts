/**
 * What phones remember of digest challenges (RFC 7616 with qop=auth and MD5, which every server offers): the nonce of each
 * user and how often it was used.
 */
import { hash } from 'node:crypto';
import { formatUserNumber, userOf } from './request-texts.ts';
import { headerOf } from './wire-bytes.ts';

interface KnownNonce {
  readonly nonce: string;
  readonly opaque: string | undefined;
  count: number;
}

export class LoginBook {
  readonly #domain: string;
  readonly #nonces = new Map<number, KnownNonce>();
  /** H(A1) of RFC 7616 3.4.2 by user. */
  readonly #secrets = new Map<number, string>();

  constructor(domain: string) {
    this.#domain = domain;
  }

  /** Takes the challenge of a 401; false when there is none to be answered. */
  learn(user: number, answer: Buffer): boolean {
    const value = headerOf(answer, 'www-authenticate') ?? '';
    const nonce = /\bnonce="([^"]*)"/i.exec(value)?.[1];
    if (nonce === undefined) return false;
    this.#nonces.set(user, { nonce, opaque: /\bopaque="([^"]*)"/i.exec(value)?.[1], count: 0 });
    return true;
  }

  /** The value of Authorization for a REGISTER; undefined before the first challenge. */
  authorization(user: number): string | undefined {
    const known = this.#nonces.get(user);
    if (known === undefined) return undefined;
    known.count += 1;
    const name = userOf(formatUserNumber(user));
    const uri = `sip:${this.#domain}`;
    const count = known.count.toString(16).padStart(8, '0');
    const cnonce = formatUserNumber(user);
    const what = md5(`REGISTER:${uri}`);
    const response = md5(`${this.#secretOf(user, name)}:${known.nonce}:${count}:${cnonce}:auth:${what}`);
    const opaque = known.opaque === undefined ? '' : `, opaque="${known.opaque}"`;
    return (
      `Digest username="${name}", realm="${this.#domain}", nonce="${known.nonce}", uri="${uri}", ` +
      `response="${response}", algorithm=MD5, qop=auth, nc=${count}, cnonce="${cnonce}"${opaque}`
    );
  }

  #secretOf(user: number, name: string): string {
    let secret = this.#secrets.get(user);
    if (secret === undefined) {
      secret = md5(`${name}:${this.#domain}:${passwordOf(user)}`);
      this.#secrets.set(user, secret);
    }
    return secret;
  }
}

export function passwordOf(user: number): string {
  return `pw${formatUserNumber(user)}`;
}

function md5(text: string): string {
  return hash('md5', text);
}
