/** What an INVITE that was answered leaves behind (RFC 3261 section 12): requests within it, both ways, and its end. */
import { Arrivals } from '../demo/user-agent/arrivals.ts';
import type { RequestOptions, RequestThread } from '../demo/user-agent/requester.ts';
import type { SipText } from '../demo/user-agent/sip-text.ts';
import type { SipUserAgent } from '../demo/user-agent/sip-user-agent.ts';
import { InviteCall } from './invite-call.ts';

export interface DialogParts {
  readonly thread: RequestThread;
  /** The other's address as a URI, for the To header. */
  readonly to: string;
  /** Where requests go: the other's Contact. */
  readonly target: string;
  readonly routes: readonly string[];
}

export class InviteDialog {
  readonly thread: RequestThread;
  readonly target: string;
  readonly routes: readonly string[];
  /** Resolves with the BYE of the other side. */
  readonly byed: Promise<SipText>;
  readonly #to: string;
  readonly #phone: SipUserAgent;
  readonly #requests = new Arrivals<SipText>('request within the dialog');

  constructor(phone: SipUserAgent, parts: DialogParts) {
    this.#phone = phone;
    this.thread = parts.thread;
    this.target = parts.target;
    this.routes = parts.routes;
    this.#to = parts.to;
    this.byed = new Promise((resolve) => {
      phone.listen((message) => {
        if (!message.isRequest || message.callId !== this.thread.callId || message.toTag !== this.thread.fromTag)
          return;
        this.#requests.push(message);
        if (message.method === 'BYE') resolve(message);
      });
    });
  }

  nextRequest(method: string, withinMs: number): Promise<SipText> {
    return this.#requests.next(withinMs, (request) => request.method === method);
  }

  /** Any request but INVITE; its final answer. */
  request(method: string, options: RequestOptions = {}): Promise<SipText> {
    const headers = { Contact: `<${this.#phone.contact}>`, ...this.#routeEdits(), ...options.headers };
    return this.#phone.request(method, this.target, { ...options, to: this.#to, thread: this.thread, headers });
  }

  bye(): Promise<SipText> {
    return this.request('BYE');
  }

  /** Another INVITE within it; its success is acknowledged. */
  async reinvite(body: string, password: string | undefined): Promise<SipText> {
    const { thread, target: uri } = this;
    const call = new InviteCall(this.#phone, {
      uri,
      to: this.#to,
      body,
      thread,
      password,
      headers: this.#routeEdits(),
    });
    const answer = await call.final;
    if (answer.status < 300) call.acknowledge(answer, this);
    return answer;
  }

  #routeEdits(): Record<string, readonly string[]> {
    return this.routes.length === 0 ? {} : { Route: this.routes };
  }
}

/** Of the caller: from the answer. */
export function dialogOfAnswer(thread: RequestThread, to: string, answer: SipText): DialogParts {
  if (answer.toTag !== undefined) thread.toTag = answer.toTag;
  return { thread, to, target: targetIn(answer) ?? to, routes: routesIn(answer).toReversed() };
}

/** Of the callee: from the INVITE and the tag of the answer. */
export function dialogOfInvite(invite: SipText, tag: string): DialogParts {
  const to = uriIn(invite.header('From') ?? '');
  const thread = { callId: invite.callId, fromTag: tag, toTag: invite.fromTag, cseq: 0 };
  return { thread, to, target: targetIn(invite) ?? to, routes: routesIn(invite) };
}

function targetIn(message: SipText): string | undefined {
  const contact = message.header('Contact');
  return contact === undefined ? undefined : uriIn(contact);
}

function routesIn(message: SipText): string[] {
  return message.headerValues('Record-Route').flatMap((value) => value.split(/,\s*/));
}

function uriIn(value: string): string {
  return /<([^>]+)>/.exec(value)?.[1] ?? value.split(';')[0]?.trim() ?? '';
}
