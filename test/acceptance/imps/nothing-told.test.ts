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
  /** Every document that the phone got once it was there, without ids and times. */
  readonly documents: readonly string[];
  readonly sizes: readonly number[];
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
  const replies = mary.line.replies.filter(({ document }) => document !== undefined);
  return {
    documents: sorted(replies.map(({ document }) => (document === undefined ? '' : outline(blank(document))))),
    sizes: sorted(replies.flatMap(({ document, octets }) => (isTelling(document) ? [octets.length] : []))),
    contents,
  };
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

function isTelling(document: CspNode | undefined): boolean {
  return document !== undefined && /NewMessage|MessageNotification|GetMessage/.test(outline(document));
}

const ofTheMoment = /^(?:SessionID|TransactionID|MessageID|DateTime|Validity|Poll)$/;

/** Ids and times are others on every server. */
function blank({ name, text, children }: CspNode): CspNode {
  return { name, text: ofTheMoment.test(name) ? name : text, children: children.map(blank) };
}

function sorted<T extends string | number>(all: readonly T[]): T[] {
  return all.toSorted((one, other) => (one < other ? -1 : one > other ? 1 : 0));
}

describe('what reaches a recipient', () => {
  it.each(ways)(
    'is the same whether a condition was unmet or nobody was there ($version, $syntax, $method)',
    async (way) => {
      const [away, unmet] = [await happen(way, true), await happen(way, false)];
      expect(unmet.contents).toEqual(texts);
      expect(unmet.contents).toEqual(away.contents);
      expect(new Set(unmet.documents)).toEqual(new Set(away.documents));
      expect(new Set(unmet.sizes)).toEqual(new Set(away.sizes));
      const all = [...unmet.documents, ...away.documents].join('\n');
      expect(all).not.toMatch(/DeliveryCondition|mood is happy|condition|held/i);
    },
    4 * startMsMax,
  );
});
