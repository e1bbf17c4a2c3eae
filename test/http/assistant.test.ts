import { afterEach, describe, expect, it } from 'vitest';
import { StoreFault } from '../../src/base/store-fault.ts';
import { commandsMax, answerKeptMs } from '../../src/assistant/assistant.ts';
import { listedMax } from '../../src/assistant/acts/collecting.ts';
import { answerBytesMax } from '../../src/assistant/answer-text.ts';
import { conversationMs } from '../../src/assistant/conversation.ts';
import { HttpWorld, type Flags, type Listening } from './http-world.ts';

let world: HttpWorld;

async function open(flags: Flags = {}): Promise<void> {
  world = await HttpWorld.open(flags);
}

afterEach(() => world.close());

const post = (who: string, text: string, more: Readonly<Record<string, unknown>> = {}, key = '') =>
  world.call(who, 'POST', '/v1/messages', {
    body: { to: 'inbox@localhost', text, ...more },
    ...(key === '' ? {} : { headers: { 'idempotency-key': key } }),
  });

const acknowledge = (who: string, id: unknown) => world.call(who, 'POST', `/v1/inbox/${String(id)}/delivered`);

/** Says something; answers what the next message on the stream says, acknowledged. */
async function ask(who: string, stream: Listening, text: string): Promise<string> {
  expect((await post(who, text)).status).toBe(200);
  return (await take(who, stream)).text;
}

async function take(who: string, stream: Listening): Promise<{ from: string; text: string; deferred: boolean }> {
  const { id, from, text, deferred } = await stream.next('message');
  expect((await acknowledge(who, id)).status).toBe(204);
  return { from: String(from), text: String(text), deferred: deferred === true };
}

