import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { octets } from '../../src/msrp/leg/test-sides.ts';
import { lingerMsMax, quietMsMax, returnMsMax } from '../../src/sessions/conversation/conversation.ts';
import { unacknowledgedMax } from '../../src/sessions/conversation/passage.ts';
import { sessionsOfPrincipalMax } from '../../src/endpoints/sip/sessions/session-counts.ts';
import { ClientSession, type SessionClient } from './session-client.ts';
import { SessionWorld } from './session-world.ts';

let world: SessionWorld;
let tom: SessionClient;
let mary: SessionClient;

beforeEach(() => enter());

async function enter(flags: Readonly<Record<string, string>> = {}): Promise<void> {
  world = await SessionWorld.open(flags);
  tom = world.client('tom');
  mary = world.client('mary');
  await mary.register();
}

afterEach(async () => {
  await world.advance(1000);
  if (world.gauge('restante_conversations') > 0) await world.advance(2 * quietMsMax);
  world.nothingIsLeft();
});

async function pair(): Promise<{ ours: ClientSession; theirs: ClientSession }> {
  const ours = await tom.talk('mary');
  await world.advance(100);
  const [theirs] = mary.invites.slice(-1);
  if (theirs === undefined) throw new Error(`nobody was asked: ${ours.status}`);
  return { ours, theirs };
}

describe('two who talk', () => {
  it('hear each other, in order, and each other’s reports', async () => {
    const { ours, theirs } = await pair();
    const sent = ours.send('mmm1', 'one');
    ours.send('mmm2', octets(200_000));
    ours.send('mmm3', 'three');
    theirs.send('nnn1', 'hello');
    await world.advance(1000);
    expect(theirs.side.heard.filter((word) => word.startsWith('complete'))).toEqual([
      'complete mmm1 3',
      'complete mmm2 200000',
      'complete mmm3 5',
    ]);
    expect(ours.texts).toEqual(['hello']);
    expect([sent.ends, sent.reports]).toEqual([[{ kind: 'answered', answeredBytes: 3 }], []]);
    const head = theirs.side.heads.get('mmm1');
    if (head !== undefined) theirs.leg.report({ head, status: 200, range: { start: 1, end: 3, total: 3 } });
    await world.advance(100);
    expect(sent.reports).toEqual(['200 1-3/3']);
    ours.bye();
    await world.advance(1000);
    expect(theirs.byes).toEqual(['']);
  });

  it('are offered what the other takes, and get it in their own form', async () => {
    mary.wishes = { acceptTypes: 'message/cpim', acceptWrappedTypes: 'text/plain', maxSize: 10_000 };
    const ours = await tom.talk('mary', { acceptTypes: 'text/plain' });
    await world.advance(100);
    const [theirs] = mary.invites;
    expect(String(ours.answer?.body)).toContain('a=max-size:10000\r\n');
    ours.send('mmm1', 'hello');
    theirs?.send('nnn1', 'From: <sip:mary@localhost>\r\n\r\nContent-Type: text/plain\r\n\r\nhi', {
      contentType: 'message/cpim',
    });
    const other = ours.send('mmm2', 'x', { contentType: 'image/png' });
    const large = ours.send('mmm3', octets(10_001));
    await world.advance(1000);
    expect(theirs?.texts[0]).toMatch(/Content-Type: text\/plain\r\n\r\nhello$/);
    expect(ours.texts).toEqual(['hi']);
    expect([other.ends, large.ends]).toMatchObject([[{ status: 415 }], [{ status: 413 }]]);
    ours.bye();
  });

  it('wait while the other holds, and lose nothing', async () => {
    const { ours, theirs } = await pair();
    theirs.reoffer(theirs.sdp({ direction: 'sendonly', setup: 'active' }));
    await world.advance(100);
    const sent = ours.send('mmm1', 'one');
    await world.advance(20_000);
    expect([theirs.texts, sent.ends.length]).toEqual([[], 1]);
    theirs.reoffer(theirs.sdp({ direction: 'sendrecv', setup: 'active' }));
    await world.advance(100);
    expect(theirs.texts).toEqual(['one']);
    ours.bye();
  });

  it('may come back by another path, and are sent again what was under way', async () => {
    const { ours, theirs } = await pair();
    const moved = new ClientSession(mary, theirs.callId, theirs.local);
    let hasMoved = false;
    theirs.side.onOctets = () => {
      if (hasMoved) return;
      hasMoved = true;
      theirs.leg.close();
      const { remote, remoteUri, wishes } = theirs;
      Object.assign(moved, { remote, remoteUri, wishes, cseq: theirs.cseq + 1 });
      mary.sessions.set(theirs.callId, moved);
      mary.say('INVITE', moved, moved.sdp());
    };
    world.network.latencyMs = 50;
    ours.send('mmm1', octets(300_000));
    await world.advance(5000);
    expect(theirs.side.heard).not.toContain('complete mmm1 300000');
    expect(moved.side.heard).toContain('complete mmm1 300000');
    ours.bye();
  });

  it('that one vanishes from: what they did not get waits for them, and the other is told', async () => {
    const { ours, theirs } = await pair();
    mary.answer = 480;
    theirs.vanish();
    ours.send('mmm1', 'one');
    ours.send('mmm2', octets(100_000));
    await world.advance(returnMsMax + 1000);
    // What is small goes at once, to a client that takes messages.
    expect(mary.messages.map(({ body }) => String(body))).toEqual(['one']);
    expect(await world.kept('mary')).toMatchObject([{ bytes: 100_000, sender: 'tom@localhost' }]);
    expect(ours.byes).toEqual([expect.stringMatching(/cause=480.*2 messages are kept/)]);
  });

  it('that the server stops in the middle of: what was not acknowledged waits', async () => {
    const { ours, theirs } = await pair();
    theirs.leg.pause();
    world.network.latencyMs = 1000;
    ours.send('mmm1', octets(100_000));
    await world.advance(1500);
    world.network.latencyMs = 0;
    const stopping = world.server.stop();
    await world.advance(100);
    await stopping;
    expect(await world.kept('mary')).toMatchObject([{ bytes: 100_000 }]);
    expect(ours.byes).toEqual([expect.stringMatching(/the server stops; 1 message is kept/)]);
  });

  it('that one hangs up: what had come whole still goes', async () => {
    const { ours, theirs } = await pair();
    ours.send('mmm1', octets(200_000));
    await world.advance(0);
    await world.advance(0);
    ours.bye();
    await world.advance(lingerMsMax + 100);
    const isThere = theirs.side.heard.includes('complete mmm1 200000');
    const isKept = (await world.kept('mary')).length === 1;
    const wasHalf = !isThere && !isKept;
    expect([isThere && isKept, wasHalf && theirs.texts.length > 1]).toEqual([false, false]);
    expect(theirs.byes).toHaveLength(1);
  });

  it('that nobody says anything in is ended', async () => {
    const { ours, theirs } = await pair();
    for (let at = 0; at < quietMsMax + 1000; at += 600_000) await world.advance(600_000);
    expect([ours.byes.length, theirs.byes.length]).toEqual([1, 1]);
  });

  it('wait with one more than the other has acknowledged', async () => {
    const { ours, theirs } = await pair();
    for (const [, far] of world.network.pairs) far.pause();
    for (const [near] of world.network.pairs) void near;
    theirs.leg.pause();
    for (let at = 0; at < unacknowledgedMax + 5; at += 1) ours.send(`m${String(at).padStart(4, '0')}`, 'x');
    await world.advance(100);
    for (const [, far] of world.network.pairs) far.resume();
    theirs.leg.resume();
    await world.advance(1000);
    expect(theirs.side.heads.size).toBe(unacknowledgedMax + 5);
    ours.bye();
  });
});

