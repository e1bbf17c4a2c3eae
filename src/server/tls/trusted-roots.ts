/** Whose signature counts when the server opens a TLS connection itself (`--tls-ca`). */
import { getCACertificates } from 'node:tls';
import { err, ok, type Result } from '../../base/result.ts';
import { readTlsFile } from './read-certificate.ts';

/** PEM texts; undefined: those that come with Node.js. */
export type TrustedRoots = readonly string[] | undefined;

export function readTrustedRoots(from: string): Result<TrustedRoots, string> {
  if (from === 'off') return ok(undefined);
  if (from === 'system') {
    const roots = getCACertificates('system');
    return ok(roots.length === 0 ? undefined : roots);
  }
  const text = readTlsFile('tls-ca', from);
  if (!text.ok) return text;
  const roots = text.value.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g);
  return roots === null ? err(`--tls-ca ${from}: holds no certificate in PEM`) : ok(roots);
}
