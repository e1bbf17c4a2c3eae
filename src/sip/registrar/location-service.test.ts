import { describe, expect, it } from 'vitest';
import { silentLog } from '../../base/log.ts';
import { StoreFault } from '../../base/store-fault.ts';
import { VirtualTime } from '../../base/time/virtual-time.ts';
import { SipHeaders } from '../message/sip-headers.ts';
import type { HeaderRow } from '../message/sip-headers.ts';
import { createSipRequest } from '../message/sip-message.ts';
import { LocationService, registersWaitingMax } from './location-service.ts';
import type { BindingsChange } from './location-service.ts';
import type { Binding, BindingChange, BindingStore, Flow } from './ports.ts';
import { refreshDelayMs, refreshesWaitingMax } from './refresh-writer.ts';
import { defaultRegistrarRules } from './registrar.ts';
import type { Registration } from './registrar.ts';
import type { RegistrationAnswer } from './registration-answer.ts';

const udp: Flow = { transport: 'udp', remoteAddress: '192.0.2.1', remotePort: 5060 };
const home = '<sip:tom@192.0.2.1:5060>';

/** Commits when it is told to, so that what happens meanwhile can be seen. */
class BindingsOnCommand implements BindingStore {
  readonly rows = new Map<string, Binding>();
  readonly calls: (readonly BindingChange[])[] = [];
  readonly #open: { changes: readonly BindingChange[]; resolve: () => void; reject: (fault: Error) => void }[] = [];
  isHeld = false;

  change(changes: readonly BindingChange[]): Promise<void> {
    this.calls.push(changes);
    return new Promise((resolve, reject) => {
      this.#open.push({ changes, resolve, reject });
      if (!this.isHeld) this.commitAll();
    });
  }

  commitAll(): void {
    for (const { changes, resolve } of this.#open.splice(0)) {
      for (const change of changes) this.#apply(change);
      resolve();
    }
  }

  failAll(fault: Error): void {
    for (const { reject } of this.#open.splice(0)) reject(fault);
  }

  async bindings(after: string | undefined, limit: number): Promise<Binding[]> {
    const rows = [...this.rows.values()].sort((a, b) => (a.addressOfRecord < b.addressOfRecord ? -1 : 1));
    return rows.filter(({ addressOfRecord }) => after === undefined || addressOfRecord > after).slice(0, limit);
  }

  #apply(change: BindingChange): void {
    const key = change.kind === 'put' ? change.binding.key : change.key;
    const row = this.rows.get(key);
    if (change.kind === 'put') this.rows.set(key, change.binding);
    else if (change.kind === 'remove') this.rows.delete(key);
    else if (row !== undefined) {
      const { callId, cseq, expiresAt } = change;
      this.rows.set(key, { ...row, callId, cseq, expiresAt });
    }
  }
}

interface Register {
  readonly user?: string;
  readonly contacts?: readonly string[];
  readonly rows?: readonly HeaderRow[];
  readonly callId?: string;
  readonly cseq?: number;
  readonly flow?: Flow;
}

function registerOf(register: Register): Registration {
  const user = register.user ?? 'tom';
  const headers = new SipHeaders([
    ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa'],
    ['From', `<sip:${user}@example.com>;tag=f`],
    ['To', `<sip:${user}@example.com>`],
    ['Call-ID', register.callId ?? 'call-1'],
    ['CSeq', `${register.cseq ?? 1} REGISTER`],
    ...(register.contacts ?? [home]).map((contact) => ['Contact', contact] as const),
    ...(register.rows ?? []),
  ]);
  const request = createSipRequest({ method: 'REGISTER', requestUri: 'sip:example.com', headers });
  return { request, addressOfRecord: `${user}@example.com`, flow: register.flow ?? udp };
}

function createService(store = new BindingsOnCommand(), bindingsMax = 1_000) {
  const time = new VirtualTime();
  const events: BindingsChange[] = [];
  const service = new LocationService({
    store,
    clock: time,
    timers: time,
    log: silentLog,
    rules: { ...defaultRegistrarRules, isOurs: () => false, isOurRoute: () => false },
    isOpen: () => true,
    onBindingsChanged: (change) => events.push(change),
    bindingsMax,
  });
  const register = (options: Register): RegistrationAnswer | Promise<RegistrationAnswer> =>
    service.register(registerOf(options));
  return { time, store, service, events, register };
}

function contactsOf(answer: RegistrationAnswer): string[] {
  return answer.headers.filter(([name]) => name === 'Contact').map(([, value]) => value);
}

