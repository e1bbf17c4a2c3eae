/** The request of each lane: written into a buffer of its own, sent, and kept there so that it can be sent again. */
import { unreachable } from '../../../base/assert.ts';
import type { LoadPlan } from './load-plan.ts';
import type { LoadSession } from './load-session.ts';
import { formatTransaction, RequestTemplate } from './wire/request-template.ts';
import {
  formatPublish,
  formatUserNumber,
  messageText,
  registerText,
  subscribeText,
  type RequestOrigin,
} from './wire/request-texts.ts';
import type { Wire } from './wire/wires.ts';

const portsMax = 65_536;

export class LaneRequests {
  readonly #plan: LoadPlan;
  readonly #session: LoadSession;
  /** By port, which the Via names. */
  readonly #templates = new Map<number, RequestTemplate>();
  /** By lane and port. A lane writes over its request only after the answer to it. */
  readonly #copies = new Map<number, Buffer>();
  readonly #sent: (Buffer | undefined)[];
  readonly #wires: (Wire | undefined)[];
  readonly #hasAnsweredChallenge: Uint8Array;

  constructor(plan: LoadPlan, session: LoadSession) {
    this.#plan = plan;
    this.#session = session;
    this.#sent = Array.from({ length: plan.width });
    this.#wires = Array.from({ length: plan.width });
    this.#hasAnsweredChallenge = new Uint8Array(plan.width);
  }

  /** Answers the number of the transaction. */
  send(lane: number, user: number, round: number): number {
    this.#hasAnsweredChallenge[lane] = 0;
    switch (this.#plan.kind) {
      case 'message':
        return this.#sendMessage(lane, user, round);
      case 'register':
      case 'login':
        return this.#sendRegister(lane, user, undefined);
      case 'relogin':
        return this.#sendRegister(lane, user, this.#session.logins.authorization(user));
      case 'publish':
        return this.#sendPublish(lane, user, round);
      case 'subscribe':
        return this.#sendSubscribe(lane, user);
      default:
        return unreachable(this.#plan.kind);
    }
  }

  /** The REGISTER again, with the answer to the newest challenge; a second challenge to it is a refusal. */
  answerChallenge(lane: number, user: number): number {
    this.#hasAnsweredChallenge[lane] = 1;
    return this.#sendRegister(lane, user, this.#session.logins.authorization(user));
  }

  hasAnsweredChallenge(lane: number): boolean {
    return this.#hasAnsweredChallenge[lane] === 1;
  }

  resend(lane: number): void {
    const bytes = this.#sent[lane];
    if (bytes !== undefined) this.#wires[lane]?.send(bytes);
  }

  #sendMessage(lane: number, user: number, round: number): number {
    const { senderWires } = this.#session;
    const wire = senderWires[lane % senderWires.length];
    if (wire === undefined) return -1;
    const template = this.#templateOf(wire, messageText);
    const bytes = this.#copyOf(lane, wire, template);
    template.writeDecimal(bytes, 'user', user);
    template.writeDecimal(bytes, 'sender', (user + 1) % this.#session.plan.users);
    template.writeDecimal(bytes, 'round', round);
    return this.#sendTemplate(lane, wire, template, bytes);
  }

  #sendRegister(lane: number, user: number, authorization: string | undefined): number {
    const wire = this.#phoneWireOf(user);
    if (wire === undefined) return -1;
    const template =
      authorization === undefined
        ? this.#templateOf(wire, registerText)
        : RequestTemplate.parse(registerText(this.#originOf(wire), authorization));
    const bytes = authorization === undefined ? this.#copyOf(lane, wire, template) : template.copy();
    const sequence = this.#session.sequences[user] ?? 0;
    this.#session.sequences[user] = sequence + 1;
    template.writeDecimal(bytes, 'user', user);
    template.writeDecimal(bytes, 'sequence', sequence);
    return this.#sendTemplate(lane, wire, template, bytes);
  }

  #sendSubscribe(lane: number, user: number): number {
    const { watcher, watched } = this.#watchingOf(user);
    const wire = this.#phoneWireOf(watcher);
    if (wire === undefined) return -1;
    const template = this.#templateOf(wire, subscribeText);
    const bytes = this.#copyOf(lane, wire, template);
    template.writeDecimal(bytes, 'watcher', watcher);
    template.writeDecimal(bytes, 'user', watched);
    return this.#sendTemplate(lane, wire, template, bytes);
  }

  #watchingOf(user: number): { readonly watcher: number; readonly watched: number } {
    switch (this.#plan.watching ?? 'one-of-all') {
      case 'all-of-one':
        return { watcher: user, watched: 0 };
      case 'neighbour':
        return { watcher: user, watched: (user + 1) % this.#session.plan.users };
      default:
        return { watcher: 0, watched: user };
    }
  }

  #sendPublish(lane: number, user: number, round: number): number {
    const wire = this.#phoneWireOf(user);
    if (wire === undefined) return -1;
    const { moods = [] } = this.#plan;
    const number = this.#session.nextTransaction();
    const text = formatPublish(this.#originOf(wire), {
      user: formatUserNumber(user),
      mood: moods[round % moods.length] ?? 'calm',
      transaction: formatTransaction(number, lane),
      entityTag: this.#session.entityTags.get(user),
    });
    this.#put(lane, wire, Buffer.from(text, 'latin1'));
    return number;
  }

  #sendTemplate(lane: number, wire: Wire, template: RequestTemplate, bytes: Buffer): number {
    const number = this.#session.nextTransaction();
    template.writeTransaction(bytes, number, lane);
    this.#put(lane, wire, bytes);
    return number;
  }

  #put(lane: number, wire: Wire, bytes: Buffer): void {
    this.#sent[lane] = bytes;
    this.#wires[lane] = wire;
    wire.send(bytes);
  }

  #templateOf(wire: Wire, textOf: (origin: RequestOrigin) => string): RequestTemplate {
    let template = this.#templates.get(wire.localPort);
    if (template === undefined) {
      template = RequestTemplate.parse(textOf(this.#originOf(wire)));
      this.#templates.set(wire.localPort, template);
    }
    return template;
  }

  #copyOf(lane: number, wire: Wire, template: RequestTemplate): Buffer {
    const key = lane * portsMax + wire.localPort;
    let copy = this.#copies.get(key);
    if (copy === undefined) {
      copy = template.copy();
      this.#copies.set(key, copy);
    }
    return copy;
  }

  #phoneWireOf(user: number): Wire | undefined {
    const { phoneWires } = this.#session;
    return phoneWires[user % phoneWires.length];
  }

  #originOf(wire: Wire): RequestOrigin {
    const { transport, domain } = this.#session.plan;
    return { transport, domain, port: wire.localPort, contactPort: this.#session.contactPortOf(wire) };
  }
}
