/** Kamailio as a case starts it: a configuration of this folder with definitions of the case, on a port of its own. */
import { createSocket } from 'node:dgram';
import { fileURLToPath } from 'node:url';
import type { WireAddress } from '../../../src/cli/demo/user-agent/wire-socket.ts';
import { type ChildProgram, waitUntil } from '../../processes/child-program.ts';
import { expectThat, patienceMs, type InteropWorld } from '../interop-case.ts';

export interface Kamailio {
  readonly address: WireAddress;
  readonly program: ChildProgram;
}

export interface KamailioSettings {
  /** A file of this folder. */
  readonly configuration: string;
  /** By name, as `#!define` has them; texts with their quotes. */
  readonly definitions: (address: WireAddress) => Readonly<Record<string, string>>;
}

/** Resolves when it answers over UDP. */
export async function startKamailio(world: InteropWorld, settings: KamailioSettings): Promise<Kamailio> {
  const address = { host: '127.0.0.1', port: await world.freePort() };
  const file = fileURLToPath(new URL(settings.configuration, import.meta.url));
  const words = ['-DD', '-E', '-m', '32', '-M', '8', '-Y', world.folder, '-f', file];
  for (const [name, value] of Object.entries(settings.definitions(address))) words.push('-A', `${name}=${value}`);
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin`;
  const program = world.start('kamailio', words, { cwd: world.folder, env: { PATH: path } });
  let isReady = false;
  await waitUntil(async () => {
    isReady = await answersOptions(address);
    return isReady || program.hasEnded;
  }, patienceMs);
  expectThat(isReady, `Kamailio is not ready; it printed:\n${program.output.slice(-3000)}`);
  return { address, program };
}

/** Any answer will do. */
function answersOptions({ host, port }: WireAddress): Promise<boolean> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => {
    const end = (answers: boolean): void => {
      clearTimeout(timer);
      socket.close(() => resolve(answers));
    };
    const timer = setTimeout(() => end(false), 500);
    socket.once('message', () => end(true));
    socket.bind(0, host, () => socket.send(optionsText(host, port, socket.address().port), port, host));
  });
}

function optionsText(host: string, port: number, localPort: number): string {
  return [
    `OPTIONS sip:${host}:${port} SIP/2.0`,
    `Via: SIP/2.0/UDP ${host}:${localPort};branch=z9hG4bK${localPort}${Math.floor(performance.now())};rport`,
    'Max-Forwards: 70',
    `From: <sip:ready@${host}>;tag=1`,
    `To: <sip:${host}:${port}>`,
    `Call-ID: ready-${localPort}-${Math.floor(performance.now())}`,
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}
