/**
 * tshark (Wireshark) looks over the shoulder of the server: its dissectors of SIP, SDP and MSRP must know every packet of a
 * conversation and of large messages, and find no fault in any.
 */
import { join } from 'node:path';
import type { SessionAgent } from '../../../src/cli/session-agent/session-agent.ts';
import { startCapture } from '../capture.ts';
import {
  expectSame,
  expectThat,
  patienceMs,
  startAgent,
  type InteropCase,
  type InteropWorld,
} from '../interop-case.ts';

/** Above the size at which a chunk fills more than a packet of loopback tshark sees only the first frame of a packet. */
const chunkBytes = 1500;

export const tsharkCases: readonly InteropCase[] = [
  {
    name: 'tshark: finds no fault in a conversation',
    tool: 'tshark',
    async play(world) {
      const capture = await startTalkCapture(world);
      const [tom, mary] = [await startAgent(world, 'tom'), await startAgent(world, 'mary')];
      await mary.register();
      const taken = mary.takeInvite(patienceMs);
      const there = await tom.inviteForTalk('mary@localhost');
      const here = await taken;
      for (const [from, to, body] of [
        [there, here, 'hello from tom'],
        [here, there, 'hello from mary'],
      ] as const) {
        const sent = from.msrp.send({ contentType: 'text/plain', body, successReport: 'yes' });
        expectSame('what came', (await to.msrp.nextMessage(patienceMs)).text, body);
        expectSame('response', await sent.finished, 200);
        await from.msrp.nextReport(patienceMs);
      }
      await there.dialog.bye();
      await here.dialog.byed;
      const seen = await capture.end(tom);
      expectCount(seen, 'SEND', 4);
      expectCount(seen, 'REPORT', 4);
    },
  },
  {
    name: 'tshark: finds no fault in a large message that is kept, and delivered later',
    tool: 'tshark',
    async play(world) {
      const capture = await startTalkCapture(world);
      const tom = await startAgent(world, 'tom');
      const there = await tom.inviteForLarge('mary@localhost');
      const body = Buffer.alloc(20_000, 'a row of a large message\r\n');
      const sent = there.msrp.send({ contentType: 'text/plain', body, chunkBytes, window: 1, successReport: 'yes' });
      expectSame('response', await sent.finished, 200);
      await there.msrp.nextReport(patienceMs);
      await there.dialog.bye();
      const mary = await startAgent(world, 'mary');
      const taken = mary.takeInvite(patienceMs);
      await mary.register();
      const here = await taken;
      expectThat((await here.msrp.nextMessage(patienceMs)).body.equals(body), 'other octets arrived');
      await here.dialog.byed;
      const seen = await capture.end(tom);
      expectCount(seen, 'SEND', 14);
      expectCount(seen, 'REPORT', 1);
    },
  },
];

/** Of each packet: what it is taken for, MSRP method and status, and whatever the dissectors complain of. */
interface Seen {
  readonly protocols: string;
  readonly method: string;
  readonly status: string;
  readonly complaints: string;
}

async function startTalkCapture(world: InteropWorld) {
  const [sip, msrp] = [world.server.port, world.msrp.port];
  // The agents listen too, but are connected to by nobody here.
  const capture = await startCapture(world, join(world.folder, 'talk.pcapng'), `port ${sip} or tcp port ${msrp}`);
  return {
    async end({ phone }: SessionAgent): Promise<readonly Seen[]> {
      await capture.end((mark) => phone.request('OPTIONS', 'sip:localhost', { headers: { Subject: mark } }));
      return dissect(world, capture.file);
    },
  };
}

const fields = [
  'frame.protocols',
  'msrp.method',
  'msrp.status.code',
  '_ws.malformed',
  'msrp.status.code.invalid',
  '_ws.expert.message',
];
/** What a busy machine does to TCP is no fault of what it carries, and a header of our own is none that tshark could know. */
const noFault = /^(?:TCP|This frame|Connection|A new tcp session|Unrecognised SIP header \(deferred-message\)$)/;

async function dissect({ server, msrp, start }: InteropWorld, file: string): Promise<readonly Seen[]> {
  const words = ['-r', file, '-d', `udp.port==${server.port},sip`, '-d', `tcp.port==${msrp.port},msrp`];
  words.push('-T', 'fields', '-E', 'separator=|', ...fields.flatMap((field) => ['-e', field]));
  words.push('-Y', 'udp.length > 8 or tcp.len > 0');
  const tshark = start('tshark', words);
  expectSame('tshark ended with', await tshark.ended, 0);
  const rows = tshark.output.split('\n').filter((row) => row.split('|').length === fields.length);
  const seen = rows.map((row): Seen => {
    const [protocols = '', method = '', status = '', malformed = '', invalid = '', expert = ''] = row.split('|');
    return { protocols, method, status, complaints: malformed + invalid + (noFault.test(expert) ? '' : expert) };
  });
  expectThat(seen.length > 0, `nothing was captured:\n${tshark.output}`);
  // A packet that is only the beginning of a frame is shown as TCP; the one that ends the frame has all of it.
  const unknown = seen.filter(({ protocols }) => !/:(?:sip|msrp)(?::|$)|:tcp$/.test(protocols));
  expectSame('packets that are no SIP and no MSRP to tshark', JSON.stringify(unknown), '[]');
  const faulty = seen.filter(({ complaints }) => complaints !== '');
  expectSame('packets that tshark complains of', JSON.stringify(faulty), '[]');
  return seen;
}

/** At least so many, since the server may cut messages into other chunks than their sender did. */
function expectCount(seen: readonly Seen[], method: string, least: number): void {
  const count = seen.filter((each) => each.method === method).length;
  expectThat(count >= least, `tshark saw ${count} ${method}, not ${least} or more`);
  expectThat(
    seen.some(({ status }) => status === '200'),
    'tshark saw no response 200',
  );
}