const causes = (events: readonly BindingsChange[]): string[] => events.map(({ cause }) => cause);

describe('LocationService', () => {
  it('answers a new contact when it is durable, not before', async () => {
    const { store, service, events, register, time } = createService();
    store.isHeld = true;
    let answer: RegistrationAnswer | undefined;
    void Promise.resolve(register({ contacts: [`${home};q=0.25;+restante.delivery="pull"`] })).then(
      (value) => (answer = value),
    );
    await time.settle();
    expect(answer).toBeUndefined();
    expect(service.bindingsOf('tom@example.com')).toEqual([]);
    store.commitAll();
    await time.settle();
    expect(answer?.status).toBe(200);
    expect(answer?.headers).toEqual([
      ['Contact', '<sip:tom@192.0.2.1:5060>;q=0.25;+restante.delivery="pull";expires=3600'],
      ['Date', 'Sat, 21 Nov 2026 09:00:00 GMT'],
    ]);
    expect(events).toMatchObject([
      { cause: 'registered', before: [], after: [{ q: 0.25 }], keys: ['sip:tom@192.0.2.1:5060'] },
    ]);
    expect(service.size).toBe(1);
  });

  it('answers a refresh at once and writes it with others', async () => {
    const { store, service, events, register, time } = createService();
    await register({});
    await register({ user: 'mary' });
    await time.advance(10_000);
    store.isHeld = true;
    for (const user of ['tom', 'mary', 'tom']) {
      const answer = register({ user, cseq: events.length });
      expect(answer).toMatchObject({ status: 200 });
      expect(contactsOf(answer as RegistrationAnswer)).toEqual(['<sip:tom@192.0.2.1:5060>;expires=3600']);
    }
    expect(causes(events)).toEqual(['registered', 'registered', 'refreshed', 'refreshed', 'refreshed']);
    expect(store.calls).toHaveLength(2);
    await time.advance(refreshDelayMs);
    expect(store.calls[2]).toHaveLength(3);
    expect(store.calls[2]?.[0]).toMatchObject({ kind: 'refresh', addressOfRecord: 'tom@example.com', cseq: 2 });
    expect(service.bindingsOf('tom@example.com')).toMatchObject([
      { cseq: 4, expiresAt: time.wall() - refreshDelayMs + 3_600_000 },
    ]);
    store.commitAll();
    await service.stop();
  });

  it.each([
    ['Contact, but says the same', { contacts: [`${home} `] }, 'refreshed'],
    ['Contact', { contacts: [`${home};q=0.1`] }, 'registered'],
    ['Allow', { rows: [['Allow', 'INVITE']] as const }, 'registered'],
    ['User-Agent', { rows: [['User-Agent', 'x']] as const }, 'registered'],
    ['Supported, but says the same', { rows: [['Supported', 'path']] as const }, 'refreshed'],
    ['Path', { rows: [['Path', '<sip:p;lr>']] as const }, 'registered'],
    ['flow', { flow: { ...udp, remotePort: 1 } }, 'registered'],
    ['Call-ID', { callId: 'call-2' }, 'registered'],
    ['time', { rows: [['Expires', '700']] as const }, 'refreshed'],
    ['nothing', {}, 'refreshed'],
  ])('sees at a refresh that differs in %s what changed', async (_, second: Register, cause) => {
    const { events, register } = createService();
    await register({});
    await register({ cseq: 2 });
    await register({ cseq: 3, ...second });
    expect(causes(events)).toEqual(['registered', 'refreshed', cause]);
    await register({ cseq: 4, ...second });
    expect(causes(events).at(-1)).toBe('refreshed');
  });

  it('refuses what the quick path must not let through', async () => {
    const { register } = createService();
    await register({ rows: [['Expires', '600']] });
    const statusOf = async (register: RegistrationAnswer | Promise<RegistrationAnswer>): Promise<number> =>
      (await register).status;
    expect(await statusOf(register({ rows: [['Expires', '600']] })), 'CSeq').toBe(500);
    expect(await statusOf(register({ cseq: 2, rows: [['Expires', '59']] }))).toBe(423);
    expect(await statusOf(register({ cseq: 2, rows: [['Expires', '0']] }))).toBe(200);
    const answer = await register({ contacts: [], cseq: 3 });
    expect(contactsOf(answer)).toEqual([]);
  });

  it('takes REGISTERs of one address in the order of arrival', async () => {
    const { store, service, register, time } = createService();
    store.isHeld = true;
    const answers: string[][] = [];
    const ask = (options: Register): void => {
      void Promise.resolve(register(options)).then((answer) =>
        answers.push([String(answer.status), ...contactsOf(answer)]),
      );
    };
    ask({ contacts: ['<sip:a@h1>'] });
    ask({ contacts: ['<sip:a@h2>'], cseq: 2 });
    ask({ contacts: ['<sip:a@h1>;expires=0'], cseq: 3 });
    ask({ contacts: [], cseq: 4 });
    ask({ contacts: ['<sip:a@h1>'], cseq: 5 });
    ask({ user: 'mary', contacts: ['<sip:m@h>'] });
    for (let n = 0; n < 6; n++) {
      await time.settle();
      store.commitAll();
    }
    await time.settle();
    const [h1, h2, m] = ['<sip:a@h1>;expires=3600', '<sip:a@h2>;expires=3600', '<sip:m@h>;expires=3600'];
    expect(answers.filter(([, contact]) => contact !== m)).toEqual([
      ['200', h1],
      ['200', h1, h2],
      ['200', h2],
      ['200', h2],
      ['200', h2, h1],
    ]);
    expect(answers[1], 'another address does not wait').toEqual(['200', m]);
    expect(service.bindingsOf('tom@example.com').map(({ contactUri }) => contactUri)).toEqual(['sip:a@h2', 'sip:a@h1']);
  });

  it('changes nothing when the store cannot, and says when to try again', async () => {
    const { store, service, events, register, time } = createService();
    await register({});
    store.isHeld = true;
    const answer = register({ contacts: ['<sip:tom@other>'], cseq: 2 });
    await time.settle();
    store.failAll(new StoreFault('disk full', true));
    expect(await answer).toMatchObject({ status: 503, headers: [['Retry-After', '5']] });
    expect(service.bindingsOf('tom@example.com')).toHaveLength(1);
    expect(events).toHaveLength(1);
    store.isHeld = false;
    expect(await register({ contacts: ['<sip:tom@other>'], cseq: 2 })).toMatchObject({ status: 200 });
  });

  it('keeps refreshes in memory when they cannot be written', async () => {
    const { store, service, register, time } = createService();
    await register({});
    store.isHeld = true;
    await time.advance(1_000);
    await register({ cseq: 2 });
    await time.advance(refreshDelayMs);
    store.failAll(new StoreFault('locked', true));
    await time.settle();
    expect(service.bindingsOf('tom@example.com')).toMatchObject([{ cseq: 2 }]);
  });

  it('writes a refresh before the change that comes after it', async () => {
    const { store, register } = createService();
    await register({});
    await register({ cseq: 2 });
    await register({ callId: 'call-2', cseq: 1, rows: [['User-Agent', 'other']] });
    expect(store.calls.map(([change]) => change?.kind)).toEqual(['put', 'refresh', 'put']);
    expect([...store.rows.values()]).toMatchObject([{ callId: 'call-2', cseq: 1 }]);
  });
});

