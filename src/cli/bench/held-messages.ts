/**
 * Fills a mailbox store before a server starts on it: for every user two messages that wait for two moods, and as many as
 * are wanted that wait for another attribute and must cost nothing when the mood changes.
 */
import { systemIds } from '../../base/system-ids.ts';
import { systemClock } from '../../base/time/system-time.ts';
import { assert } from '../../base/assert.ts';
import { parseCondition } from '../../conditions/parse-condition.ts';
import type { MailboxStore, NewMailboxEntry, Quotas } from '../../delivery/ports.ts';
import { parseAddress, type Address } from '../../model/address.ts';
import { bodyBytes, bodyMark, formatUserNumber, userOf } from './load/wire/request-texts.ts';

export interface HeldPlan {
  readonly domain: string;
  readonly users: number;
  /** Messages altogether, at least `heldPerUserMin` for each user. */
  readonly held: number;
}

/** Moods that release a user's first and second message. */
export const releasingMoods = ['happy', 'sad'] as const;
/** One that releases nothing. */
export const otherMood = 'calm';
/** One more than are released: where nothing is held any more there is nothing to look at. */
export const heldPerUserMin = releasingMoods.length + 1;

/** Rows that are on their way to the store at once. */
const batchMax = 2000;
const keptForMs = 7 * 86_400_000;
const releasing = releasingMoods.map((mood) => readCondition(`mood is ${mood}`));
const unmet = readCondition('place-type is home');

/** `progress` is called with the number that is stored. */
export async function fillHeldMessages(
  mailbox: MailboxStore,
  plan: HeldPlan,
  progress: (stored: number) => void,
): Promise<void> {
  const addresses = Array.from({ length: plan.users }, (_, user) => addressOf(user, plan.domain));
  const quotas: Quotas = {
    recipientMessages: plan.held * 2,
    recipientBytes: Number.MAX_SAFE_INTEGER,
    largeBytes: Number.MAX_SAFE_INTEGER,
    pairMessages: plan.held,
    senderMessages: plan.held,
  };
  for (let stored = 0; stored < plan.held;) {
    const count = Math.min(batchMax, plan.held - stored);
    const puts = Array.from({ length: count }, (_, at) => mailbox.put(makeEntry(stored + at, addresses), quotas));
    const outcomes = await Promise.all(puts);
    const refused = outcomes.find(({ kind }) => kind !== 'stored');
    assert(refused === undefined, `a held message is stored, not ${refused?.kind}`);
    stored += count;
    progress(stored);
  }
}

function makeEntry(number: number, addresses: readonly Address[]): NewMailboxEntry {
  const users = addresses.length;
  const recipient = addresses[number % users];
  const sender = addresses[(number + 1) % users];
  assert(recipient !== undefined && sender !== undefined, 'every user has an address');
  const round = Math.floor(number / users);
  const condition = releasing[round] ?? unmet;
  const acceptedAt = systemClock.wall();
  return {
    id: systemIds.timeOrderedId(),
    message: {
      sender,
      recipient,
      sentAt: acceptedAt,
      contentType: 'text/plain',
      body: bodyOf(number % users, round),
      origin: 'sip',
      reportsWanted: [],
    },
    acceptedAt,
    expiresAt: acceptedAt + keptForMs,
    state: 'held',
    condition: condition.text,
    attributes: condition.attributes,
    latches: [],
    duplicateKeys: [`bench ${number}`],
  };
}

function bodyOf(user: number, round: number): Uint8Array {
  const text = `${bodyMark}${formatUserNumber(user)} ${formatUserNumber(round)} `;
  return Buffer.from(text.padEnd(bodyBytes, '.'), 'latin1');
}

function addressOf(user: number, domain: string): Address {
  const address = parseAddress(`${userOf(formatUserNumber(user))}@${domain}`);
  assert(address.ok, 'users of the bench have addresses');
  return address.value;
}

function readCondition(text: string): { readonly text: string; readonly attributes: NewMailboxEntry['attributes'] } {
  const condition = parseCondition(text);
  assert(condition.ok, 'the conditions of the bench are well-formed');
  return condition.value;
}
