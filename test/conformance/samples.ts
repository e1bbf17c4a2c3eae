/** Values to store. Every address is new, so that tests which share stores do not meet. */
import type { Account } from '../../src/accounts/ports.ts';
import { assert } from '../../src/base/assert.ts';
import { systemIds } from '../../src/base/system-ids.ts';
import type { EntryEnd, MailboxEntry, MailboxStore, NewMailboxEntry, Quotas } from '../../src/delivery/ports.ts';
import type { Address } from '../../src/model/address.ts';
import { parseAddress } from '../../src/model/address.ts';
import type { InstantMessage } from '../../src/model/instant-message.ts';
import type { Publication, WaitingWatcher } from '../../src/presence/ports.ts';
import type { KeptSubscription } from '../../src/sip/event/ports.ts';
import type { Binding } from '../../src/sip/registrar/ports.ts';

export const start = Date.UTC(2026, 10, 21, 9, 0, 0);
export const hour = 60 * 60 * 1000;

export const generous: Quotas = {
  recipientMessages: 20_000,
  recipientBytes: 64 * 1024 * 1024,
  largeBytes: 16 * 64 * 1024 * 1024,
  pairMessages: 10_000,
  senderMessages: 100_000,
};

let people = 0;

export function someone(name: string): Address {
  people += 1;
  return address(`${name}-${people}@example.com`);
}

export function address(text: string): Address {
  const parsed = parseAddress(text);
  assert(parsed.ok, `${text} is an address`);
  return parsed.value;
}

export interface EntrySample extends Partial<Omit<NewMailboxEntry, 'message'>> {
  readonly sender?: Address;
  readonly recipient?: Address;
  readonly text?: string;
  readonly message?: Partial<InstantMessage>;
}

/** A plain text that waits for an hour, but for what `sample` says. */
export function newEntry(sample: EntrySample = {}): NewMailboxEntry {
  const { sender, recipient, text = 'Shall we meet at seven?', message, ...rest } = sample;
  return {
    id: systemIds.timeOrderedId(),
    message: {
      sender: sender ?? someone('tom'),
      recipient: recipient ?? someone('mary'),
      sentAt: start - 5,
      contentType: 'text/plain;charset=UTF-8',
      body: new TextEncoder().encode(text),
      origin: 'sip',
      reportsWanted: [],
      ...message,
    },
    acceptedAt: start,
    expiresAt: start + hour,
    state: 'waiting',
    attributes: [],
    latches: [],
    duplicateKeys: [],
    ...rest,
  };
}

/** The same, held until its recipient is available. */
export function heldEntry(sample: EntrySample = {}): NewMailboxEntry {
  const condition = 'availability is available';
  return newEntry({ state: 'held', condition, attributes: ['availability'], ...sample });
}

export async function putEntry(
  mailbox: MailboxStore,
  entry: NewMailboxEntry,
  quotas: Quotas = generous,
): Promise<MailboxEntry> {
  const outcome = await mailbox.put(entry, quotas);
  assert(outcome.kind === 'stored', `the entry was stored, not ${outcome.kind}`);
  return outcome.entry;
}

export function endOf(entry: NewMailboxEntry, state: EntryEnd['state'] = 'delivered', at = start + 1000): EntryEnd {
  return { id: entry.id, recipient: entry.message.recipient, state, at, step: { at, what: state } };
}

export function account(name: Address, sample: Partial<Account> = {}): Account {
  return {
    address: name,
    id: systemIds.timeOrderedId(),
    isOperator: false,
    passwords: { md5: 'a'.repeat(32), sha256: 'b'.repeat(64) },
    createdAt: start,
    ...sample,
  };
}

export function publication(presentity: Address, entityTag: string, sample: Partial<Publication> = {}): Publication {
  return {
    presentity,
    entityTag,
    expiresAt: start + hour,
    state: new Map([
      ['availability', ['available']],
      ['mood', ['happy', 'calm']],
    ]),
    namedAt: start,
    document: new TextEncoder().encode('<presence/>'),
    ...sample,
  };
}

export function binding(addressOfRecord: string, key: string, sample: Partial<Binding> = {}): Binding {
  return {
    addressOfRecord,
    key,
    contactUri: 'sip:mary@192.0.2.7:5062;transport=tcp',
    contactParameters: ';methods="MESSAGE,OPTIONS"',
    q: 0.5,
    callId: 'a84b4c76e66710@192.0.2.7',
    cseq: 1,
    path: [],
    flow: { transport: 'udp', remoteAddress: '192.0.2.7', remotePort: 5062 },
    takesMessage: true,
    expiresAt: start + hour,
    ...sample,
  };
}

export function subscription(id: string, sample: Partial<KeptSubscription> = {}): KeptSubscription {
  return {
    id,
    packageName: 'presence',
    resource: 'mary@example.com',
    subscriber: 'tom@example.com',
    event: 'presence',
    contentType: 'application/pidf+xml',
    dialog: {
      callId: 'f81d4fae',
      localTag: id,
      remoteTag: 'a6c85cf',
      localAddress: '<sip:mary@example.com>',
      remoteAddress: '"Tom" <sip:tom@example.com>',
      routes: [],
      remoteTarget: 'sip:tom@192.0.2.7',
    },
    flow: { transport: 'udp', remoteAddress: '192.0.2.7', remotePort: 5062 },
    subscribedAt: start,
    standing: 'active',
    wasPending: false,
    expiresAt: start + hour,
    remoteCSeq: 1,
    localCSeq: 0,
    ...sample,
  };
}

export function waitingWatcher(owner: Address, watcher: Address, sample: Partial<WaitingWatcher> = {}): WaitingWatcher {
  return { owner, watcher, id: `w-${watcher}`, since: start, endsAt: start + hour, ...sample };
}
