/**
 * Torture messages over real sockets, octet by octet as they are. A server of its own for each transport, since some of
 * them are one transaction twice when they come by two ways.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pauseMs } from '../processes/child-program.ts';
import { type ServerProcess, sourceProgram, startServer } from '../processes/server-process.ts';
import { openRawTcp, openRawUdp, type RawClient, statusesIn } from './raw-client.ts';
import {
  allowedStatuses,
  areTortureFilesThere,
  readTortureCases,
  readTortureFile,
  sentByPort,
  type TortureCase,
} from './torture-table.ts';

const answerMsMax = 30_000;
/** For what must not be answered: longer than an answer takes here. */
const silenceMs = 100;
/**
 * Other addresses of this machine, where port 5060 is ours; one for each message, because the answer to an INVITE comes
 * again until somebody acknowledges it.
 */
let hosts = 0;
const nextHost = (): string => {
  hosts += 1;
  return `127.45.0.${hosts}`;
};
const domains = ['example.com', 'example.net', 'example.org', 'biloxi.com', 'chicago.com'];
const startMsMax = 180_000;

type Opening = (server: ServerProcess, octets: Buffer) => Promise<RawClient>;

const ways: readonly (readonly [string, Opening])[] = [
  ['UDP', ({ sip }, octets) => openRawUdp(sip, { host: nextHost(), port: sentByPort(octets) })],
  ['TCP', ({ sip }) => openRawTcp(sip)],
];

describe.skipIf(!areTortureFilesThere).each(ways)(
  'torture messages over %s (skipped without ../shared/reference/torture)',
  (way, open) => {
    let dataFolder = '';
    let server: ServerProcess | undefined;

    beforeAll(async () => {
      dataFolder = mkdtempSync(join(tmpdir(), 'restante-torture-'));
      const flags = ['localhost', ...domains].flatMap((domain) => ['--domain', domain]);
      server = await startServer({ dataFolder, flags, program: sourceProgram });
    }, startMsMax);

    afterAll(async () => {
      await server?.stop();
      rmSync(dataFolder, { recursive: true, force: true });
    });

    it.each(readTortureCases())('$name: $preferred', async (torture) => {
      if (server === undefined) throw new Error('the server did not start');
      const octets = readTortureFile(torture);
      const client = await open(server, octets);
      client.send(octets);
      const [status] = await answersOf(client, torture);
      client.close();
      expect(allowedStatuses(torture)).toContain(status);
      expect(await isWell(server), `${torture.name} over ${way} left the server unwell`).toBe(true);
    });
  },
);

async function answersOf(client: RawClient, { message }: TortureCase): Promise<readonly number[]> {
  if (message === 'response') await pauseMs(silenceMs);
  else await heard(client);
  return statusesIn(client.received()).filter((status) => status >= 200);
}

async function heard(client: RawClient): Promise<void> {
  const end = Date.now() + answerMsMax;
  while (Date.now() < end && !client.isClosed()) {
    if (statusesIn(client.received()).some((status) => status >= 200)) return;
    await pauseMs(5);
  }
}

let questions = 0;

async function isWell({ sip }: ServerProcess): Promise<boolean> {
  const client = await openRawTcp(sip);
  questions += 1;
  client.send(
    Buffer.from(
      [
        'OPTIONS sip:localhost SIP/2.0',
        `Via: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKwell${questions}`,
        'Max-Forwards: 70',
        'From: <sip:tom@localhost>;tag=1',
        'To: <sip:localhost>',
        `Call-ID: well${questions}`,
        'CSeq: 1 OPTIONS',
        'Content-Length: 0',
        '\r\n',
      ].join('\r\n'),
    ),
  );
  await heard(client);
  client.close();
  return statusesIn(client.received()).includes(200);
}