describe('expiry', () => {
  it('removes what is over, tells, and writes it', async () => {
    const { store, service, events, register, time } = createService();
    await register({ rows: [['Expires', '60']] });
    await register({ contacts: ['<sip:tom@long>'], rows: [['Expires', '600']], cseq: 2 });
    await time.advance(59_999);
    expect(service.bindingsOf('tom@example.com')).toHaveLength(2);
    await time.advance(1);
    expect(service.bindingsOf('tom@example.com')).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({
      cause: 'expired',
      keys: ['sip:tom@192.0.2.1:5060'],
      after: [{ contactUri: 'sip:tom@long' }],
    });
    await time.advance(refreshDelayMs);
    expect([...store.rows.keys()]).toEqual(['sip:tom@long']);
    await time.advance(600_000);
    expect(events).toHaveLength(4);
    expect(service.size).toBe(0);
  });

  it('waits for a refresh that was there first', async () => {
    const { store, service, events, register, time } = createService();
    await register({ rows: [['Expires', '60']] });
    await time.advance(59_000);
    store.isHeld = true;
    void register({ cseq: 2, rows: [['User-Agent', 'changed']] });
    await time.advance(5_000);
    expect(causes(events)).toEqual(['registered']);
    store.commitAll();
    await time.advance(1_000);
    expect(causes(events)).toEqual(['registered', 'registered']);
    expect(service.bindingsOf('tom@example.com')).toHaveLength(1);
  });
});

