/** Messages whose bodies are kept apart: from the first question about one to the removal of what it left. */
import { beforeEach, describe, expect, it } from 'vitest';
import { StoreFault } from '../../src/base/store-fault.ts';
import type { Submission, SubmissionHead } from '../../src/delivery/submission.ts';
import { inlineBytesMax } from '../../src/model/instant-message.ts';
import { Client, john, mary, policy, Rig, type RigOptions, tom } from './delivery-rig.ts';

const told = { kind: 'announced' } as const;
const refusal = { kind: 'refused', status: 'sip 603 Decline' } as const;
const rest = { isTrusted: false, isTransient: false } as const;
let keys = 0;

function headFrom(more: Partial<SubmissionHead> = {}): SubmissionHead {
  const message = {
    sender: tom,
    recipient: mary,
    sentAt: 0,
    contentType: 'image/png',
    origin: 'sip' as const,
    reportsWanted: [],
  };
  return { message, bytes: 200_000, duplicateKeys: [`large ${(keys += 1)}`], ...rest, ...more };
}

/** A body in the blob store, as an endpoint leaves it, and the message that comes with it. */
async function submit(rig: Rig, bytes: number, more: Partial<SubmissionHead> = {}) {
  const writer = await rig.stores.blobs.create();
  await writer.write(new Uint8Array(bytes).fill(7), 0);
  await writer.sync();
  const { bytes: _, ...head } = headFrom(more);
  const message = { ...head.message, body: new Uint8Array(), large: { blob: writer.name, bytes } };
  const submission: Submission = { keepFirst: { waitMs: 0 }, ...head, message };
  const outcome = rig.service.submit(submission);
  await rig.time.advance(1);
  return outcome;
}

function blobsOf(rig: Rig): number {
  return rig.stores.state.blobs.size;
}

async function acceptedId(outcome: ReturnType<typeof submit>): Promise<string> {
  const { kind, ...answer } = await outcome;
  if (kind !== 'accepted' || !('id' in answer)) throw new Error(kind);
  return answer.id;
}

let rig: Rig;
const start = async (options: RigOptions = {}): Promise<Rig> => (rig = await Rig.start(options));

describe('a body that is kept apart', () => {
  beforeEach(() => start());

  it('stays until its message ends, whichever way, and goes then', async () => {
    const ways: ((id: string) => unknown)[] = [
      (id) => rig.service.secondThoughts.recall(tom, id),
      (id) => rig.service.inbox.take(mary, id),
      (id) => rig.service.inbox.reject(mary, id),
      (id) => rig.service.operator.purge(id, { operator: john, reason: 'test' }),
      () => rig.time.advance(policy.validityMaxMs + 1),
    ];
    for (const end of ways) {
      const id = await acceptedId(submit(rig, 200_000));
      expect(await rig.stores.mailbox.find(mary, id)).toMatchObject({ message: { large: { bytes: 200_000 } } });
      expect(blobsOf(rig)).toBe(1);
      await end(id);
      await rig.time.settle();
      expect([blobsOf(rig), (await rig.stores.mailbox.story(id))?.summary.bytes]).toEqual([0, 200_000]);
    }
  });

  it('goes with the account of its recipient', async () => {
    await submit(rig, 200_000);
    await rig.service.principalRemoved(mary);
    await rig.time.settle();
    expect(blobsOf(rig)).toBe(0);
  });

  it('is read by its recipient piece by piece', async () => {
    const id = await acceptedId(submit(rig, 200_000));
    const opened = await rig.service.inbox.open(mary, id);
    expect([opened?.content.bytes, (await opened?.content.read(199_990, 100))?.length]).toEqual([200_000, 10]);
    expect((await rig.service.inbox.read(mary, id))?.message.body.length).toBe(0);
  });

  it('goes where its message is refused, repeated, or is handed in twice at once', async () => {
    rig.blocked.add(`${mary} ${tom}`);
    expect(await submit(rig, 200_000)).toMatchObject({ refusal: { reason: 'blocked' } });
    rig.blocked.clear();
    const same = { duplicateKeys: ['one'] };
    const [first, second] = await Promise.all([submit(rig, 200_000, same), submit(rig, 200_000, same)]);
    expect(second).toEqual(first);
    expect(await submit(rig, 200_000, same)).toMatchObject({ id: await acceptedId(Promise.resolve(first)) });
    await rig.time.settle();
    expect(blobsOf(rig)).toBe(1);
  });

  it('is too large at one octet more than it may be', async () => {
    await start({ policy: { largeBytesMax: 200_000 } });
    expect(await submit(rig, 200_000)).toMatchObject({ kind: 'accepted' });
    expect(await submit(rig, 200_001)).toMatchObject({ refusal: { reason: 'too-large', bytesMax: 200_000 } });
  });
});

