/** A client that was started anew with the contact that it had: answered at once, and what a kill may take of that. */
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../base/log.ts';
import { StoreFault } from '../../base/store-fault.ts';
import { VirtualTime } from '../../base/time/virtual-time.ts';
import { memoryStores } from '../../stores/memory/memory-stores.ts';
import { SipHeaders } from '../message/sip-headers.ts';
import type { HeaderRow } from '../message/sip-headers.ts';
import { createSipRequest } from '../message/sip-message.ts';
import { LocationService } from './location-service.ts';
import type { BindingsChange } from './location-service.ts';
import type { Binding, BindingChange, BindingStore, Flow } from './ports.ts';
import { refreshDelayMs } from './refresh-writer.ts';
import { defaultRegistrarRules } from './registrar.ts';

const tom = 'tom@example.com';
const udp: Flow = { transport: 'udp', remoteAddress: '192.0.2.1', remotePort: 5060 };
const home = '<sip:tom@192.0.2.1:5060>';
const outbound = `${home};+sip.instance="<urn:uuid:1>";reg-id=1`;
const speaksOutbound: HeaderRow = ['Supported', 'outbound'];

interface Register {
  readonly contacts?: readonly string[];
  readonly rows?: readonly HeaderRow[];
  readonly callId?: string;
  readonly cseq?: number;
  readonly flow?: Flow;
}

/** One process after the other over what is durable. */
class Registrar {
  readonly time = new VirtualTime();
  readonly events: BindingsChange[] = [];
  readonly writes: (readonly BindingChange[])[] = [];
  fault: StoreFault | undefined;
  readonly #stores = memoryStores();
  service = this.#open();

  /** What is not written yet is lost. */
  async kill(): Promise<void> {
    this.service = this.#open();
    await this.service.load();
  }

  register({ contacts = [home], rows = [], callId = 'old', cseq = 1, flow = udp }: Register) {
    const headers = new SipHeaders([
      ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa'],
      ['From', '<sip:tom@example.com>;tag=f'],
      ['To', '<sip:tom@example.com>'],
      ['Call-ID', callId],
      ['CSeq', `${cseq} REGISTER`],
      ...contacts.map((contact) => ['Contact', contact] as const),
      ...rows,
    ]);
    const request = createSipRequest({ method: 'REGISTER', requestUri: 'sip:example.com', headers });
    return this.service.register({ request, addressOfRecord: tom, flow });
  }

  async statusOf(register: Register): Promise<number> {
    return (await this.register(register)).status;
  }

  rows(): Promise<Binding[]> {
    return this.#stores.bindings.bindings(undefined, 10);
  }

  get causes(): string[] {
    return this.events.map(({ cause }) => cause);
  }

  #open(): LocationService {
    const { bindings } = this.#stores;
    const store: BindingStore = {
      change: (changes) => {
        this.writes.push(changes);
        return this.fault === undefined ? bindings.change(changes) : Promise.reject(this.fault);
      },
      bindings: (after, limit) => bindings.bindings(after, limit),
    };
    return new LocationService({
      store,
      clock: this.time,
      timers: this.time,
      log: silentLog,
      rules: { ...defaultRegistrarRules, isOurs: () => false, isOurRoute: () => false },
      isOpen: () => true,
      onBindingsChanged: (change) => this.events.push(change),
    });
  }
}

