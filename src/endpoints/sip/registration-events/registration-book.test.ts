import { describe, expect, it } from 'vitest';
import type { Address } from '../../../model/address.ts';
import type { BindingsChange } from '../../../sip/registrar/location-service.ts';
import type { Binding, Flow } from '../../../sip/registrar/ports.ts';
import { goneContactsMax, RegistrationBook } from './registration-book.ts';

const mary = 'mary@localhost' as Address;
const flow: Flow = { transport: 'udp', remoteAddress: '192.0.2.1', remotePort: 5060 };
const start = 1_796_000_000_000;

function bindingOf(key: string, changes: Partial<Binding> = {}): Binding {
  return {
    addressOfRecord: mary,
    key,
    contactUri: key,
    contactParameters: '',
    q: 1,
    callId: 'c',
    cseq: 1,
    path: [],
    flow,
    takesMessage: true,
    expiresAt: start + 600_000,
    ...changes,
  };
}

/** A registrar of one address, whose changes are told to the book. */
function createSite() {
  let bindings: readonly Binding[] = [];
  let now = start;
  const clock = { wall: () => now, monotonic: () => now };
  const book = new RegistrationBook({ clock, bindingsOf: () => bindings });
  const change = (cause: BindingsChange['cause'], keys: readonly string[], after: readonly Binding[]): void => {
    const before = bindings;
    bindings = after;
    book.changed({ addressOfRecord: mary, before, after, cause, keys });
  };
  return {
    book,
    pass: (ms: number) => (now += ms),
    put: (cause: 'registered' | 'refreshed', binding: Binding) =>
      change(cause, [binding.key], [...bindings.filter(({ key }) => key !== binding.key), binding]),
    end: (cause: 'expired' | 'removed' | 'deactivated' | 'registered', key: string) =>
      change(
        cause,
        [key],
        bindings.filter((each) => each.key !== key),
      ),
    news: (mark?: number) => {
      const news = book.news(mary, mark);
      if (news === 'no-news') throw new Error('no news');
      return { ...news, registration: news.registrations[0] };
    },
  };
}

const desk = 'sip:mary@192.0.2.1:5060';
const phone = 'sip:mary@192.0.2.2:5060;transport=tcp';

describe('the whole state', () => {
  it('is that of nobody, or of what was there before', () => {
    const { put, news, book } = createSite();
    const rows = '+sip.instance="<urn:uuid:1>";methods="MESSAGE";isfocus';
    put('registered', bindingOf(desk, { q: 0.5, displayName: 'Mary', contactParameters: `;${rows}` }));
    const { state, registration } = news();
    expect(state).toBe('full');
    expect(registration).toMatchObject({ aor: 'sip:mary@localhost', id: mary, state: 'active' });
    expect(registration?.contacts).toEqual([
      {
        id: '1',
        state: 'active',
        event: 'registered',
        uri: desk,
        expires: 600,
        q: 0.5,
        callId: 'c',
        cseq: 1,
        displayName: 'Mary',
        parameters: [
          { name: '+sip.instance', value: '"<urn:uuid:1>"' },
          { name: 'methods', value: '"MESSAGE"' },
          { name: 'isfocus', value: '' },
        ],
      },
    ]);
    expect(book.news('tom@localhost' as Address, undefined)).toMatchObject({ registrations: [{ state: 'active' }] });
    expect(createSite().news().registration).toMatchObject({ state: 'init', contacts: [] });
  });

  it('names who is created by a core', () => {
    const { put, news } = createSite();
    put('registered', bindingOf(desk, { isRoute: true }));
    expect(news().registration?.contacts).toMatchObject([{ event: 'created' }]);
  });
});