describe('a store that fails', () => {
  it('loses no body that a row names, and keeps none for longer that no row names', async () => {
    let failing: string | undefined;
    await start({
      beforeCall: (name) => {
        if (name === failing) throw new StoreFault('full', true);
      },
    });
    failing = 'mailbox.put';
    expect(await submit(rig, 200_000)).toMatchObject({ refusal: { reason: 'store-unavailable' } });
    await rig.time.settle();
    expect(blobsOf(rig)).toBe(0);
    failing = undefined;
    const id = await acceptedId(submit(rig, 200_000));
    failing = 'blobs.remove';
    await rig.service.inbox.take(mary, id);
    await rig.time.advance(30_000);
    expect(blobsOf(rig)).toBe(1);
    failing = undefined;
    await rig.time.advance(1000);
    expect(blobsOf(rig)).toBe(0);
  });

  it('that is killed between the end and the removal leaves what the next start sweeps', async () => {
    let isLast = false;
    await start({ beforeCall: (name) => (isLast && name === 'blobs.remove' ? new Promise(() => {}) : undefined) });
    const id = await acceptedId(submit(rig, 200_000));
    await submit(rig, 100_000);
    isLast = true;
    await rig.service.inbox.take(mary, id);
    const again = await rig.restart();
    expect([...again.stores.state.blobs.values()].map((body) => body.length)).toEqual([100_000]);
  });

  it('that lost a body sets its message aside and goes on with the others', async () => {
    await start({ policy: { bodyBytesMax: 1 << 20 } });
    const big = await acceptedId(rig.send('x'.repeat(inlineBytesMax + 1)));
    await rig.send('small');
    rig.stores.state.blobs.clear();
    const client = rig.up(new Client('phone'));
    await rig.time.advance(1000);
    expect(client.texts).toEqual(['small']);
    expect(await rig.stores.mailbox.find(mary, big)).toMatchObject({ isAside: true });
  });
});

describe('a pager message that is too long for its row', () => {
  beforeEach(() => start({ policy: { bodyBytesMax: 1 << 20 } }));

  it.each([
    [inlineBytesMax, 0],
    [inlineBytesMax + 1, 1],
  ])('of %i octets leaves %i bodies apart, and is delivered as it came', async (length, apart) => {
    const text = 'a'.repeat(length);
    await rig.send(text);
    expect(blobsOf(rig)).toBe(apart);
    const client = rig.up(new Client('phone'));
    await rig.time.advance(100);
    expect(client.texts.map((each) => each === text)).toEqual([true]);
    expect(client.received[0]?.message.large).toBeUndefined();
    expect(blobsOf(rig)).toBe(0);
  });

  it('that finds no room, or is known already, leaves nothing apart', async () => {
    const quotas = { ...policy.quotas, largeBytes: 100_000 };
    await start({ policy: { bodyBytesMax: 1 << 20, quotas } });
    const text = 'c'.repeat(70_000);
    expect(await rig.send(text, { duplicateKeys: ['c'] })).toMatchObject({ kind: 'accepted' });
    expect(await rig.send(text)).toMatchObject({ refusal: { reason: 'offline-space-full' } });
    expect(await rig.send(text, { duplicateKeys: ['c'] })).toMatchObject({ kind: 'accepted' });
    await rig.time.settle();
    expect(blobsOf(rig)).toBe(1);
  });

  it('is fetched and handed out as it came, held or not', async () => {
    const text = 'b'.repeat(100_000);
    const id = await acceptedId(rig.send(text, { condition: 'mood is happy' }));
    expect((await rig.service.inbox.read(mary, id))?.message.body.length).toBe(100_000);
    const client = rig.up(new Client('phone'));
    expect(await rig.service.handOuts.hand(mary, id, ['phone'])).toEqual({ kind: 'taken' });
    expect(client.texts).toEqual([text]);
  });
});

