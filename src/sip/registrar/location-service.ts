/**
 * All bindings of this server (RFC 3261 10): in memory for whoever asks, durable behind it. REGISTERs of one address are
 * taken one after the other; what says a contact again, also under a new Call-ID, is answered at once, everything else when it
 * is durable. Knows not who may register.
 */
import { keepText } from '../../base/keep-text.ts';
import { StoreFault } from '../../base/store-fault.ts';
import type { HeaderRow } from '../message/sip-headers.ts';
import { BindingTable } from './binding-table.ts';
import { isOutboundKey } from './contact-binding.ts';
import { RegisterMemory } from './live-binding.ts';
import type { LiveBinding } from './live-binding.ts';
import type { Binding, BindingChange, Flow } from './ports.ts';
import { findUnchanged, timeAsked } from './quick-refresh.ts';
import { RefreshWriter } from './refresh-writer.ts';
import type { RefreshWriterPlan } from './refresh-writer.ts';
import { decideRegistration, outboundRows } from './registrar.ts';
import type { Registration, RegistrarRules, RegistrationDecision } from './registrar.ts';
import { DateText, formatContact, unavailableAnswer } from './registration-answer.ts';
import type { RegistrationAnswer } from './registration-answer.ts';

/** Bindings of the whole server; at the limit a new contact is answered 503. */
export const bindingsMax = 2_000_000;
/** REGISTERs of one address that wait for a write before them; one more is answered 503. */
export const registersWaitingMax = 32;
/** Bindings that are read at once at the start. */
const bindingsPage = 5_000;

export interface BindingsChange {
  readonly addressOfRecord: string;
  /** Live bindings. A mere refresh changes times in place, so that both lists are the same. */
  readonly before: readonly Binding[];
  readonly after: readonly Binding[];
  /**
   * `registered`: something is new or different, whatever else happened. `removed`: by a REGISTER. `deactivated`: by this
   * server, because the connection or the account is gone.
   */
  readonly cause: 'registered' | 'refreshed' | 'expired' | 'removed' | 'deactivated';
  /** The keys of the bindings that are new, changed, refreshed or gone. */
  readonly keys: readonly string[];
}

export interface LocationServicePlan extends RefreshWriterPlan {
  readonly rules: RegistrarRules;
  /** False once the connection that the flow names has closed. */
  readonly isOpen: (flow: Flow) => boolean;
  /** Called in the order of the changes, before the answer; must not throw. */
  readonly onBindingsChanged: (change: BindingsChange) => void;
  readonly bindingsMax?: number;
}

/** Writes of one address that are under way. */
interface Line {
  last: Promise<unknown>;
  length: number;
}

export class LocationService {
  readonly #plan: LocationServicePlan;
  readonly #table: BindingTable;
  readonly #writer: RefreshWriter;
  readonly #memory = new RegisterMemory();
  readonly #date = new DateText();
  /** Addresses with a write under way. */
  readonly #lines = new Map<string, Line>();

  constructor(plan: LocationServicePlan) {
    this.#plan = plan;
    this.#writer = new RefreshWriter(plan);
    const { clock, timers } = plan;
    this.#table = new BindingTable({ clock, timers, onExpired: (bindings) => this.#expire(bindings) });
  }

  /** How many bindings there are. */
  get size(): number {
    return this.#table.size;
  }

  /** Reads what is durable, before the first REGISTER. No event tells of it. Rejects with `StoreFault`. */
  async load(): Promise<void> {
    const now = this.#plan.clock.wall();
    let after: string | undefined;
    for (;;) {
      const page = await this.#plan.store.bindings(after, bindingsPage);
      after = page.at(-1)?.addressOfRecord;
      if (after === undefined) return;
      for (const binding of page) {
        const { addressOfRecord, key, expiresAt } = binding;
        if (expiresAt <= now || endsWithConnection(binding)) this.#writer.add({ kind: 'remove', addressOfRecord, key });
        else this.#table.apply(addressOfRecord, [{ kind: 'put', binding: withoutConnection(binding) }]);
      }
    }
  }

  /** Every binding, for whoever must know of them at the start. */
  all(): IterableIterator<Binding> {
    return this.#table.all();
  }

  /** Those that have not expired. Treat the list as a value: it is not kept up to date. */
  bindingsOf(addressOfRecord: string): readonly Binding[] {
    return this.#liveBindings(addressOfRecord, this.#plan.clock.wall());
  }

  /** Answers a REGISTER whose sender may register this address; a value where nothing must become durable first. */
  register(registration: Registration): RegistrationAnswer | Promise<RegistrationAnswer> {
    const { addressOfRecord } = registration;
    const line = this.#lines.get(addressOfRecord);
    if (line === undefined) {
      const answer = this.#process(registration);
      return answer instanceof Promise ? this.#queue(addressOfRecord, answer) : answer;
    }
    if (line.length >= registersWaitingMax) return unavailableAnswer('Too Many Registrations At Once');
    return this.#queue(
      addressOfRecord,
      line.last.then(() => this.#process(registration)),
    );
  }

