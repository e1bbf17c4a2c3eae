/** For tests: the layer over real transactions and a transport that notes what leaves, in virtual time, and a peer written as text. */
import { Counters } from '../../base/counters.ts';
import type { IdSource } from '../../base/ids.ts';
import { silentLog } from '../../base/log.ts';
import { VirtualTime } from '../../base/time/virtual-time.ts';
import type { SipRequest, SipResponse } from '../message/sip-message.ts';
import type { Flow } from '../registrar/ports.ts';
import { defaultTiming } from '../transaction/machines/transaction-timing.ts';
import { datagramFlow, RecordingTransport, requestText } from '../transaction/recording-transport.ts';
import type { RequestWords } from '../transaction/recording-transport.ts';
import { TransactionLayer } from '../transaction/transaction-layer.ts';
import { RequestContext } from '../user-agent/request-context.ts';
import type { IncomingInvite } from './incoming-invite.ts';
import { InviteLayer } from './invite-layer.ts';
import type { InviteSession } from './invite-session.ts';
import type { CallListener, CallPlan, OutgoingInvite } from './outgoing-invite.ts';
import type { InviteLimits, OfferReply, SessionContent, SessionListener } from './session-words.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function content(text: string): SessionContent {
  return { contentType: 'application/sdp', body: encoder.encode(text) };
}

export function textOf(some: SessionContent | undefined): string | undefined {
  return some === undefined ? undefined : decoder.decode(some.body);
}

export class InviteRig {
  readonly time = new VirtualTime();
  readonly transport = new RecordingTransport();
  readonly counters = new Counters();
  readonly layer: InviteLayer;
  readonly transactions: TransactionLayer;
  /** What listeners heard, in short. */
  readonly heard: string[] = [];
  readonly sessions: InviteSession[] = [];
  readonly invites: IncomingInvite[] = [];
  fraction = 0.5;
  /** INVITEs wait in `lookedUp` until the test begins them. */
  isLookingUp = false;
  readonly lookedUp: RequestContext[] = [];
  take: (invite: IncomingInvite) => void | Promise<void> = (invite) => {
    invite.onCancelled = (cause) => this.heard.push(`cancelled: ${cause}`);
  };
  reply: (offer: SessionContent | undefined) => OfferReply | Promise<OfferReply> = (offer) => ({
    kind: 'accept',
    content: content(`answer to ${textOf(offer) ?? 'nothing'}`),
  });
  #tokens = 0;
  #branches = 0;
  #cseq = 1;

  constructor(limits?: InviteLimits) {
    const { time, transport, counters } = this;
    const ids: IdSource = {
      randomToken: () => `t${(this.#tokens += 1)}`,
      timeOrderedId: () => `i${(this.#tokens += 1)}`,
      fraction: () => this.fraction,
    };
    this.transactions = new TransactionLayer({
      transport,
      clock: time,
      timers: time,
      ids,
      counters,
      onConnectionClosed: (connection) => this.layer.connectionClosed(connection),
    });
    this.layer = new InviteLayer({
      transactions: this.transactions,
      clock: time,
      timers: time,
      ids,
      counters,
      log: silentLog,
      timing: defaultTiming,
      contactFor: (flow) => `<sip:192.0.2.9:5060;transport=${flow.transport}>`,
      wayTo: (_uri, flow) => ({ transport: flow?.transport ?? 'udp', ...(flow === undefined ? {} : { flow }) }),
      allow: () => 'ACK, BYE, CANCEL, INVITE, PRACK, UPDATE',
      ...(limits === undefined ? {} : { limits }),
    });
    this.transactions.use({
      onRequest: (transaction) => {
        const context = new RequestContext(transaction, { server: 'rig', host: 'example.com' });
        if (transaction.request.method !== 'INVITE' || transaction.request.to.tag !== undefined) {
          this.layer.receive(context);
          return;
        }
        if (this.isLookingUp) this.lookedUp.push(context);
        else this.begin(context);
      },
      onAck: (request) => this.layer.acknowledge(request),
    });
  }

  begin(context: RequestContext): void {
    void this.layer.begin(context, (invite) => {
      this.invites.push(invite);
      return this.take(invite);
    });
  }

  readonly listener: SessionListener = {
    acknowledged: (answer) => this.heard.push(`acknowledged ${textOf(answer) ?? '-'}`),
    offered: (offer) => {
      this.heard.push(`offered ${textOf(offer) ?? '-'}`);
      return this.reply(offer);
    },
    offerWithdrawn: () => this.heard.push('offer withdrawn'),
    connectionLost: () => this.heard.push('connection lost'),
    ended: (end) => {
      const more = end.kind === 'bye' ? end.reasons.join() : end.kind === 'lost' ? String(end.status) : '';
      this.heard.push(`ended: ${end.kind} ${more}`.trimEnd());
    },
  };

