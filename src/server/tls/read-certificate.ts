/** From two files to a certificate that can be used, or to one line that names the flag and what is wrong with its file. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { err, ok, type Result } from '../../base/result.ts';

/** TLS below 1.2 is broken (RFC 8996). */
const minVersion = 'TLSv1.2';

export interface CertificateTexts {
  readonly cert: string;
  readonly key: string;
}

export interface UsableCertificate {
  readonly options: SecureContextOptions;
  readonly context: SecureContext;
  /** The first of the file, which is the server's own. */
  readonly leaf: X509Certificate;
}

export function readTlsFile(flag: string, path: string): Result<string, string> {
  try {
    return ok(readFileSync(path, 'utf8'));
  } catch (fault) {
    return err(`--${flag} ${path}: ${reasonOf(fault)}`);
  }
}

export function makeCertificate({ cert, key }: CertificateTexts): Result<UsableCertificate, string> {
  let leaf: X509Certificate;
  try {
    leaf = new X509Certificate(cert);
  } catch {
    return err('--tls-cert holds no certificate in PEM');
  }
  try {
    const privateKey = createPrivateKey(key);
    if (!leaf.checkPrivateKey(privateKey))
      return err('--tls-key is not the key of the first certificate in --tls-cert');
  } catch {
    return err('--tls-key holds no private key in PEM, or one that is encrypted');
  }
  const options: SecureContextOptions = { cert, key, minVersion };
  try {
    return ok({ options, context: createSecureContext(options), leaf });
  } catch (fault) {
    return err(`--tls-cert and --tls-key cannot be used: ${reasonOf(fault)}`);
  }
}

function reasonOf(fault: unknown): string {
  const code = fault instanceof Error && 'code' in fault ? String(fault.code) : '';
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'it may not be read';
  return fault instanceof Error ? fault.message : String(fault);
}