describe('the same contact under a new Call-ID', () => {
  it.each<[what: string, contacts: readonly string[], rows: readonly HeaderRow[]]>([
    ['one that is known as it was written', [home], []],
    ['one of two in a REGISTER, which is read each time', [home, '<sip:tom@other>'], []],
    ['one with a Path', [home], [['Path', '<sip:edge;lr>']]],
    ['one with an instance and a reg-id', [outbound], [speaksOutbound]],
  ])('%s: answered at once, told as one that came, written with others', async (_, contacts, rows) => {
    const registrar = new Registrar();
    const { time, events, writes, service } = registrar;
    await registrar.register({ contacts, rows });
    await time.advance(10_000);
    const answer = registrar.register({ contacts, rows, callId: 'new' });
    expect(answer).toMatchObject({ status: 200, headers: expect.arrayContaining([['Date', expect.any(String)]]) });
    expect(registrar.causes).toEqual(['registered', 'registered']);
    // Whoever looks at both can see that the client was started anew.
    expect(events[1]?.before[0]).toMatchObject({ callId: 'old', expiresAt: time.wall() + 3_590_000 });
    expect(events[1]?.after[0]).toMatchObject({ callId: 'new', cseq: 1, expiresAt: time.wall() + 3_600_000 });
    expect(events[1]?.keys).toHaveLength(contacts.length);
    expect(service.bindingsOf(tom)).toEqual(events[1]?.after);
    expect(writes).toHaveLength(1);
    expect(registrar.register({ contacts, rows, callId: 'new', cseq: 2 })).toMatchObject({ status: 200 });
    expect(registrar.causes).toEqual(['registered', 'registered', 'refreshed']);
    await time.advance(refreshDelayMs);
    expect(writes).toHaveLength(2);
    expect((await registrar.rows())[0]).toMatchObject({ callId: 'new', cseq: 2 });
    await time.advance(3_600_000);
    expect([registrar.causes.at(-1), service.size]).toEqual(['expired', 0]);
  });

  it.each<[what: string, Register]>([
    ['another flow', { flow: { ...udp, remotePort: 5061 } }],
    ['a Path', { rows: [['Path', '<sip:edge;lr>']] }],
    ['another User-Agent', { rows: [['User-Agent', 'Phone/2']] }],
    ['another Allow', { rows: [['Allow', 'INVITE']] }],
    ['q', { contacts: [`${home};q=0.5`] }],
    ['methods', { contacts: [`${home};methods="INVITE"`] }],
    ['a name', { contacts: [`"Tom" ${home}`] }],
    ['an instance', { contacts: [`${home};+sip.instance="<urn:uuid:1>"`] }],
    ['an instance and a reg-id', { contacts: [outbound], rows: [speaksOutbound] }],
    ['another contact beside it', { contacts: [home, '<sip:tom@other>'] }],
    ['an end', { rows: [['Expires', '0']] }],
  ])('with %s waits until it is durable', async (_, second) => {
    const registrar = new Registrar();
    await registrar.register({});
    const answer = registrar.register({ ...second, callId: 'new' });
    expect(answer).toBeInstanceOf(Promise);
    expect(registrar.causes).toEqual(['registered']);
    expect(await answer).toMatchObject({ status: 200 });
    expect(registrar.writes).toHaveLength(2);
  });

  it('is taken in its turn, and refused as every other', async () => {
    const registrar = new Registrar();
    await registrar.register({ cseq: 5 });
    const slow = registrar.register({ cseq: 6, rows: [['User-Agent', 'Phone/2']] });
    const behind = registrar.register({ callId: 'new', cseq: 2, rows: [['User-Agent', 'Phone/2']] });
    expect([(await slow).status, (await behind).status]).toEqual([200, 200]);
    expect(await registrar.statusOf({ callId: 'new', cseq: 2 }), 'CSeq').toBe(500);
    expect(await registrar.statusOf({ callId: 'third', rows: [['Expires', '59']] })).toBe(423);
    expect(registrar.service.bindingsOf(tom)).toMatchObject([{ callId: 'new', cseq: 2, userAgent: 'Phone/2' }]);
  });
});

describe('a kill before the new Call-ID is written', () => {
  async function killedRegistrar(): Promise<Registrar> {
    const registrar = new Registrar();
    await registrar.register({ cseq: 7 });
    await registrar.time.advance(10_000);
    expect(await registrar.statusOf({ callId: 'new', cseq: 2 })).toBe(200);
    await registrar.kill();
    return registrar;
  }

  it('leaves the contact as it was before', async () => {
    const registrar = await killedRegistrar();
    const expiresAt = registrar.time.wall() + 3_590_000;
    expect(registrar.service.bindingsOf(tom)).toMatchObject([{ callId: 'old', cseq: 7, flow: udp, expiresAt }]);
  });

  it.each([
    ['repeats it', { callId: 'new', cseq: 2 }, 200],
    ['goes on with it', { callId: 'new', cseq: 3 }, 200],
    ['was started once more', { callId: 'third', cseq: 1 }, 200],
    ['ends it', { callId: 'new', cseq: 3, rows: [['Expires', '0']] as const }, 200],
    ['goes on with the old one', { callId: 'old', cseq: 8 }, 200],
    ['says with the old one what is past', { callId: 'old', cseq: 7 }, 500],
  ])('a client that %s', async (_, register: Register, status) => {
    const registrar = await killedRegistrar();
    expect(await registrar.statusOf(register)).toBe(status);
  });
});

it('a Call-ID that could not be written is written with the next refresh', async () => {
  const registrar = new Registrar();
  await registrar.register({ cseq: 7 });
  registrar.fault = new StoreFault('disk full', true);
  expect(await registrar.statusOf({ callId: 'new', cseq: 2 })).toBe(200);
  await registrar.time.advance(refreshDelayMs);
  expect(await registrar.rows()).toMatchObject([{ callId: 'old', cseq: 7 }]);
  registrar.fault = undefined;
  expect(await registrar.statusOf({ callId: 'new', cseq: 3 })).toBe(200);
  await registrar.time.advance(refreshDelayMs);
  expect(await registrar.rows()).toMatchObject([{ callId: 'new', cseq: 3 }]);
});
