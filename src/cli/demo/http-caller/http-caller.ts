/**
 * A person who uses the HTTP API: each call signs in with their password, and is written to the talk log with its answer.
 * Shares no code with the server and believes nothing that an answer does not say.
 */
import type { TalkLog } from '../user-agent/talk-log.ts';
import { EventEar, type HeardEvent } from './event-ear.ts';

export interface HttpCallerPlan {
  /** `http://HOST:PORT` */
  readonly origin: string;
  readonly address: string;
  readonly password: string;
  readonly log: TalkLog;
}

export interface HttpAnswer {
  readonly status: number;
  readonly json: unknown;
  readonly text: string;
}

export class HttpCaller {
  readonly address: string;
  readonly #plan: HttpCallerPlan;
  #ear: EventEar | undefined;

  constructor(plan: HttpCallerPlan) {
    this.address = plan.address;
    this.#plan = plan;
  }

  async call(method: string, path: string, body?: Readonly<Record<string, unknown>>): Promise<HttpAnswer> {
    const condition = body?.['deliverWhen'];
    const when = typeof condition === 'string' ? ` when ${condition}` : '';
    this.#note('sent', `${method} ${path}`, `${method} ${shortened(path)}${when}`);
    const response = await fetch(this.#plan.origin + path, {
      method,
      headers: { ...this.#headers(), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json: unknown = text === '' ? undefined : JSON.parse(text);
    const line = `${response.status} ${response.statusText}`;
    const state = memberOf(json, 'state');
    this.#note('received', line, state === undefined ? line : `${line}, ${state}`);
    return { status: response.status, json, text };
  }

  /** Logs in: opens a stream of events, which makes this person reachable. */
  async listen(): Promise<EventEar> {
    this.#note('sent', 'GET /v1/events', 'GET /events');
    const ending = new AbortController();
    const response = await fetch(`${this.#plan.origin}/v1/events`, { headers: this.#headers(), signal: ending.signal });
    this.#note('received', `${response.status} ${response.statusText}`);
    if (response.status !== 200 || response.body === null) throw new Error(`no events: ${response.status}`);
    this.#ear = new EventEar(response.body, {
      close: () => ending.abort(),
      onEvent: (event) => this.#note('received', `event ${event.name}`, captionOf(event)),
    });
    return this.#ear;
  }

  /** Closes the stream, if one is open. */
  logOut(): void {
    if (this.#ear === undefined) return;
    this.#ear.close();
    this.#ear = undefined;
  }

  #headers(): Record<string, string> {
    const credentials = Buffer.from(`${this.address}:${this.#plan.password}`).toString('base64');
    return { authorization: `Basic ${credentials}` };
  }

  #note(direction: 'sent' | 'received', line: string, caption = line): void {
    this.#plan.log.add({ who: this.address, direction, line, caption, isRetransmission: false });
  }
}

const messageId = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g;

/** As much of a path as has room on a ladder: all of them are below /v1. */
function shortened(path: string): string {
  return path.replace(/^\/v1/, '').replaceAll(messageId, 'ID');
}

/** A member of a JSON object, when it is a text. */
export function memberOf(json: unknown, name: string): string | undefined {
  const value = typeof json === 'object' && json !== null ? (json as Record<string, unknown>)[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

function captionOf({ name, data }: HeardEvent): string {
  const state = name === 'report' ? memberOf(data, 'state') : undefined;
  return state === undefined ? `event ${name}` : `event ${name}: ${state}`;
}
