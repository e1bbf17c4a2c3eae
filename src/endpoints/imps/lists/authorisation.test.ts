import { beforeEach, describe, expect, it } from 'vitest';
import type { Primitive } from '../../../imps/primitives/primitive.ts';
import type { Address } from '../../../model/address.ts';
import type { LiveSession } from '../session/live-session.ts';
import type { ShownRequest } from '../session/session-details.ts';
import { askedListsMax, Authorisation, shownRequestsMax, watchersShownMax } from './authorisation.ts';

const mary = 'mary@example.com' as Address;
const watcherAt = (at: number): Address => `w${at}@example.com` as Address;
const many = (count: number): readonly Address[] => Array.from({ length: count }, (_, at) => watcherAt(at));

/** Answers everything it is asked at once. */
class AnsweringSession {
  readonly owner = mary;
  readonly terms = {};
  readonly details: { shownRequests?: readonly ShownRequest[] } = {};
  readonly asked: Primitive[] = [];

  offer(primitive: Primitive) {
    this.asked.push(primitive);
    return { end: Promise.resolve({ kind: 'answered', primitive }), stop: () => undefined };
  }

  get asLive(): LiveSession {
    return this as unknown as LiveSession;
  }
}

const decided = new Set<Address>();
const here: Address[] = [];
let session: AnsweringSession;
let kept = 0;
let authorisation: Authorisation;

beforeEach(() => {
  decided.clear();
  here.length = 0;
  kept = 0;
  session = new AnsweringSession();
  const rooms = {
    presence: {
      visibility: (_: Address, watcher: Address) => ({ handling: decided.has(watcher) ? 'allow' : 'confirm' }),
      rulesOf: () => [],
    },
    watchers: {
      watchersOf: () => here.map((address) => ({ address, status: 'active' })),
      pendingFor: () => here,
    },
    settings: { domains: ['example.com'], visibleByDefault: [] },
  };
  authorisation = new Authorisation(rooms as never, {
    of: () => [session.asLive],
    keep: async () => {
      kept += 1;
    },
  });
});

async function answered(name: string, value: unknown): Promise<Primitive> {
  const handlers = authorisation.handlers as Record<string, (request: unknown) => Promise<Primitive>>;
  const handler = handlers[name];
  if (handler === undefined) throw new Error(`nobody answers ${name}`);
  return handler({ session, value });
}

describe('an answer', () => {
  it.each([
    [watchersShownMax, undefined, watchersShownMax],
    [watchersShownMax + 1, undefined, watchersShownMax],
    [watchersShownMax + 1, watchersShownMax + 1, watchersShownMax],
    [3, 2, 2],
  ])('to GetWatcherList of %i watchers and at most %s names %i', async (count, maxWatcherList, shown) => {
    here.push(...many(count));
    const { value } = await answered('GetWatcherList-Request', { maxWatcherList });
    expect((value as { watchers: unknown[] }).watchers).toHaveLength(shown);
  });

  it.each([watchersShownMax, watchersShownMax + 1])(
    'to GetReactiveAuthStatus of %i names no more than there may be',
    async (count) => {
      here.push(...many(count));
      const { value } = await answered('GetReactiveAuthStatus-Request', { userIds: [] });
      expect((value as { list: { statuses: unknown[] } }).list.statuses).toHaveLength(watchersShownMax);
    },
  );
});

describe('a client', () => {
  it('remembers whom it was asked about up to a limit; the oldest may come again', async () => {
    for (const watcher of many(shownRequestsMax)) authorisation.ask(session.asLive, watcher);
    await Promise.resolve();
    authorisation.ask(session.asLive, watcherAt(0));
    expect([session.asked.length, kept]).toEqual([shownRequestsMax, shownRequestsMax]);
    authorisation.ask(session.asLive, watcherAt(shownRequestsMax));
    await Promise.resolve();
    authorisation.ask(session.asLive, watcherAt(1));
    expect(session.asked).toHaveLength(shownRequestsMax + 1);
    authorisation.ask(session.asLive, watcherAt(0));
    expect(session.asked).toHaveLength(shownRequestsMax + 2);
  });

  it('forgets whoever was decided about', async () => {
    authorisation.ask(session.asLive, watcherAt(1));
    await Promise.resolve();
    decided.add(watcherAt(1));
    authorisation.rulesChanged(mary);
    expect(session.details.shownRequests).toEqual([]);
    decided.clear();
    authorisation.ask(session.asLive, watcherAt(1), ['StatusText']);
    expect(session.asked.at(-1)?.value).toMatchObject({ subList: [{ name: 'StatusText' }] });
  });

  it('is shown what was asked for first, unless so many asked since then', async () => {
    const other = new AnsweringSession();
    for (const watcher of many(askedListsMax)) authorisation.ask(session.asLive, watcher, ['StatusMood']);
    authorisation.ask(other.asLive, watcherAt(0), ['StatusText']);
    expect(other.asked.at(-1)?.value).toMatchObject({ subList: [{ name: 'StatusMood' }] });
    authorisation.ask(session.asLive, watcherAt(askedListsMax), ['StatusMood']);
    const third = new AnsweringSession();
    authorisation.ask(third.asLive, watcherAt(0), ['StatusText']);
    expect(third.asked.at(-1)?.value).toMatchObject({ subList: [{ name: 'StatusText' }] });
  });
});
