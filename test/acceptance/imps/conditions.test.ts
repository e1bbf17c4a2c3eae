import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { node, textAt, type CspNode } from '../../../src/cli/imps-phone/csp-node.ts';
import { type ImpsPhone, valued } from '../../../src/cli/imps-phone/imps-phone.ts';
import { openStage, startMsMax, type Stage } from '../stage.ts';
import { codesOf, listedIds, startPhone, withinMs } from './phones.ts';

let stage: Stage;
let tom: ImpsPhone;
let mary: ImpsPhone;

beforeAll(async () => {
  stage = await openStage(['--visible-by-default', 'online,availability,mood', '--settle', '0']);
}, startMsMax);

beforeEach(async () => {
  tom = await startPhone(stage, 'tom');
  mary = await startPhone(stage, 'mary');
  await mary.show(valued('UserAvailability', 'NOT_AVAILABLE'), valued('StatusMood', 'ANGRY'));
});

/** Nothing that a test leaves behind waits in the next. */
afterEach(async () => {
  await mary.show(valued('UserAvailability', 'AVAILABLE'), valued('StatusMood', 'HAPPY'));
  for (const id of listedIds((await mary.list({ from: 'tom@localhost' })).primitive)) await mary.get(id);
  await tom.logout();
  await mary.logout();
});

afterAll(() => stage.close(), startMsMax);

const available = [valued('UserAvailability', 'AVAILABLE')];
const happy = [valued('StatusMood', 'HAPPY')];

describe.each([
  ['1.1', 'xml'],
  ['1.1', 'wbxml'],
  ['1.2', 'xml'],
  ['1.2', 'wbxml'],
  ['1.3', 'xml'],
  ['1.3', 'wbxml'],
] as const)('a condition in %s, %s', (version, syntax) => {
  it.each([
    ['text', 'availability is available'],
    ['wanted presence', available],
  ] as const)('as %s holds a message until it is met', async (_form, condition) => {
    const john = await startPhone(stage, 'john', { version, syntax });
    const sent = await john.send({ to: 'mary@localhost', text: 'held', conditions: [condition] });
    expect([...codesOf(sent.primitive), sent.words]).toEqual([202, expect.any(String)]);
    expect(listedIds((await mary.list()).primitive)).toEqual([]);
    await mary.poll();
    expect(mary.asked).toEqual([]);
    await mary.show(...available);
    expect(textAt((await mary.next('NewMessage', withinMs)).primitive, 'ContentData')).toBe('held');
    await john.logout();
  });

  it('that holds already holds up nothing', async () => {
    const john = await startPhone(stage, 'john', { version, syntax });
    const sending = john.send({ to: 'mary@localhost', text: 'at once', conditions: ['mood is angry'] });
    await mary.next('NewMessage', withinMs);
    expect([200, 202]).toContain((await sending).code);
    await john.logout();
  });

  it('is overridden by whoever is asked for by name', async () => {
    const john = await startPhone(stage, 'john', { version, syntax });
    await john.send({ to: 'mary@localhost', text: 'held', conditions: ['mood is happy'] });
    const asking = await startPhone(stage, 'mary', { version, syntax, clientId: `http://two.example/${version}` });
    expect(listedIds((await asking.list()).primitive)).toEqual([]);
    expect(listedIds((await asking.list({ from: 'tom@localhost' })).primitive)).toEqual([]);
    const [id = ''] = listedIds((await asking.list({ from: 'john@localhost' })).primitive);
    expect((await asking.get(id)).text('ContentData')).toBe('held');
    expect(listedIds((await asking.list({ from: 'john@localhost' })).primitive)).toEqual([]);
    await asking.logout();
    await john.logout();
  });
});

