/** Draws the messages that people write, proper ones and, in some worlds, ones that must be refused. */
import { type Letter, letterWords } from '../model/letter.ts';
import { drawWish } from '../model/making-wishes.ts';
import { sayWish } from '../model/wish.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { World } from './world.ts';

export function drawLetter(world: World, random: SeededRandom, sender: string, way: Letter['way'] = 'sip'): Letter {
  const number = world.books.letters.size + 1;
  const wall = world.time.wall();
  const wish = random.chance(world.plan.conditionPercent) ? drawWish(random, wall) : undefined;
  const lie = world.plan.hasLies && random.chance(15) ? random.pick(lies) : undefined;
  const content =
    lie?.body === undefined
      ? drawContent(random, number, { sender, way })
      : { type: plainTypes[way], body: lie.body, plain: lie.body };
  return {
    number,
    way,
    sender,
    recipient: lie?.recipient ?? random.pick(world.plan.people),
    wish: lie === undefined ? wish : undefined,
    condition: lie === undefined ? (wish === undefined ? undefined : sayWish(wish)) : lie.condition,
    validitySeconds: random.weighted<number | undefined>([
      [10, undefined],
      [1, 0],
      [3, 10 + random.below(50)],
      [3, 60 + random.below(600)],
      [1, 9_000_000],
    ]),
    contentType: content.type,
    body: content.body,
    plainBody: content.plain,
    key: way === 'http' ? drawKey(world, random, { number, sender }) : undefined,
    reports: way === 'http' && random.chance(50) ? random.pick(reportWishes) : [],
    callId: `call-${number}`,
    fromTag: `t${number}`,
    cseq: 1 + random.below(50),
    writtenAt:
      way === 'sip' && random.chance(20)
        ? Math.floor((wall - random.pick([0, 5000, 3_600_000, 2 * 86_400_000])) / 1000) * 1000
        : undefined,
    refusals: lie?.refusals ?? [],
  };
}

interface Content {
  readonly type: string;
  readonly body: string;
  readonly plain: string | undefined;
}

/** As each protocol says it of a text. */
const plainTypes = { sip: 'text/plain', http: 'text/plain;charset=UTF-8' } as const;

const reportWishes = [
  ['delivered', 'failed'],
  ['delivered', 'displayed'],
  ['stored', 'delivered', 'failed'],
  ['failed'],
  ['stored'],
] as const;

/** Now and then somebody names another message by the same key. */
function drawKey(
  { books }: World,
  random: SeededRandom,
  { number, sender }: Pick<Letter, 'number' | 'sender'>,
): string | undefined {
  const used = [...books.letters.values()].filter(({ key, sender: other }) => key !== undefined && other === sender);
  if (used.length > 0 && random.chance(8)) return random.pick(used).key;
  return random.chance(80) ? `key-${number}` : undefined;
}

interface Origin {
  readonly sender: string;
  readonly way: Letter['way'];
}

function drawContent(random: SeededRandom, number: number, { sender, way }: Origin): Content {
  const words = letterWords(number);
  const envelope = `From: <im:${sender}>\r\n\r\nContent-Type: text/plain\r\n\r\n${words}`;
  return random.weighted([
    [8, { type: plainTypes[way], body: words, plain: words }],
    [1, { type: 'text/html', body: `<p>${words}</p>`, plain: undefined }],
    [way === 'sip' ? 2 : 0, { type: 'message/cpim', body: envelope, plain: words }],
  ]);
}

interface Lie {
  readonly condition?: string;
  readonly recipient?: string;
  readonly body?: string;
  readonly refusals: readonly number[];
}

const lies: readonly Lie[] = [
  { condition: 'mood is is angry', refusals: [400] },
  { condition: 'weather is fine', refusals: [400, 403] },
  { condition: `(${'online and '.repeat(40)}online)`, refusals: [400] },
  { recipient: 'nobody@localhost', refusals: [404] },
  { recipient: 'tom@elsewhere.example', refusals: [404] },
  { body: 'x'.repeat(2049), refusals: [413] },
];