  /** A stream ended: what can be reached over nothing else is gone with it (RFC 5626 5.3, RFC 7118 5.5). */
  closeFlow(connection: number): void {
    for (const binding of this.#table.ofConnection(connection)) {
      if (endsWithConnection(binding)) this.#removeInTurn(binding.addressOfRecord, [binding.key], 'deactivated');
    }
  }

  /** An account ended. The store is written behind. */
  removeAll(addressOfRecord: string): void {
    const keys = this.#table.of(addressOfRecord).map(({ key }) => key);
    this.#removeInTurn(addressOfRecord, keys, 'deactivated');
  }

  /** Resolves when everything that was answered is durable. */
  async stop(): Promise<void> {
    this.#table.stop();
    await Promise.all([...this.#lines.values()].map(({ last }) => last));
    await this.#writer.drain();
  }

  #process(registration: Registration): RegistrationAnswer | Promise<RegistrationAnswer> {
    if (this.#writer.isFull) return unavailableAnswer('The Store Is Too Slow');
    const { rules, clock } = this.#plan;
    const { addressOfRecord } = registration;
    const now = clock.wall();
    const bindings = this.#table.of(addressOfRecord);
    const binding = findUnchanged(registration, bindings, now);
    if (binding !== undefined) {
      const expiresAt = timeAsked(binding, registration.request.headers, rules, now);
      if (expiresAt !== undefined) return this.#refreshQuickly(registration, binding, expiresAt, now);
    }
    const decision = decideRegistration(registration, this.#liveBindings(addressOfRecord, now), rules, now);
    if (decision.kind === 'refused') return decision.answer;
    if (decision.changes.length === 0) return this.#accept(addressOfRecord, now, decision.headers);
    if (decision.isRefresh) return this.#refresh(registration, decision, now);
    const added = decision.bindings.length - bindings.length;
    if (added > 0 && this.#table.size + added > (this.#plan.bindingsMax ?? bindingsMax)) {
      return unavailableAnswer('Too Many Bindings');
    }
    return this.#commit(registration, decision);
  }

  #refreshQuickly(
    { request, addressOfRecord }: Registration,
    binding: LiveBinding,
    expiresAt: number,
    now: number,
  ): RegistrationAnswer {
    const { key, flow } = binding;
    const { cseq } = request;
    const before = this.#table.of(addressOfRecord);
    const isAnew = binding.callId !== request.callId;
    const callId = isAnew ? keepText(request.callId) : binding.callId;
    const change = { kind: 'refresh', addressOfRecord: binding.addressOfRecord, key, callId, cseq, expiresAt } as const;
    this.#table.refresh(binding, change);
    this.#writer.add(change);
    const after = this.#table.of(addressOfRecord);
    this.#tell({ addressOfRecord, before, after, cause: isAnew ? 'registered' : 'refreshed', keys: [key] });
    return this.#accept(addressOfRecord, now, isOutboundKey(key) ? outboundRows(flow) : []);
  }

  #refresh(registration: Registration, decision: AcceptedRegistration, now: number): RegistrationAnswer {
    const { addressOfRecord, request } = registration;
    const before = this.#liveBindings(addressOfRecord, now);
    const keys = decision.changes.map(keyOf);
    const isAnew = before.some(({ key, callId }) => callId !== request.callId && keys.includes(key));
    this.#table.apply(addressOfRecord, decision.changes);
    for (const change of decision.changes) this.#writer.add(change);
    this.#remember(registration, decision.changes);
    const after = this.#liveBindings(addressOfRecord, now);
    this.#tell({ addressOfRecord, before, after, cause: isAnew ? 'registered' : 'refreshed', keys });
    return this.#accept(addressOfRecord, now, decision.headers);
  }

  async #commit(registration: Registration, decision: AcceptedRegistration): Promise<RegistrationAnswer> {
    const { addressOfRecord } = registration;
    const { changes } = decision;
    // Refreshes of the same bindings were answered before this, so they are written before it.
    this.#writer.flush();
    try {
      await this.#plan.store.change(changes);
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      this.#plan.log.warn({ fault: fault.message, temporary: fault.isTemporary }, 'a registration could not be stored');
      return unavailableAnswer('Registrations Cannot Be Stored');
    }
    const now = this.#plan.clock.wall();
    const before = this.#liveBindings(addressOfRecord, now);
    this.#table.apply(addressOfRecord, changes);
    this.#remember(registration, changes);
    const cause = changes.some(({ kind }) => kind === 'put') ? 'registered' : 'removed';
    const after = this.#liveBindings(addressOfRecord, now);
    this.#tell({ addressOfRecord, before, after, cause, keys: changes.map(keyOf) });
    this.#removeLost(addressOfRecord, changes);
    return this.#accept(addressOfRecord, now, decision.headers);
  }

