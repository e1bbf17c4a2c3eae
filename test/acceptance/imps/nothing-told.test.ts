/**
 * Nothing tells the recipient of a condition: two servers on which the same happens, but for the sender, who sets a condition
 * that is unmet on one, and sends while the recipient is away on the other. What reaches the recipient is compared whole.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { outline, textAt, type CspNode } from '../../../src/cli/imps-phone/csp-node.ts';
import { type ImpsPhone, valued } from '../../../src/cli/imps-phone/imps-phone.ts';
import { openStage, startMsMax, type Stage } from '../stage.ts';
import { startPhone, withinMs } from './phones.ts';

const stages: Stage[] = [];

afterEach(async () => {
  for (const stage of stages.splice(0)) await stage.close();
}, startMsMax);

const ways = [
  { version: '1.1', syntax: 'xml', method: 'P' },
  { version: '1.2', syntax: 'wbxml', method: 'P' },
  { version: '1.2', syntax: 'xml', method: 'N' },
  { version: '1.3', syntax: 'wbxml', method: 'N' },
] as const;
type Way = (typeof ways)[number];
const texts = ['one', 'two', 'three'];

interface Told {
  /** What the server asked of the phone once it was there, in order, without ids and times. */
  readonly asked: readonly string[];
  /** What it answered, each kind once: how often a phone looks is its own affair. */
  readonly answered: readonly string[];
  readonly contents: readonly string[];
}

/** `isAway`: what makes the messages wait is that she is not there; else their condition. */
async function happen(way: Way, isAway: boolean): Promise<Told> {
  const stage = await openStage(['--visible-by-default', 'online,availability,mood', '--settle', '0']);
  stages.push(stage);
  const tom = await startPhone(stage, 'tom');
  const before = await startPhone(stage, 'mary', way);
  await before.show(valued('StatusMood', 'ANGRY'));
  if (isAway) await before.logout();
  const conditions = isAway ? [] : ['mood is happy'];
  for (const text of texts) {
    await tom.send({ to: 'mary@localhost', text, conditions });
    if (!isAway) await before.list();
  }
  if (!isAway) {
    await before.poll();
    if (before.asked.length > 0) throw new Error('something was told before its time');
    await before.logout();
  }
  const mary = await startPhone(stage, 'mary', way);
  await mary.show(valued('StatusMood', 'HAPPY'));
  const contents = await takeAll(mary, way.method);
  await mary.list();
  const heard = mary.line.replies.flatMap(({ transactions }) => transactions);
  const told = (mode: string): string[] =>
    heard.filter((each) => each.mode === mode).map(({ id, primitive }) => `${id.length} ${outline(blank(primitive))}`);
  return { asked: told('Request'), answered: [...new Set(told('Response'))].toSorted(byText), contents };
}

async function takeAll(mary: ImpsPhone, method: 'P' | 'N'): Promise<string[]> {
  const contents: string[] = [];
  while (contents.length < texts.length) {
    const told = await mary.next(method === 'P' ? 'NewMessage' : 'MessageNotification', withinMs);
    const id = textAt(told.primitive, 'MessageInfo/MessageID');
    contents.push(method === 'P' ? textAt(told.primitive, 'ContentData') : (await mary.get(id)).text('ContentData'));
  }
  return contents;
}

const ofTheMoment = /^(?:SessionID|MessageID|DateTime)$/;

/** Ids and times are others on every server, but no shorter and no longer; a validity ends on a whole second. */
function blank({ name, text, children }: CspNode): CspNode {
  if (name === 'Validity') return { name, text: String(Math.round(Number(text) / 10)), children };
  return { name, text: ofTheMoment.test(name) ? '-'.repeat(text.length) : text, children: children.map(blank) };
}

function byText(one: string, other: string): number {
  return one < other ? -1 : 1;
}

describe('what reaches a recipient', () => {
  it.each(ways)(
    'is the same whether a condition was unmet or nobody was there ($version, $syntax, $method)',
    async (way) => {
      const [away, unmet] = [await happen(way, true), await happen(way, false)];
      expect(unmet.contents).toEqual(texts);
      expect(unmet).toEqual(away);
      expect(JSON.stringify([unmet, away])).not.toMatch(/DeliveryCondition|mood is happy|condition|held/i);
    },
    4 * startMsMax,
  );
});