describe('the assistant over HTTP', () => {
  it('takes a command as delivered, and answers like anybody writes', async () => {
    await open();
    const stream = await world.listen('mary');
    const answer = await post('mary', 'list');
    expect([answer.status, answer.json['state']]).toEqual([200, 'delivered']);
    expect(await take('mary', stream)).toEqual({
      from: 'inbox@localhost',
      text: 'Nothing waits for you.',
      deferred: false,
    });
    expect((await world.call('mary', 'GET', '/v1/messages')).json['items']).toEqual([]);
  });

  it('sends what is asked for by number to a stream that gets nothing unasked', async () => {
    await open();
    await world.call('mary', 'PUT', '/v1/delivery', { body: { method: 'pull' } });
    const stream = await world.listen('mary');
    const sent = await world.send('tom', 'mary', 'hello', { reports: ['delivered'] });
    expect(await ask('mary', stream, 'list')).toMatch(
      /^Waiting for you:\n1\. tom, 21 Nov 09:00 UTC, text\/plain, 5 bytes\n/,
    );
    await post('mary', 'get 1');
    expect(await take('mary', stream)).toEqual({ from: 'tom@localhost', text: 'hello', deferred: true });
    expect((await take('mary', stream)).text).toBe('Sent you 1 message.');
    expect((await world.call('tom', 'GET', `/v1/messages/${sent}`)).json['state']).toBe('delivered');
    expect(await ask('mary', stream, 'delivery push')).toContain('each message is sent to them');
    const sending = world.send('tom', 'mary', 'again');
    expect((await take('mary', stream)).text).toBe('again');
    await sending;
  });

  it('answers who has no stream by an inbox that is looked into, for a while', async () => {
    await open();
    await post('mary', 'list');
    await world.settle();
    const inbox = async () => (await world.call('mary', 'GET', '/v1/inbox')).json['items'] as { id: string }[];
    const [item] = await inbox();
    expect(item).toMatchObject({ from: 'inbox@localhost', size: 22 });
    await world.time.advance(answerKeptMs);
    expect(await inbox()).toEqual([]);
  });

  it('asks the rooms that the calls ask: rules, requests, blocks, presence', async () => {
    await open();
    const stream = await world.listen('mary');
    await ask('mary', stream, 'allow tom mood');
    await ask('mary', stream, 'block john');
    await ask('mary', stream, 'mood happy');
    expect((await world.call('mary', 'GET', '/v1/rules')).json).toMatchObject([{ watchers: ['tom@localhost'] }]);
    expect((await world.call('mary', 'GET', '/v1/blocks')).json['items']).toEqual(['john@localhost']);
    expect((await world.call('tom', 'GET', '/v1/presence/mary@localhost')).json).toMatchObject({ mood: ['happy'] });
    await world.call('mary', 'PUT', '/v1/rules', { body: [{ watchers: '*', action: 'confirm' }] });
    await world.listen('peter', { query: '?presence=mary@localhost' });
    expect(await ask('mary', stream, 'who asks')).toBe('peter asks to see you.\nSay "confirm peter" or "deny peter".');
    expect(await ask('mary', stream, 'confirm peter')).toBe('peter may see: online, availability.');
    expect(await ask('mary', stream, 'who asks')).toBe('Nobody asks to see you.');
  });

  it('goes on with "more", within its limit of bytes, and does not lose its place', async () => {
    await open();
    await world.call('mary', 'PUT', '/v1/delivery', { body: { method: 'pull' } });
    const stream = await world.listen('mary');
    const count = 2 * listedMax + 1;
    for (let number = 1; number <= count; number += 1) {
      await world.send('tom', 'mary', `text ${number}`, { subject: `ünïcödé ${number}` });
    }
    const answers = [await ask('mary', stream, 'list')];
    while (!answers.at(-1)?.includes('There is no more.')) answers.push(await ask('mary', stream, 'more'));
    const numbers = answers.flatMap((text) => [...text.matchAll(/^(\d+)\. tom/gm)].map((match) => Number(match[1])));
    expect(numbers).toEqual(Array.from({ length: count }, (_, index) => index + 1));
    for (const text of answers) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(answerBytesMax);
    await post('mary', `get ${count}`);
    expect((await take('mary', stream)).text).toBe(`text ${count}`);
  });

  it('forgets numbers after an hour of silence', async () => {
    await open();
    const stream = await world.listen('tom');
    for (const [pause, answer] of [
      [conversationMs - 1, 'Number 1 is taken back.'],
      [
        conversationMs,
        'I do not know (any more) what number 1 of your outbox is. Say "outbox", and take the number from there.',
      ],
    ] as const) {
      expect(await ask('tom', stream, 'to mary: hello')).toContain('It is number 1 of your outbox');
      await world.time.advance(pause);
      expect(await ask('tom', stream, 'recall 1')).toBe(answer);
      await world.time.advance(conversationMs);
    }
  });

  it('takes so many commands in a minute, and no more', async () => {
    await open();
    const answers = [];
    for (let count = 0; count <= commandsMax; count += 1) answers.push((await post('mary', 'list')).status);
    expect(answers).toEqual([...Array.from({ length: commandsMax }, () => 200), 429]);
    expect((await post('tom', 'list')).status).toBe(200);
  });

  it('does what has the same Idempotency-Key once', async () => {
    await open();
    const stream = await world.listen('tom');
    const first = await post('tom', 'to mary: once', {}, 'k1');
    await take('tom', stream);
    const again = await post('tom', 'to mary: once', {}, 'k1');
    expect([again.status, again.json['id']]).toEqual([200, first.json['id']]);
    expect((await post('tom', 'to mary: twice', {}, 'k1')).status).toBe(409);
    expect(await ask('tom', stream, 'outbox')).toMatch(/^Sent by you and not delivered yet:\n1\. to mary, [^\n]*\nSay/);
  });

  it('waits for nothing, and keeps nobody else’s name', async () => {
    await open();
    const conditional = await post('tom', 'list', { deliverWhen: 'online' });
    expect([conditional.status, conditional.json['detail']]).toEqual([
      400,
      expect.stringContaining('when CONDITION to'),
    ]);
    const image = { to: 'inbox@localhost', contentType: 'image/png', body: 'AAAA' };
    expect((await world.call('tom', 'POST', '/v1/messages', { body: image })).status).toBe(422);
    const other = { to: 'inbox@elsewhere.example', text: 'list' };
    expect((await world.call('tom', 'POST', '/v1/messages', { body: other })).status).toBe(404);
    expect(
      (await world.call('tom', 'POST', '/v1/messages', { body: { ...other, to: 'deferred@localhost' } })).status,
    ).toBe(404);
  });

  it('says so when the store is in the way, and does it later', async () => {
    await open();
    const stream = await world.listen('tom');
    world.beforeCall = (name) => {
      if (name.startsWith('blocks.')) throw new StoreFault('gone', true);
    };
    expect(await ask('tom', stream, 'block john')).toBe(
      'I could not do that: the store cannot commit; try again in a moment.',
    );
    world.beforeCall = undefined;
    expect(await ask('tom', stream, 'block john')).toBe('You take nothing from john any more.');
  });

  it('tells in words what became of what was sent over HTTP too, but not what is reported anyway', async () => {
    await open();
    const stream = await world.listen('tom');
    await ask('tom', stream, 'reports on');
    await world.send('tom', 'mary', 'one');
    expect((await take('tom', stream)).text).toBe(
      'Your message to mary of 21 Nov 09:00 UTC is stored: it is delivered later.',
    );
    await world.send('tom', 'mary', 'two', { reports: ['stored'] });
    expect(await stream.next('report')).toMatchObject({ kind: 'stored' });
    expect(await ask('tom', stream, 'reports')).toBe('Reports are on.');
  });
});
