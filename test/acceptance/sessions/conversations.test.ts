import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import {
  NotInSessionError,
  type SessionAgent,
  type SessionAgentOptions,
  type StandingSession,
} from '../../../src/cli/session-agent/session-agent.ts';
import { freePort } from '../../processes/free-port.ts';
import { openStage, startMsMax, type Stage } from '../stage.ts';
import { octets } from './octets.ts';

const withinMs = 60_000;
let stage: Stage;

afterEach(async () => {
  await stage.close();
}, startMsMax);

async function begin(
  tom: SessionAgent,
  mary: SessionAgent,
): Promise<{ there: StandingSession; here: StandingSession }> {
  await mary.register();
  const taken = mary.takeInvite(withinMs);
  const there = await tom.inviteForTalk('mary@localhost');
  return { there, here: await taken };
}

/** The status that is reported for it. */
async function say(from: StandingSession, to: StandingSession, body: string | Buffer): Promise<string | undefined> {
  const sent = from.msrp.send({ contentType: 'text/plain', body, successReport: 'yes' });
  const got = await to.msrp.nextMessage(withinMs);
  expect(got.body.equals(Buffer.from(body))).toBe(true);
  expect(await sent.finished).toBe(200);
  return (await from.msrp.nextReport(withinMs)).header('Status');
}

const tcp: Partial<SessionAgentOptions> = {};
const ws: Partial<SessionAgentOptions> = { msrp: 'ws' };

describe('a conversation', () => {
  it.each([
    ['TCP', 'TCP', tcp, tcp],
    ['TCP', 'WebSocket', tcp, ws],
    ['WebSocket', 'TCP', ws, tcp],
    ['WebSocket', 'WebSocket', ws, ws],
  ])(
    'goes both ways, %s to %s',
    async (_one, _other, ofTom, ofMary) => {
      stage = await openStage();
      const viaHttp = { host: '127.0.0.1', port: Number(new URL(stage.server.http).port) };
      const sip = (options: Partial<SessionAgentOptions>): Partial<SessionAgentOptions> =>
        options.msrp === 'ws' ? { ...options, transport: 'ws', server: viaHttp } : options;
      const { there, here } = await begin(await stage.agent('tom', sip(ofTom)), await stage.agent('mary', sip(ofMary)));
      expect(await say(there, here, 'hello from tom')).toBe('000 200 OK');
      expect(await say(here, there, 'hello from mary ☺')).toBe('000 200 OK');
      expect(await say(there, here, octets(200_000))).toBe('000 200 OK');
      await there.dialog.bye();
      await here.dialog.byed;
    },
    startMsMax,
  );

  it(
    'goes both ways over TLS, begun by either, with a client of plain TCP on the other side',
    async () => {
      const [msrps, sips] = [await freePort(), await freePort()];
      const path = (kind: string): string =>
        fileURLToPath(new URL(`../../transports/certificates/localhost.${kind}.pem`, import.meta.url));
      const flags = ['--msrps', `127.0.0.1:${msrps}`, '--sips', `127.0.0.1:${sips}`];
      stage = await openStage([...flags, '--tls-cert', path('cert'), '--tls-key', path('key')]);
      const server = { host: '127.0.0.1', port: sips, ca: readFileSync(path('cert'), 'utf8') };
      const tom = await stage.agent('tom', { msrp: 'tls', transport: 'tls', server });
      const mary = await stage.agent('mary');
      const { there, here } = await begin(tom, mary);
      expect(there.remote).toMatchObject({ protocol: 'TCP/TLS/MSRP', path: expect.stringMatching(/^msrps:/) });
      expect(await say(there, here, 'hello from tom')).toBe('000 200 OK');
      expect(await say(here, there, 'hello from mary ☺')).toBe('000 200 OK');
      await there.dialog.bye();
      await tom.register();
      const taken = tom.takeInvite(withinMs);
      const back = await mary.inviteForTalk('tom@localhost');
      const other = await taken;
      expect(other.remote.protocol).toBe('TCP/TLS/MSRP');
      expect(await say(back, other, 'and the other way round')).toBe('000 200 OK');
    },
    startMsMax,
  );

  it(
    'is 480 with somebody away, or answered and kept as messages where the operator says so',
    async () => {
      stage = await openStage();
      const tom = await stage.agent('tom');
      const fault = await tom.inviteForTalk('mary@localhost').catch((error: unknown) => error);
      expect(fault).toBeInstanceOf(NotInSessionError);
      expect(fault).toMatchObject({ answer: { status: 480 } });
      await stage.close();
      stage = await openStage(['--conversation-offline', 'leave-message']);
      const john = await stage.agent('john');
      const session = await john.inviteForTalk('mary@localhost');
      for (const body of ['first words', 'second words']) {
        const sent = session.msrp.send({ contentType: 'text/plain', body, successReport: 'yes' });
        expect(await sent.finished).toBe(200);
        await session.msrp.nextReport(withinMs);
      }
      await session.dialog.bye();
      const mary = await stage.phone('mary');
      await mary.register();
      expect((await mary.nextMessage(withinMs)).text).toBe('first words');
      expect((await mary.nextMessage(withinMs)).text).toBe('second words');
    },
    2 * startMsMax,
  );

  it(
    'that one side vanishes from leaves what was not acknowledged as messages, and the other is told',
    async () => {
      stage = await openStage();
      const [tom, mary] = [await stage.agent('tom'), await stage.agent('mary')];
      const { there, here } = await begin(tom, mary);
      expect(await say(there, here, 'this one came')).toBe('000 200 OK');
      here.msrp.answer = () => undefined;
      here.msrp.mayReport = false;
      here.msrp.connection?.pause();
      const sent = there.msrp.send({ contentType: 'text/plain', body: 'this one did not' });
      await sent.finished;
      const byed = there.dialog.byed;
      here.msrp.connection?.destroy();
      await mary.stop();
      await byed;
      const again = await stage.phone('mary');
      await again.register();
      expect((await again.nextMessage(withinMs)).text).toBe('this one did not');
      expect(again.messages).toHaveLength(1);
    },
    2 * startMsMax,
  );
});