describe('what a subscriber has not been told', () => {
  it('is each contact as it is by now, with what became of it last', () => {
    const { put, end, news, pass } = createSite();
    const first = news();
    put('registered', bindingOf(desk));
    put('registered', bindingOf(phone));
    pass(10_000);
    put('refreshed', bindingOf(desk, { cseq: 2, expiresAt: start + 610_000 }));
    const second = news(first.mark);
    expect(second.state).toBe('partial');
    expect(second.registration?.contacts).toMatchObject([
      { id: '1', event: 'refreshed', durationRegistered: 10, expires: 600, cseq: 2 },
      { id: '2', event: 'registered', durationRegistered: 10, expires: 590 },
    ]);
    end('removed', desk);
    pass(5_000);
    const third = news(second.mark);
    expect(third.registration).toMatchObject({
      state: 'active',
      contacts: [{ id: '1', state: 'terminated', event: 'unregistered', durationRegistered: 10 }],
    });
    expect(third.registration?.contacts[0]).not.toHaveProperty('expires');
    // Whoever was told less is told both.
    expect(news(first.mark).registration?.contacts).toHaveLength(2);
  });

  it.each([
    ['expired', 'expired'],
    ['removed', 'unregistered'],
    ['deactivated', 'deactivated'],
    ['registered', 'unregistered'],
  ] as const)('ends a contact that is %s as %s, and the registration with the last', (cause, event) => {
    const { put, end, news } = createSite();
    put('registered', bindingOf(desk));
    const { mark } = news();
    end(cause, desk);
    expect(news(mark).registration).toMatchObject({ state: 'terminated', contacts: [{ state: 'terminated', event }] });
    expect(news().registration).toEqual({ aor: 'sip:mary@localhost', id: mary, state: 'init', contacts: [] });
    put('registered', bindingOf(desk));
    expect(news(mark).registration?.contacts).toMatchObject([{ id: '1', state: 'active', event: 'registered' }]);
  });

  it('says that a core has shortened what it gave; a phone that asks for less has refreshed', () => {
    const { put, news } = createSite();
    put('registered', bindingOf(desk, { isRoute: true }));
    put('registered', bindingOf(phone));
    const { mark } = news();
    put('registered', bindingOf(desk, { isRoute: true, expiresAt: start + 60_000 }));
    put('refreshed', bindingOf(phone, { expiresAt: start + 60_000 }));
    expect(news(mark).registration?.contacts).toMatchObject([{ event: 'shortened' }, { event: 'refreshed' }]);
    put('registered', bindingOf(desk, { isRoute: true, expiresAt: start + 90_000 }));
    expect(news(mark).registration?.contacts).toMatchObject([{ event: 'refreshed' }, { event: 'refreshed' }]);
  });

  it('is nothing where nothing happened, and everything for a mark of another time', () => {
    const { put, news, book } = createSite();
    const { mark } = news();
    expect(book.news(mary, mark)).toBe('no-news');
    put('registered', bindingOf(desk));
    expect(news(mark - 1).state).toBe('full');
    expect(news(mark + 2).state).toBe('full');
    expect(news(mark).state).toBe('partial');
  });
});

describe('what is kept', () => {
  it('is nothing of whom nobody watches', () => {
    const { put, book, news } = createSite();
    put('registered', bindingOf(desk));
    expect(book.size).toBe(0);
    news();
    expect(book.has(mary)).toBe(true);
    book.forget(mary);
    expect(book.size).toBe(0);
  });

  it('is so many contacts that are gone; whoever was not told of an older one gets the whole state', () => {
    const { put, end, news } = createSite();
    const { mark } = news();
    for (let n = 0; n < goneContactsMax; n += 1) {
      put('registered', bindingOf(`sip:mary@192.0.2.1:${n + 1}`));
      end('removed', `sip:mary@192.0.2.1:${n + 1}`);
    }
    const atLimit = news(mark);
    expect(atLimit.state).toBe('partial');
    expect(atLimit.registration?.contacts).toHaveLength(goneContactsMax);
    put('registered', bindingOf(desk));
    end('removed', desk);
    expect(news(mark).state).toBe('full');
    expect(news(atLimit.mark).registration?.contacts).toMatchObject([{ uri: desk }]);
  });
});
