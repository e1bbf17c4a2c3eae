/**
 * Everything on the load side of one server: the callee's sockets, the senders' sockets, and one run after the other.
 * Phones are registered from the callee's sockets, so that their flows lead there (RFC 5626).
 */
import type { Server } from 'node:net';
import { Callee } from './wire/callee.ts';
import type { LoadPlan, LoadReport, SessionPlan } from './load-plan.ts';
import { LoadRun } from './load-run.ts';
import { LoginBook } from './wire/login-book.ts';
import { isAnswer, transactionOf } from './wire/wire-bytes.ts';
import { listenForStreams, openTcpWire, openUdpWire, type Wire } from './wire/wires.ts';

/** Sockets or connections of each side; more than one, so that the buffers of the system are not the limit. */
export const calleeWires = 16;
const senderWires: Readonly<Record<SessionPlan['transport'], number>> = { udp: 4, tcp: 16 };

/** Called from time to time with how much of a run is done. */
export type Progress = (done: number, total: number) => void;

export class LoadSession {
  readonly plan: SessionPlan;
  readonly callee: Callee;
  readonly logins: LoginBook;
  /** By user: the number of the CSeq of the next REGISTER, and the entity tag of the publication. */
  readonly sequences: Int32Array;
  readonly entityTags = new Map<number, string>();
  readonly phoneWires: Wire[] = [];
  readonly senderWires: Wire[] = [];
  /** Where contacts point to; 0 when each wire's own port is meant. */
  #contactPort = 0;
  #listener: Server | undefined;
  #run: LoadRun | undefined;
  #transactions = 0;

  private constructor(plan: SessionPlan) {
    this.plan = plan;
    this.callee = new Callee(plan.users, (user) => this.#run?.arrived(user));
    this.logins = new LoginBook(plan.domain);
    this.sequences = new Int32Array(plan.users).fill(1_000_000);
  }

  static async open(plan: SessionPlan): Promise<LoadSession> {
    const session = new LoadSession(plan);
    const receive = (bytes: Buffer, wire: Wire): void => session.#receive(bytes, wire);
    const openWire = plan.transport === 'udp' ? openUdpWire : openTcpWire;
    if (plan.transport === 'tcp') {
      const { port, server } = await listenForStreams(plan.host, receive);
      session.#contactPort = port;
      session.#listener = server;
    }
    for (let at = 0; at < calleeWires; at += 1) session.phoneWires.push(await openWire(plan, receive));
    for (let at = 0; at < senderWires[plan.transport]; at += 1) session.senderWires.push(await openWire(plan, receive));
    return session;
  }

  /** One at a time. */
  async run(plan: LoadPlan, progress: Progress): Promise<LoadReport> {
    if (plan.forgetsArrivals === true) this.callee.forget();
    const run = new LoadRun(plan, this);
    this.#run = run;
    try {
      return await run.finish(progress);
    } finally {
      this.#run = undefined;
    }
  }

  contactPortOf(wire: Wire): number {
    return this.#contactPort === 0 ? wire.localPort : this.#contactPort;
  }

  nextTransaction(): number {
    this.#transactions = (this.#transactions + 1) >>> 0;
    return this.#transactions;
  }

  close(): void {
    for (const wire of [...this.phoneWires, ...this.senderWires]) wire.close();
    this.#listener?.close();
  }

  #receive(bytes: Buffer, wire: Wire): void {
    if (!isAnswer(bytes)) {
      this.callee.take(bytes, wire);
      return;
    }
    const transaction = transactionOf(bytes);
    if (transaction !== undefined) this.#run?.answered(transaction, bytes);
  }
}
