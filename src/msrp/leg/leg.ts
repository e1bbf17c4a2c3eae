/** One leg: a session, the connection that it has or waits for, and its messages both ways. */
import type { TimerHandle } from '../../base/time/timers.ts';
import type { MsrpRequestHead } from '../message/msrp-message.ts';
import { formatMsrpUri, type MsrpUri } from '../message/msrp-uri.ts';
import type { MsrpSession } from '../session/session-table.ts';
import type { MsrpTransport } from '../transport/ports.ts';
import type { ConnectionDriver } from './connection-driver.ts';
import type {
  LegEnd,
  LegListener,
  LegPlan,
  MsrpLeg,
  OutgoingHandle,
  OutgoingMsrp,
  ReportOnMessage,
} from './leg-words.ts';
import { OutgoingQueue } from './outgoing-queue.ts';

export interface LegSurroundings {
  /** This side connects; `bound` or `over` follows. */
  connect(leg: Leg): void;
  /** The leg is over. */
  closed(leg: Leg): void;
  /** Runs it when a leg has waited for its connection for too long. */
  afterBindTime(run: () => void): TimerHandle;
}

/** Statuses that end a session rather than a message (RFC 4975 10). */
const sessionEnds: ReadonlySet<number> = new Set([481, 506]);

export class Leg implements MsrpLeg {
  readonly uri: string;
  readonly transport: MsrpTransport;
  readonly session: MsrpSession;
  readonly outgoing: OutgoingQueue;
  readonly #plan: LegPlan;
  readonly #around: LegSurroundings;
  #remotePath: readonly MsrpUri[] = [];
  #driver: ConnectionDriver | undefined;
  #isConnecting = false;
  #bindTimer: TimerHandle | undefined;
  #isPaused = false;
  #isOver = false;

  constructor(uri: MsrpUri, plan: LegPlan, around: LegSurroundings) {
    this.uri = formatMsrpUri(uri);
    this.transport = plan.transport;
    this.#plan = plan;
    this.#around = around;
    this.outgoing = new OutgoingQueue(() => this.#driver?.ready(this));
    const remotePath = (): readonly MsrpUri[] => this.#remotePath;
    this.session = {
      uri,
      transport: plan.transport,
      sizeMax: plan.sizeMax,
      get remotePath() {
        return remotePath();
      },
      admit: (head) => this.#admit(head),
      received: (messageId) => plan.received?.(messageId) ?? 0,
    };
  }

  get listener(): LegListener {
    return this.#plan.listener;
  }

  get remotePath(): readonly MsrpUri[] {
    return this.#remotePath;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  start({ path, role }: { readonly path: readonly MsrpUri[]; readonly role: 'active' | 'passive' }): void {
    if (this.#isOver) return;
    this.#remotePath = path;
    if (this.#driver !== undefined) this.outgoing.open();
    else if (role === 'passive') {
      this.#bindTimer ??= this.#around.afterBindTime(() => this.over('unreachable'));
    } else if (!this.#isConnecting) {
      this.#isConnecting = true;
      this.#around.connect(this);
    }
  }

  send(message: OutgoingMsrp): OutgoingHandle | undefined {
    return this.#isOver ? undefined : this.outgoing.send(message);
  }

  report(report: ReportOnMessage): void {
    this.#driver?.report(this, report);
  }

  refuse(messageId: string, status: number): void {
    this.#driver?.refuse(this, messageId, status);
  }

  pause(): void {
    this.#isPaused = true;
    this.#driver?.pause(this);
  }

  resume(): void {
    this.#isPaused = false;
    this.#driver?.resume(this);
  }

  keepAlive(): void {
    if (this.#remotePath.length > 0) this.#driver?.sendEmpty(this, (status) => this.answered(status));
  }

  close(): void {
    if (!this.#isOver) this.#end();
  }

  /** There is a connection, of whichever side. */
  bound(driver: ConnectionDriver): void {
    if (this.#isOver || this.#driver !== undefined) return;
    this.#driver = driver;
    this.#bindTimer?.cancel();
    if (this.#isPaused) driver.pause(this);
    this.listener.connected();
    // A peer may be here before its answer is: then there is no path yet to send to.
    if (this.#remotePath.length > 0) this.outgoing.open();
  }

  answered(status: number): void {
    if (sessionEnds.has(status)) this.over('no-session');
  }

  reported(head: MsrpRequestHead): void {
    this.outgoing.reported(head);
  }

  /** Not by the caller. */
  over(why: LegEnd): void {
    if (this.#isOver) return;
    this.#end();
    this.listener.ended(why);
  }

  #admit(head: MsrpRequestHead): 'take' | 'drop' | number {
    if (this.#isOver) return 481;
    if (!this.#plan.mayReceive) return 403;
    if (!this.#plan.accepts(head.contentType ?? '')) return 415;
    return this.listener.began(head);
  }

  #end(): void {
    this.#isOver = true;
    this.#bindTimer?.cancel();
    const driver = this.#driver;
    this.#driver = undefined;
    driver?.forget(this);
    this.#around.closed(this);
    this.outgoing.end();
  }
}
