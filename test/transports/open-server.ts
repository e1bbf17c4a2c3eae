/** A whole server in this process with every listener that there is, on free ports, and a folder that goes with it. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../../src/config.ts';
import { type RunningServer, startServer } from '../../src/server.ts';

export type CertificateName = 'localhost' | 'renewed' | 'elsewhere';

export interface OpenServer {
  readonly running: RunningServer;
  readonly folder: string;
  /** Puts another certificate where the server reads its own. */
  install(name: CertificateName): void;
  close(): Promise<void>;
}

export function certificateFile(name: CertificateName, kind: 'cert' | 'key'): string {
  return fileURLToPath(new URL(`certificates/${name}.${kind}.pem`, import.meta.url));
}

export function certificateText(name: CertificateName): string {
  return readFileSync(certificateFile(name, 'cert'), 'utf8');
}

export async function openServer(flags: Readonly<Record<string, string>> = {}): Promise<OpenServer> {
  const folder = mkdtempSync(join(tmpdir(), 'restante-transports-'));
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const install = (name: CertificateName): void => {
    copyFileSync(certificateFile(name, 'cert'), cert);
    copyFileSync(certificateFile(name, 'key'), key);
  };
  install('localhost');
  const anyPort = '127.0.0.1:0';
  const listeners = { sip: anyPort, sips: anyPort, http: anyPort, https: anyPort, msrp: anyPort, msrps: anyPort };
  const files = { data: join(folder, 'data'), 'tls-cert': cert, 'tls-key': key };
  const config = readConfig({ flags: { ...listeners, ...files, demo: 'on', 'log-level': 'silent', ...flags } });
  if (!config.ok) throw new Error(config.error);
  const running = await startServer(config.value);
  return {
    running,
    folder,
    install,
    async close() {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