  /** Its connection has closed while it was being written, when nobody knew of it yet. */
  #removeLost(addressOfRecord: string, changes: readonly BindingChange[]): void {
    const lost = changes.flatMap((change) => (change.kind === 'put' ? [change.binding] : []));
    const keys = lost.filter((each) => endsWithConnection(each) && !this.#plan.isOpen(each.flow)).map(({ key }) => key);
    if (keys.length > 0) this.#removeInTurn(addressOfRecord, keys, 'deactivated');
  }

  /** So that the next one like it is known without being read. */
  #remember({ request, addressOfRecord }: Registration, changes: readonly BindingChange[]): void {
    const [change, ...more] = changes;
    if (change === undefined || more.length > 0 || change.kind === 'remove') return;
    const key = keyOf(change);
    const binding = this.#table.of(addressOfRecord).find((each) => each.key === key);
    if (binding !== undefined) binding.written = this.#memory.write(request);
  }

  #accept(addressOfRecord: string, now: number, more: readonly HeaderRow[]): RegistrationAnswer {
    const headers: HeaderRow[] = [];
    for (const binding of this.#table.of(addressOfRecord)) {
      if (binding.expiresAt > now) headers.push(['Contact', formatContact(binding, now)]);
    }
    for (const row of more) headers.push(row);
    headers.push(['Date', this.#date.at(now)]);
    return { status: 200, reason: 'OK', headers };
  }

  #liveBindings(addressOfRecord: string, now: number): readonly LiveBinding[] {
    const bindings = this.#table.of(addressOfRecord);
    for (const { expiresAt } of bindings) {
      if (expiresAt <= now) return bindings.filter((each) => each.expiresAt > now);
    }
    return bindings;
  }

  #expire(bindings: readonly LiveBinding[]): void {
    for (const { addressOfRecord, key } of bindings) this.#removeInTurn(addressOfRecord, [key], 'expired');
  }

  /** Behind the REGISTERs that came before, the last of which may have refreshed what expires. */
  #removeInTurn(addressOfRecord: string, keys: readonly string[], cause: 'expired' | 'deactivated'): void {
    const line = this.#lines.get(addressOfRecord);
    if (line === undefined) this.#remove(addressOfRecord, keys, cause);
    else
      void this.#queue(
        addressOfRecord,
        line.last.then(() => this.#remove(addressOfRecord, keys, cause)),
      );
  }

  #remove(addressOfRecord: string, keys: readonly string[], cause: 'expired' | 'deactivated'): void {
    const now = this.#plan.clock.wall();
    const before = this.#table.of(addressOfRecord);
    const changes: BindingChange[] = [];
    for (const binding of before) {
      if (!keys.includes(binding.key)) continue;
      if (cause === 'deactivated' || binding.expiresAt <= now)
        changes.push({ kind: 'remove', addressOfRecord, key: binding.key });
      else this.#table.timeChanged(binding);
    }
    if (changes.length === 0) return;
    this.#table.apply(addressOfRecord, changes);
    for (const change of changes) this.#writer.add(change);
    this.#tell({ addressOfRecord, before, after: this.#table.of(addressOfRecord), cause, keys: changes.map(keyOf) });
  }

  /** Whatever comes for this address until `work` is done waits for it. */
  #queue<T>(addressOfRecord: string, work: Promise<T>): Promise<T> {
    const line = this.#lines.get(addressOfRecord) ?? { last: Promise.resolve(), length: 0 };
    this.#lines.set(addressOfRecord, line);
    line.length += 1;
    const end = (): void => {
      line.length -= 1;
      if (line.length === 0) this.#lines.delete(addressOfRecord);
    };
    line.last = work.then(end, end);
    return work;
  }

  #tell(change: BindingsChange): void {
    this.#plan.onBindingsChanged(change);
  }
}

type AcceptedRegistration = Extract<RegistrationDecision, { kind: 'accepted' }>;

function keyOf(change: BindingChange): string {
  return change.kind === 'put' ? change.binding.key : change.key;
}

/** What can be reached over nothing but the connection that it came by. No connection outlives the process. */
function endsWithConnection({ key, flow: { transport } }: Binding): boolean {
  return transport === 'ws' || transport === 'wss' || (isOutboundKey(key) && transport !== 'udp');
}

/** The number of a connection means nothing, or another one, in a new process. */
function withoutConnection(binding: Binding): Binding {
  const { transport, remoteAddress, remotePort } = binding.flow;
  return { ...binding, flow: { transport, remoteAddress, remotePort } };
}