describe('a client that takes no large message', () => {
  beforeEach(() => start());

  it('is told once of each, also over a restart, while the message waits on', async () => {
    const client = rig.up(new Client('phone', { reply: told }));
    const id = await acceptedId(submit(rig, 200_000));
    await rig.time.advance(3_600_000);
    expect(client.received.map(({ message }) => message.large?.bytes)).toEqual([200_000]);
    const again = await rig.restart({ restored: [client] });
    await again.time.advance(3_600_000);
    expect([client.received.length, await again.stateOf(id)]).toEqual([1, 'waiting']);
    const other = again.up(new Client('tablet', { reply: told }));
    await again.time.advance(100);
    expect([client.received.length, other.received.length]).toEqual([1, 1]);
    expect(await again.service.inbox.take(mary, id)).toEqual({ kind: 'done' });
  });

  it('and others that refuse it for good let it wait, whoever was first; refused by all it fails', async () => {
    for (const replies of [
      [told, refusal],
      [refusal, told],
    ]) {
      await start();
      for (const [at, reply] of replies.entries()) rig.up(new Client(`c${at}`, { priority: 1 - at / 2, reply }));
      const id = await acceptedId(submit(rig, 200_000));
      await rig.time.advance(100);
      expect(await rig.stateOf(id)).toBe('waiting');
    }
    await start();
    rig.up(new Client('phone', { reply: refusal }));
    const id = await acceptedId(submit(rig, 200_000));
    await rig.time.advance(100);
    expect(await rig.stateOf(id)).toBe('failed');
  });

  it('hears of it again when it asks, and gets what comes later', async () => {
    const client = rig.up(
      new Client('phone', { reply: ({ message }) => (message.large ? told : { kind: 'delivered' }) }),
    );
    const id = await acceptedId(submit(rig, 200_000));
    await rig.time.advance(100);
    expect(await rig.service.handOuts.hand(mary, id, ['phone'])).toEqual({ kind: 'announced' });
    expect(await rig.service.handOuts.hand(mary, id, ['phone'])).toEqual({ kind: 'announced' });
    expect((await rig.stores.mailbox.find(mary, id))?.refusedBy).toHaveLength(1);
    const later = rig.send('later');
    await rig.time.advance(10);
    expect(await later).toMatchObject({ kind: 'delivered' });
    expect(client.received).toHaveLength(4);
  });
});

describe('the quota of large bodies', () => {
  const quotas = { recipientMessages: 9, recipientBytes: 10, largeBytes: 400_000, pairMessages: 9, senderMessages: 9 };
  const full = { refusal: { reason: 'offline-space-full' } };

  it('is their own, and half of it may be held', async () => {
    await start({ policy: { quotas } });
    expect(await submit(rig, 200_000, { condition: 'mood is happy' })).toMatchObject({ state: 'held' });
    expect(await submit(rig, 1, { condition: 'mood is happy' })).toMatchObject(full);
    expect(await submit(rig, 200_000)).toMatchObject({ state: 'waiting' });
    expect(await submit(rig, 1)).toMatchObject(full);
    expect(await rig.send('0123456789')).toMatchObject({ kind: 'accepted' });
    expect(await rig.send('0')).toMatchObject(full);
    await rig.time.settle();
    expect(blobsOf(rig)).toBe(2);
  });

  it('counts them among the messages', async () => {
    await start({ policy: { quotas: { ...quotas, recipientMessages: 1 } } });
    expect(await submit(rig, 1)).toMatchObject({ kind: 'accepted' });
    expect(await rig.send('')).toMatchObject(full);
  });
});