describe('what ends from outside', () => {
  it('is a connection that was the only way to a client', async () => {
    const { service, events, register } = createService();
    const ws: Flow = { transport: 'ws', remoteAddress: '192.0.2.1', remotePort: 4000, connection: 7 };
    await register({ contacts: ['<sip:x@a.invalid;transport=ws>'], flow: ws });
    await register({ user: 'mary', contacts: ['<sip:m@a.invalid;transport=ws>'], flow: ws });
    await register({ user: 'john', flow: { ...ws, transport: 'tcp' } });
    await register({
      user: 'peter',
      contacts: ['<sip:p@a>;reg-id=1;+sip.instance="<u>"'],
      rows: [['Supported', 'outbound']],
      flow: { ...ws, transport: 'tcp' },
    });
    await register({ user: 'other', contacts: ['<sip:o@a>'], flow: { ...ws, connection: 8 } });
    service.closeFlow(7);
    expect(events.slice(5).map(({ addressOfRecord, cause }) => `${addressOfRecord} ${cause}`)).toEqual([
      'tom@example.com deactivated',
      'mary@example.com deactivated',
      'peter@example.com deactivated',
    ]);
    service.closeFlow(7);
    service.closeFlow(99);
    expect(service.size).toBe(2);
  });

  it('is an account, also while a REGISTER of it is under way', async () => {
    const { store, service, events, register, time } = createService();
    await register({});
    store.isHeld = true;
    void register({ callId: 'call-2', rows: [['User-Agent', 'other']] });
    service.removeAll('tom@example.com');
    service.removeAll('nobody@example.com');
    store.isHeld = false;
    store.commitAll();
    await time.advance(refreshDelayMs);
    expect(causes(events)).toEqual(['registered', 'registered', 'deactivated']);
    expect(service.size).toBe(0);
    expect(store.rows.size).toBe(0);
  });
});

describe('a restart', () => {
  it('brings back what is durable and not over, without the numbers of connections', async () => {
    const first = createService();
    await first.register({ flow: { ...udp, transport: 'tcp', connection: 3 } });
    await first.register({ user: 'mary', contacts: ['<sip:m@h>;expires=60'] });
    await first.register({ cseq: 2, flow: { ...udp, transport: 'tcp', connection: 3 } });
    await first.service.stop();
    const second = createService(first.store);
    await second.time.advance(60_000);
    await second.service.load();
    expect(second.events).toEqual([]);
    expect(second.service.size).toBe(1);
    expect(second.service.bindingsOf('tom@example.com')).toMatchObject([
      { cseq: 2, flow: { ...udp, transport: 'tcp' } },
    ]);
    expect(second.service.bindingsOf('tom@example.com')[0]?.flow.connection).toBeUndefined();
    await second.time.advance(refreshDelayMs);
    expect([...first.store.rows.keys()]).toEqual(['sip:tom@192.0.2.1:5060']);
    await second.time.advance(3_600_000);
    expect(causes(second.events)).toEqual(['expired']);
  });
});

describe('limits', () => {
  it('refuses a new binding beyond the limit of the server, not a refresh', async () => {
    const { register, service } = createService(new BindingsOnCommand(), 2);
    await register({});
    await register({ user: 'mary', contacts: ['<sip:m@h>'] });
    expect(await register({ user: 'john' })).toMatchObject({ status: 503 });
    expect(await register({ cseq: 2 })).toMatchObject({ status: 200 });
    expect(await register({ cseq: 3, callId: 'new' })).toMatchObject({ status: 200 });
    expect(service.size).toBe(2);
  });

  it('lets only so many REGISTERs of one address wait', async () => {
    const { store, register, time } = createService();
    store.isHeld = true;
    const answers: Promise<RegistrationAnswer>[] = [];
    for (let n = 0; n < registersWaitingMax; n++) {
      const answer = register({ cseq: n + 1 });
      if (answer instanceof Promise) answers.push(answer);
    }
    expect(answers).toHaveLength(registersWaitingMax);
    expect(register({ cseq: 99 })).toMatchObject({ status: 503 });
    store.isHeld = false;
    store.commitAll();
    await time.settle();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(await register({ cseq: 100 })).toMatchObject({ status: 200 });
  });

  it('refuses while too many refreshes wait for the store', async () => {
    const { store, register, time } = createService();
    await register({});
    store.isHeld = true;
    for (let cseq = 2; cseq < refreshesWaitingMax + 2; cseq++) void register({ cseq });
    expect(register({ cseq: refreshesWaitingMax + 2 })).toMatchObject({ status: 503 });
    await time.advance(refreshDelayMs);
    expect(register({ cseq: refreshesWaitingMax + 2 })).toMatchObject({ status: 503 });
    store.commitAll();
    await time.settle();
    expect(register({ cseq: refreshesWaitingMax + 2 })).toMatchObject({ status: 200 });
  });
});