describe('somebody', () => {
  it('who is away is not there', async () => {
    const session = await tom.talk('john');
    expect([session.status, session.answer?.header('Warning')]).toEqual([480, expect.stringContaining('away')]);
  });

  it('who is away has messages left for them, where the operator says so', async () => {
    await enter({ 'conversation-offline': 'leave-message' });
    const session = await tom.talk('john');
    expect(session.status).toBe(200);
    const sent = session.send('mmm1', 'one');
    session.send('mmm2', octets(100_000));
    await world.advance(1000);
    expect(sent.reports).toEqual(['200 1-3/3']);
    expect(await world.kept('john')).toMatchObject([{ bytes: 3 }, { bytes: 100_000 }]);
    session.bye();
  });

  it.each([
    [603, 603],
    [486, 486],
    [480, 480],
    [488, 488],
  ])('who says %i is answered for with %i', async (said, status) => {
    mary.answer = said;
    const session = await tom.talk('mary');
    await world.advance(100);
    expect(session.status).toBe(status);
  });

  it('has it on the first of several devices that answers', async () => {
    const other = world.client('mary', 2);
    await other.register();
    mary.answer = 0;
    const session = await tom.talk('mary');
    await world.advance(100);
    expect([session.status, other.invites.length, mary.invites.length]).toEqual([200, 1, 0]);
    session.bye();
  });

  it('may have so many sessions and no more', async () => {
    mary.answer = 0;
    for (let at = 0; at < sessionsOfPrincipalMax; at += 1) expect((await tom.talk('mary')).status).toBe(0);
    const session = await tom.talk('mary');
    expect([session.status, session.answer?.header('Retry-After')]).toEqual([480, '30']);
    await world.advance(130_000);
    mary.answer = 486;
    expect((await tom.talk('mary')).status).toBe(486);
  });

  it('cannot set a condition on it', async () => {
    const session = await tom.talk('mary', { rows: ['Deliver-When: online'] });
    expect(session.status).toBe(400);
  });
});
