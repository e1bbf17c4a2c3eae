import { createSocket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import { NotInSessionError, SessionAgent, type SessionWishes, type StandingSession } from './session-agent.ts';

const toClose: { stop(): unknown }[] = [];

afterEach(async () => {
  for (const one of toClose.splice(0)) await one.stop();
});

/** Each is the other's server. */
async function pair(): Promise<{ tom: SessionAgent; mary: SessionAgent }> {
  const [tomPort, maryPort] = [await freeUdpPort(), await freeUdpPort()];
  const start = async (name: string, localPort: number, port: number): Promise<SessionAgent> => {
    const agent = await SessionAgent.start({
      server: { host: '127.0.0.1', port },
      address: `${name}@localhost`,
      localPort,
    });
    toClose.push(agent);
    return agent;
  };
  return { tom: await start('tom', tomPort, maryPort), mary: await start('mary', maryPort, tomPort) };
}

function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => {
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

async function talk(
  wishes: { readonly tom?: SessionWishes; readonly mary?: SessionWishes } = {},
): Promise<{ tom: StandingSession; mary: StandingSession }> {
  const agents = await pair();
  const taken = agents.mary.takeInvite(30_000, wishes.mary);
  const tom = await agents.tom.inviteForTalk('mary@localhost', wishes.tom);
  return { tom, mary: await taken };
}

describe('two agents', () => {
  it.each([
    ['the invited connects', 'active'],
    ['the inviting connects', 'passive'],
  ] as const)('talk both ways when %s', async (_who, setup) => {
    const { tom, mary } = await talk({ mary: { setup } });
    expect(tom.remote.setup).toBe(setup);
    const there = tom.msrp.send({ contentType: 'text/plain', body: 'hi 🙂', successReport: 'yes' });
    expect((await mary.msrp.nextMessage(30_000)).text).toBe('hi 🙂');
    expect(await there.finished).toBe(200);
    expect((await tom.msrp.nextReport(30_000)).header('Status')).toBe('000 200 OK');
    expect(there.reports).toHaveLength(1);
    const back = mary.msrp.send({ contentType: 'text/plain', body: 'hello', failureReport: 'no' });
    expect((await tom.msrp.nextMessage(30_000)).text).toBe('hello');
    expect(await back.finished).toBe(200);
    const byed = mary.dialog.byed;
    expect((await tom.dialog.bye()).status).toBe(200);
    expect((await byed).method).toBe('BYE');
  });

  it('send a message in chunks, and again with later octets, which win', async () => {
    const { tom, mary } = await talk();
    const body = Buffer.alloc(100_000, 'abcdefghijklm');
    const sent = tom.msrp.send({ contentType: 'a/b', body, chunkBytes: 3000, window: 2 });
    const got = await mary.msrp.nextMessage(30_000);
    expect(got.body.equals(body)).toBe(true);
    expect(got.heads).toHaveLength(34);
    expect(await sent.finished).toBe(200);
    const chunk = (range: string, text: string, flag: '+' | '$'): Promise<number> =>
      tom.msrp.ask(
        'SEND',
        [
          ['Message-ID', 'over'],
          ['Byte-Range', range],
          ['Content-Type', 'a/b'],
        ],
        Buffer.from(text),
        flag,
      );
    await chunk('7-9/9', 'ghi', '$');
    await chunk('1-3/9', 'abc', '+');
    expect(mary.msrp.messages).toHaveLength(1);
    await chunk('3-6/9', 'CDEF', '+');
    expect((await mary.msrp.nextMessage(30_000)).text).toBe('abCDEFghi');
  });

  it('stop at a refusal, and leave an unfinished message unfinished', async () => {
    const { tom, mary } = await talk();
    mary.msrp.answer = ({ range }) => ((range?.start ?? 1) > 6000 ? 413 : 200);
    const body = Buffer.alloc(50_000, 'x');
    const sent = tom.msrp.send({ contentType: 'a/b', body, chunkBytes: 3000, window: 1 });
    expect(await sent.finished).toBe(413);
    expect(sent.statuses).toEqual([200, 200, 413]);
    expect(mary.msrp.messages).toHaveLength(0);
    mary.msrp.answer = () => undefined;
    const unanswered = tom.msrp.send({ contentType: 'a/b', body: 'x', failureReport: 'partial' });
    expect(await unanswered.finished).toBe(200);
    tom.msrp.connection?.destroy();
    expect(await mary.msrp.ended).toBe('the connection closed');
  });

  it('refuse, ring, and take an INVITE back', async () => {
    const { tom, mary } = await pair();
    const refused = tom.invite('mary@localhost');
    (await mary.nextInvite(30_000)).reply(486);
    await expect(refused).rejects.toThrow(NotInSessionError);
    const { call } = tom.call('mary@localhost');
    const invite = await mary.nextInvite(30_000);
    invite.ring();
    expect((await call.nextProvisional(30_000)).status).toBe(180);
    expect((await call.cancel()).status).toBe(200);
    expect((await call.final).status).toBe(487);
    expect((await invite.cancelled).method).toBe('CANCEL');
    expect((await invite.acknowledged).method).toBe('ACK');
  });

  it('answer 481 to what is for no session of theirs', async () => {
    const { tom, mary } = await talk();
    tom.msrp.paths.remote = mary.msrp.paths.local.replace(/\/[^/;]+;/, '/somebody-elses;');
    expect(await tom.msrp.sendEmpty()).toBe(481);
  });
});