  /** An INVITE of the peer; the session that it makes has the tag of what is answered. */
  receiveInvite(words: RequestWords = {}, flow: Flow = datagramFlow): void {
    const rows = ['Contact: <sip:tom@192.0.2.1>', 'Content-Type: application/sdp', ...(words.rows ?? [])];
    this.receive({ method: 'INVITE', body: 'offer 1', cseq: 1, ...words, rows }, flow);
  }

  receive(words: RequestWords, flow: Flow = datagramFlow): void {
    this.#branches += 1;
    this.transport.receive(requestText({ branch: `z9hG4bKpeer${this.#branches}`, ...words }), flow);
  }

  /** A request of the peer within the session that we answered; its CSeq is the next unless it is given. */
  receiveWithin(method: string, words: RequestWords = {}, flow: Flow = datagramFlow): void {
    if (method !== 'ACK') this.#cseq += 1;
    const rows = ['Contact: <sip:tom@192.0.2.1>', ...(words.rows ?? [])];
    if (words.body !== undefined) rows.push('Content-Type: application/sdp');
    this.receive({ method, cseq: this.#cseq, toTag: this.toTag, ...words, rows }, flow);
  }

  /** Accepts the newest INVITE. */
  accept(text: string | undefined = 'answer 1'): InviteSession {
    const session = this.invites.at(-1)?.accept(text === undefined ? undefined : content(text), this.listener);
    if (session === undefined) throw new Error('it is not open');
    this.sessions.push(session);
    return session;
  }

  /** A session that the peer began, with its ACK. */
  answered(words: RequestWords = {}, flow: Flow = datagramFlow): InviteSession {
    this.receiveInvite(words, flow);
    const session = this.accept();
    this.receiveWithin('ACK', { cseq: 1 }, flow);
    this.transport.responses.length = 0;
    this.heard.length = 0;
    return session;
  }

  get toTag(): string {
    return this.invites.at(-1)?.context.transaction.localTag ?? '';
  }

  call(plan: Partial<CallPlan> = {}, listener: Partial<CallListener> = {}): OutgoingInvite {
    return this.layer.call(this.planOf(plan), {
      progress: (response) => this.heard.push(`progress ${response.status}`),
      answered: (session, response) => {
        this.sessions.push(session);
        this.heard.push(`answered ${decoder.decode(response.body)}`);
        return this.listener;
      },
      failed: (failure) =>
        this.heard.push(failure.kind === 'refused' ? `failed ${failure.status}` : `failed: ${failure.kind}`),
      ...listener,
    });
  }

  planOf(plan: Partial<CallPlan> = {}): CallPlan {
    return {
      destination: { host: '192.0.2.1', transport: 'udp' },
      requestUri: 'sip:tom@192.0.2.1',
      from: '<sip:mary@example.com>',
      to: '<sip:tom@example.com>',
      content: content('offer of ours'),
      ...plan,
    };
  }

  /** A session that we began. */
  called(rows: readonly string[] = []): InviteSession {
    this.call();
    this.respond(this.lastOf('INVITE'), 200, { rows, body: 'answer of theirs' });
    const session = this.sessions.at(-1);
    if (session === undefined) throw new Error('there is no session');
    this.transport.requests.length = 0;
    this.heard.length = 0;
    return session;
  }

  lastOf(method: string): SipRequest {
    const request = this.transport.requests.findLast((each) => each.method === method);
    if (request === undefined) throw new Error(`no ${method} left`);
    return request;
  }

  get lastResponse(): SipResponse {
    const response = this.transport.responses.at(-1);
    if (response === undefined) throw new Error('no response left');
    return response;
  }

  /** The peer answers a request of ours. */
  respond(request: SipRequest, status: number, more: ResponseWords = {}): void {
    const { toTag = 'peer1', rows = [], body = '' } = more;
    const { headers } = request;
    const to = headers.get('To') ?? '';
    const lines = [
      `SIP/2.0 ${status} Words`,
      ...headers.getAll('Via').map((via) => `Via: ${via}`),
      `From: ${headers.get('From') ?? ''}`,
      `To: ${request.to.tag === undefined && status > 100 ? `${to};tag=${toTag}` : to}`,
      `Call-ID: ${request.callId}`,
      `CSeq: ${headers.get('CSeq') ?? ''}`,
      ...(more.contact === undefined ? ['Contact: <sip:tom@192.0.2.1:5070>'] : [`Contact: ${more.contact}`]),
      ...rows,
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${encoder.encode(body).length}`,
      '',
      body,
    ];
    this.transport.receive(lines.join('\r\n'));
  }

  /** What was heard since the last call. */
  takeHeard(): string[] {
    return this.heard.splice(0);
  }
}

export interface ResponseWords {
  readonly toTag?: string;
  readonly contact?: string;
  readonly rows?: readonly string[];
  readonly body?: string;
}

/** Lets the test answer an offer of the peer later. */
export function answerLater(rig: InviteRig): (reply: OfferReply) => Promise<void> {
  let answer: (reply: OfferReply) => void = () => undefined;
  rig.reply = () =>
    new Promise((resolve) => {
      answer = resolve;
    });
  return async (reply) => {
    answer(reply);
    await rig.time.settle();
  };
}
