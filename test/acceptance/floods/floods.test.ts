/** One sender, one address, and connections that say nothing: others are served meanwhile. */
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { WireAddress } from '../../../src/cli/demo/user-agent/wire-socket.ts';
import { openStage, type Stage } from '../stage.ts';
import { countStatuses, DatagramFlood, metric, openFilesMax, openSilent, plainText, sendAtOnce } from './crowd.ts';

const mary = 'sip:mary@localhost';
const halfOpen = 10_000;
/** Both ends of every connection are on this machine, and the server leaves files for the rest. */
const hasFiles = openFilesMax() >= halfOpen + 2_000;
const title = hasFiles ? '' : ` (left out: this process may have only ${openFilesMax()} open files)`;
const sockets: Socket[] = [];
let stage: Stage | undefined;

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await stage?.close();
  stage = undefined;
});

describe('a flood', { timeout: 300_000 }, () => {
  it('of one sender is turned away, and another one is not', async () => {
    stage = await openStage(['--rate', '50/10']);
    const [tom, john] = [await stage.phone('tom'), await stage.phone('john')];
    const startedAt = performance.now();
    const flood = sendAtOnce([tom], 300, (phone) => phone.request('MESSAGE', mary, plainText));
    for (let count = 0; count < 20; count += 1)
      expect((await john.request('MESSAGE', mary, plainText)).status).toBe(202);
    const answers = await flood;
    const { 202: kept = 0, 480: refused = 0 } = countStatuses(answers);
    expect(kept + refused).toBe(300);
    // As many as the bucket holds, and those that it was filled with again meanwhile.
    expect(kept).toBeGreaterThanOrEqual(50);
    expect(kept).toBeLessThanOrEqual(50 + Math.ceil(((performance.now() - startedAt) / 1000) * 5));
    const waits = answers.filter(({ status }) => status === 480).map((answer) => Number(answer.header('Retry-After')));
    expect(waits.every((seconds) => seconds >= 1)).toBe(true);
  });

  it('of one address, of requests without credentials and of garbage, keeps nobody else from being served', async () => {
    stage = await openStage();
    const { server } = stage;
    const [john, phone] = [await stage.phone('john'), await stage.phone('mary')];
    const flood = new DatagramFlood(server.sip, '127.0.0.2');
    await flood.open();
    let isOver = false;
    const poured = flood.pour(200_000, nonsense, () => isOver);
    for (let count = 0; count < 10; count += 1)
      expect((await john.request('MESSAGE', mary, plainText)).status).toBe(202);
    expect((await phone.register()).status).toBe(200);
    for (let count = 0; count < 10; count += 1) await phone.nextMessage(60_000);
    // It goes on until the server has met enough of it.
    const challenged = () => metric(server, 'restante_sip_challenges_total{why="no-credentials"}');
    await expect.poll(challenged, { timeout: 120_000 }).toBeGreaterThan(750);
    isOver = true;
    expect(await poured).toBeGreaterThan(1000);
    flood.close();
    expect(flood.answers).toBeGreaterThan(0);
    // Of what comes from nobody known nothing is kept: only those who signed in take room.
    expect(await metric(server, 'restante_sip_server_transactions_finished')).toBeLessThan(100);
    expect(await metric(server, 'restante_sip_handler_faults_total')).toBe(0);
    expect(await metric(server, 'restante_messages_kept_total{state="waiting"}')).toBe(10);
  });

  it.each([
    ['say nothing', ''],
    ['stop within a message', 'MESSAGE sip:mary@localhost SIP/2.0\r\nVia: SIP/2.0/TCP h;bra'],
  ])('of 10,000 connections from one address that %s leaves room for others', async (_what, words) => {
    stage = await openStage();
    const { server } = stage;
    const early = await stage.phone('john', { transport: 'tcp' });
    expect((await early.register()).status).toBe(200);
    sockets.push(...(await openSilent(server.sip, '127.0.0.2', halfOpen, words)));
    await expectService(stage);
    expect((await early.request('MESSAGE', mary, plainText)).status).toBe(202);
    // The limit for those that say nothing, `silentPerAddressMax`; the others were cut off.
    expect(await metric(server, 'restante_sip_connections_open')).toBeLessThanOrEqual(1000 + 4);
    expect(await metric(server, 'restante_sip_connections_refused_total')).toBeGreaterThan(halfOpen / 2);
  });

  it.skipIf(!hasFiles)(`of 10,000 connections from ten addresses leaves room for others${title}`, async () => {
    stage = await openStage();
    const { server } = stage;
    for (let number = 10; number < 20; number += 1) {
      sockets.push(...(await openSilent(server.sip, `127.0.0.${number}`, halfOpen / 10)));
    }
    // A connection counts for its client before the server has taken it out of the queue of its port.
    const open = () => metric(server, 'restante_sip_connections_open');
    await expect.poll(open, { timeout: 60_000, interval: 200 }).toBe(halfOpen);
    await expectService(stage);
  });

  it('of 10,000 connections from one address leaves room for others where few files may be open, and says so', async () => {
    stage = await openStage([], { openFilesMax: 3000 });
    expect(stage.server.lastWords()).toContain('"openFiles":3000,"connections":2000');
    sockets.push(...(await openSilent(stage.server.sip, '127.0.0.2', halfOpen)));
    await expectService(stage);
  });

  it('of 10,000 connections to HTTP leaves SIP as it is', async () => {
    stage = await openStage();
    const { hostname, port } = new URL(stage.server.http);
    sockets.push(...(await openSilent({ host: hostname, port: Number(port) }, '127.0.0.2', halfOpen)));
    const phone = await stage.phone('john', { transport: 'tcp' });
    expect((await phone.register()).status).toBe(200);
    expect((await phone.request('MESSAGE', mary, plainText)).status).toBe(202);
  });
});

/** Somebody new comes over TCP and over UDP, signs in, and writes; somebody at the monitoring looks. */
async function expectService(on: Stage): Promise<void> {
  for (const transport of ['tcp', 'udp'] as const) {
    const phone = await on.phone('tom', { transport });
    expect((await phone.register()).status).toBe(200);
    expect((await phone.request('MESSAGE', mary, plainText)).status).toBe(202);
  }
  expect((await fetch(`${on.server.http}/healthz`)).status).toBe(200);
}

function nonsense(number: number, from: WireAddress): string {
  if (number % 3 === 0) return `\0\xff garbage ${number} `.repeat(20);
  const method = number % 3 === 1 ? 'MESSAGE' : 'REGISTER';
  return [
    `${method} sip:mary@localhost SIP/2.0`,
    `Via: SIP/2.0/UDP ${from.host}:${from.port};branch=z9hG4bKflood${number}`,
    'Max-Forwards: 70',
    `From: <sip:nobody${number}@localhost>;tag=${number}`,
    'To: <sip:mary@localhost>',
    `Call-ID: flood${number}`,
    `CSeq: 1 ${method}`,
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n');
}
