/**
 * The door of the room: sessions are opened here, connections come in and go out. One for a process; knows no SIP, no SDP,
 * no people, and not what a message is for.
 */
import { Tally } from '../base/collections/tally.ts';
import type { Counters } from '../base/counters.ts';
import type { IdSource } from '../base/ids.ts';
import type { Result } from '../base/result.ts';
import type { SocketAddress } from '../base/sockets/socket-address.ts';
import type { Clock } from '../base/time/clock.ts';
import type { Timers } from '../base/time/timers.ts';
import { ConnectionDriver } from './leg/connection-driver.ts';
import { Leg } from './leg/leg.ts';
import type { LegPlan, MsrpLeg } from './leg/leg-words.ts';
import { defaultMsrpLimits, type MsrpLimits } from './leg/msrp-limits.ts';
import type { MsrpUri } from './message/msrp-uri.ts';
import { type MsrpSession, SessionTable } from './session/session-table.ts';
import type { MsrpPort, MsrpResolver, MsrpStream, MsrpStreamListener, MsrpTransport } from './transport/ports.ts';

/** At least 80 are asked for (RFC 4975 14.1). */
const sessionIdBits = 128;
/** RFC 4975 15.4. */
const defaultPort = 2855;

export interface EndpointPlan {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ids: IdSource;
  readonly counters: Counters;
  readonly limits?: MsrpLimits;
  /** Without one only numeric addresses are connected to. */
  readonly resolver?: MsrpResolver;
}

/** Where sessions over one transport are reached: what stands in their URIs. */
export interface ReachedAt {
  readonly isSecure: boolean;
  /** A name or an address, IPv6 in brackets. */
  readonly host: string;
  readonly port: number;
}

export class MsrpEndpoint {
  readonly #plan: EndpointPlan;
  readonly #limits: MsrpLimits;
  readonly #sessions = new SessionTable();
  readonly #legs = new Map<MsrpSession, Leg>();
  readonly #drivers = new Set<ConnectionDriver>();
  readonly #perAddress = new Tally<string>();
  readonly #reachedAt = new Map<MsrpTransport, ReachedAt>();
  readonly #ports = new Map<MsrpTransport, MsrpPort>();
  #lastConnection = 0;
  #isClosed = false;

  constructor(plan: EndpointPlan) {
    this.#plan = plan;
    this.#limits = plan.limits ?? defaultMsrpLimits;
    plan.counters.gauge('msrp_connections', () => this.#drivers.size);
    plan.counters.gauge('msrp_sessions', () => this.#sessions.size);
  }

  get connections(): number {
    return this.#drivers.size;
  }

  /** Sessions over that transport are offered from now on; `port`: connections to others are opened by it. */
  offer(transport: MsrpTransport, at: ReachedAt, port?: MsrpPort): void {
    this.#reachedAt.set(transport, at);
    if (port !== undefined) this.#ports.set(transport, port);
  }

  offers(transport: MsrpTransport): boolean {
    return this.#reachedAt.has(transport);
  }

  /** Those that sessions can be had over. */
  get transports(): ReadonlySet<MsrpTransport> {
    return new Set(this.#reachedAt.keys());
  }

  /** Undefined at `sessionsMax`, and for a transport that is not offered. */
  open(plan: LegPlan): MsrpLeg | undefined {
    const at = this.#reachedAt.get(plan.transport);
    if (at === undefined || this.#isClosed) return undefined;
    const uri: MsrpUri = {
      scheme: (plan.isSecure ?? at.isSecure) ? 'msrps' : 'msrp',
      host: (plan.host ?? at.host).toLowerCase(),
      port: at.port,
      sessionId: this.#plan.ids.randomToken(sessionIdBits),
      transport: plan.transport === 'ws' ? 'ws' : 'tcp',
      parameters: '',
    };
    const { clock, timers } = this.#plan;
    const leg = new Leg(uri, plan, {
      connect: (each) => this.#connect(each),
      closed: (each) => this.#closed(each),
      afterBindTime: (run) => timers.at(clock.monotonic() + this.#limits.bindMsMax, run),
    });
    if (!this.#sessions.open(leg.session)) return undefined;
    this.#legs.set(leg.session, leg);
    return leg;
  }

  /** A peer has connected. Undefined refuses it. */
  accept(stream: MsrpStream): MsrpStreamListener | undefined {
    const { address } = stream.remote;
    const { connectionsMax, connectionsPerAddressMax } = this.#limits;
    const ofAddress = this.#perAddress.of(address);
    if (this.#isClosed || this.#drivers.size >= connectionsMax || ofAddress >= connectionsPerAddressMax) {
      this.#plan.counters.add('msrp_connections_refused');
      return undefined;
    }
    return this.#drive(stream);
  }

  /** Ends all sessions and connections, and takes no more. */
  close(): void {
    this.#isClosed = true;
    for (const leg of this.#legs.values()) leg.over('lost');
    for (const driver of this.#drivers) driver.close();
  }

  #drive(stream: MsrpStream): ConnectionDriver {
    const { address } = stream.remote;
    this.#perAddress.add(address);
    this.#lastConnection += 1;
    const around = {
      ...this.#plan,
      limits: this.#limits,
      sessions: this.#sessions,
      legOf: (session: MsrpSession) => this.#legs.get(session),
    };
    const driver = new ConnectionDriver(stream, this.#lastConnection, around, () => {
      this.#drivers.delete(driver);
      this.#perAddress.remove(address);
    });
    this.#drivers.add(driver);
    return driver;
  }

  #closed(leg: Leg): void {
    this.#sessions.close(leg.session);
    this.#legs.delete(leg.session);
  }

  #connect(leg: Leg): void {
    const [next] = leg.remotePath;
    const port = next === undefined ? undefined : this.#portFor(next);
    if (next === undefined || port === undefined || this.#drivers.size >= this.#limits.connectionsMax) {
      leg.over('unreachable');
      return;
    }
    const to = (address: string): SocketAddress & { name: string } => ({
      address,
      port: next.port ?? defaultPort,
      name: next.host,
    });
    const connectTo = (address: string | undefined): void => {
      if (leg.isOver) return;
      if (address === undefined) leg.over('unreachable');
      else port.connect(to(address), this.#limits.connectMsMax, (opened) => this.#opened(leg, opened));
    };
    const numeric = numericHost(next.host);
    if (numeric !== undefined) connectTo(numeric);
    else if (this.#plan.resolver === undefined) connectTo(undefined);
    else this.#plan.resolver.resolve(next.host, ([first]) => connectTo(first));
  }

  #portFor({ transport, scheme }: MsrpUri): MsrpPort | undefined {
    if (transport !== 'tcp') return undefined;
    return this.#ports.get(scheme === 'msrps' ? 'tls' : 'tcp');
  }

  #opened(leg: Leg, opened: Result<MsrpStream, string>): MsrpStreamListener | undefined {
    if (!opened.ok) leg.over('unreachable');
    if (!opened.ok || leg.isOver || this.#isClosed) return undefined;
    const driver = this.#drive(opened.value);
    // At once, so that the other side can bind it (RFC 4975 5.4).
    driver.sendEmpty(leg, (status) => leg.answered(status));
    leg.bound(driver);
    return driver;
  }
}

/** Undefined for a name. */
function numericHost(host: string): string | undefined {
  if (host.startsWith('[')) return host.slice(1, -1);
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host) ? host : undefined;
}