describe('a condition', () => {
  it('of several elements holds when all of them do', async () => {
    await tom.send({ to: 'mary@localhost', text: 'both', conditions: [available, happy] });
    await mary.show(...available);
    await mary.poll();
    expect(mary.asked).toEqual([]);
    await mary.show(...happy);
    await mary.next('NewMessage', withinMs);
  });

  it('of several attributes in one list holds when all of them do', async () => {
    await tom.send({ to: 'mary@localhost', text: 'both', conditions: [[...available, ...happy]] });
    await mary.show(...happy);
    await mary.poll();
    expect(mary.asked).toEqual([]);
    await mary.show(...available);
    await mary.next('NewMessage', withinMs);
  });

  it('for a change is met by the change', async () => {
    await tom.send({ to: 'mary@localhost', text: 'calm?', conditions: ['mood changes from angry'] });
    await mary.poll();
    expect(mary.asked).toEqual([]);
    await mary.show(valued('StatusMood', 'BORED'));
    await mary.next('NewMessage', withinMs);
  });

  it('is refused with the attribute that its sender may not see, and nobody is asked', async () => {
    const where = [valued('FreeTextLocation', 'home')];
    const both: readonly [string, string | readonly CspNode[]][] = [
      ['status-text', 'status-text is free'],
      ['x-location-text', where],
    ];
    for (const [name, condition] of both) {
      const sent = await tom.send({ to: 'mary@localhost', text: 'no', conditions: [condition] });
      const told = JSON.stringify([sent.words, sent.details]);
      expect([sent.code, told]).toEqual([534, expect.stringContaining(name)]);
      expect(sent.text('MessageID')).toBe('');
    }
    await mary.poll();
    expect(mary.asked).toEqual([]);
  });

  it.each([
    ['availability is', 402],
    ['availability is available and', 402],
    [' ', 402],
    ['x'.repeat(1025), 402],
    ['(((((((((online)))))))))', 402],
  ])('that reads %j is refused with %i and a position', async (condition, code) => {
    const sent = await tom.send({ to: 'mary@localhost', text: 'no', conditions: [condition] });
    expect([sent.code, /position \d+/.test(sent.words) || sent.words !== '']).toEqual([code, true]);
  });

  it('with an attribute that IMPS does not have, or a value, is refused', async () => {
    const unknown = await tom.send({ to: 'mary@localhost', text: 'no', conditions: [[valued('Weather', 'FINE')]] });
    expect([402, 750]).toContain(unknown.code);
    const value = [valued('UserAvailability', 'PERHAPS')];
    expect([402, 751]).toContain((await tom.send({ to: 'mary@localhost', text: 'no', conditions: [value] })).code);
  });

  it('of a message to several counts for each of them alone', async () => {
    const john = await startPhone(stage, 'john');
    await john.show(...available);
    const to = ['mary@localhost', 'john@localhost'];
    await tom.send({ to, text: 'when you can', conditions: ['availability is available'] });
    await john.next('NewMessage', withinMs);
    await mary.poll();
    expect(mary.asked).toEqual([]);
    await mary.show(...available);
    await mary.next('NewMessage', withinMs);
    await john.logout();
  });

  it('in an ExtBlock among blocks and elements of others is found', async () => {
    const id = tom.line.nextId();
    const info = node(
      'MessageInfo',
      node('ContentSize', 4),
      node('Recipient', node('User', node('UserID', 'wv:mary@localhost'))),
      node('Sender', node('User', node('UserID', 'wv:tom@localhost'))),
    );
    const request = node('SendMessage-Request', node('DeliveryReport', 'F'), info, node('ContentData', 'text'));
    const extension = [node('APIClient', '1'), node('DeliveryCondition', 'mood is happy'), node('X-More', node('X'))];
    expect((await tom.ask(request, { id, extension })).code).toBe(202);
    await mary.show(...happy);
    await mary.next('NewMessage', withinMs);
  });
});

describe('the override by the assistant', () => {
  it('gets what is held, for a phone that knows no extension', async () => {
    await tom.send({ to: 'mary@localhost', text: 'held for you', conditions: ['mood is happy'] });
    await mary.send({ to: 'inbox@localhost', text: 'get from tom' });
    await expect
      .poll(
        async () => {
          await mary.poll();
          return mary.asked.map(({ primitive }) => textAt(primitive, 'ContentData'));
        },
        { timeout: withinMs },
      )
      .toContain('held for you');
  });
});