describe('a message that is asked about before its body comes', () => {
  beforeEach(() => start());

  it('would be kept for whoever is away, held where its condition says so, and go to whoever is there', async () => {
    expect(await rig.service.prepare(headFrom())).toMatchObject({ kind: 'keep', state: 'waiting' });
    const condition = 'mood is happy';
    expect(await rig.service.prepare(headFrom({ condition }))).toMatchObject({ kind: 'keep', state: 'held' });
    rig.up(new Client('phone'));
    expect(await rig.service.prepare(headFrom())).toMatchObject({ kind: 'relay' });
    expect(await rig.service.prepare(headFrom({ condition }))).toMatchObject({ kind: 'keep', state: 'held' });
    expect(rig.stores.state.entries.size).toBe(0);
  });

  it('does not overtake what its sender wrote before, and overtakes what every client is done with', async () => {
    const client = rig.up(new Client('phone').silent());
    void rig.send('earlier');
    await rig.time.settle();
    expect(await rig.service.prepare(headFrom())).toMatchObject({ kind: 'keep' });
    client.answer({ kind: 'delivered' });
    await rig.time.settle();
    client.reply = told;
    await submit(rig, 200_000);
    await rig.time.settle();
    expect(await rig.service.prepare(headFrom())).toMatchObject({ kind: 'relay' });
  });

  it.each<[string, Partial<SubmissionHead>, object]>([
    ['condition', { condition: 'mood is' }, { reason: 'malformed-condition' }],
    ['size', { bytes: policy.largeBytesMax + 1 }, { reason: 'too-large' }],
    ['recipient', { message: { ...headFrom().message, recipient: john } }, { reason: 'unknown-recipient' }],
    ['attribute', { condition: 'sphere is work' }, { reason: 'attribute-not-authorised' }],
    ['quota', { bytes: 90 << 20 }, { reason: 'offline-space-full' }],
    ['validity', { validityMs: 0 }, { reason: 'not-stored' }],
  ])('is refused for its %s', async (_what, head, reason) => {
    await start({ policy: { quotas: { ...policy.quotas, largeBytes: 80 << 20 } } });
    rig.unknown.add(john);
    rig.hidden.add(`${tom} sphere`);
    expect(await rig.service.prepare(headFrom(head))).toMatchObject({ kind: 'refused', refusal: reason });
    expect(await rig.service.prepare(headFrom())).toMatchObject({ kind: 'keep' });
  });

  it('is refused to whom its recipient blocked', async () => {
    rig.blocked.add(`${mary} ${tom}`);
    expect(await rig.service.prepare(headFrom())).toMatchObject({ refusal: { reason: 'blocked' } });
  });

  it('keeps the id and the time that it was given, and is counted once', async () => {
    await start({ policy: { rate: { requests: 1, perMs: 1000 } } });
    const preparation = await rig.service.prepare(headFrom());
    if (preparation.kind !== 'keep') throw new Error(preparation.kind);
    const { prepared } = preparation;
    const { id, acceptedAt } = prepared;
    expect(await submit(rig, 200_000, { prepared })).toMatchObject({ id, acceptedAt, kind: 'accepted' });
    expect(await rig.service.prepare(headFrom())).toMatchObject({ refusal: { reason: 'too-many-requests' } });
  });

  it('is known again, whether it was kept or went through its own session', async () => {
    const duplicateKeys = ['again'];
    const kept = await submit(rig, 200_000, { duplicateKeys });
    expect(await rig.service.prepare(headFrom({ duplicateKeys }))).toEqual({ kind: 'repeated', outcome: kept });
    rig.up(new Client('phone', { reply: told }));
    await rig.time.settle();
    const head = headFrom({ duplicateKeys: ['through'] });
    const preparation = await rig.service.prepare(head);
    if (preparation.kind !== 'relay') throw new Error(preparation.kind);
    const message = { ...head.message, body: new Uint8Array(), reportsWanted: ['delivered' as const] };
    const outcome = rig.service.relayed({ ...head, message, prepared: preparation.prepared }, false);
    expect(outcome).toEqual({
      kind: 'delivered',
      id: preparation.prepared.id,
      expiresAt: preparation.prepared.expiresAt,
    });
    expect(await rig.service.prepare(head)).toMatchObject({ kind: 'repeated', outcome: { kind: 'delivered' } });
    await rig.time.settle();
    const reports = await rig.stores.reports.reports({ owner: tom, protocol: 'sip', limit: 9 });
    expect(reports.map(({ kind, messageId }) => [kind, messageId])).toEqual([['delivered', preparation.prepared.id]]);
    expect(rig.stores.state.entries.size).toBe(1);
  });
});
