/** One person in a world in memory: SIP written as text, and MSRP legs that write down what they hear. */
import { parseSipText, type SipText } from '../../src/cli/demo/user-agent/sip-text.ts';
import type { VirtualTime } from '../../src/base/time/virtual-time.ts';
import type { LegPlan, MsrpLeg, OutgoingMsrp } from '../../src/msrp/leg/leg-words.ts';
import { path, type Sent, send, Side } from '../../src/msrp/leg/test-sides.ts';
import type { MsrpEndpoint } from '../../src/msrp/msrp-endpoint.ts';

export interface ClientPlan {
  readonly name: string;
  readonly address: string;
  readonly device: number;
  readonly endpoint: MsrpEndpoint;
  readonly time: VirtualTime;
}

export interface SdpWishes {
  readonly direction?: string;
  readonly acceptTypes?: string;
  readonly acceptWrappedTypes?: string;
  readonly maxSize?: number;
  readonly setup?: string;
  readonly more?: readonly string[];
}

export interface CallWishes extends SdpWishes {
  readonly rows?: readonly string[];
  /** False: an INVITE without an offer. */
  readonly hasOffer?: boolean;
}

export const largeRow = 'Accept-Contact: *;+g.oma.sip-im.large-message';
export const talkRow = 'Accept-Contact: *;+g.oma.sip-im';

/** One session as this client has it. */
export class ClientSession {
  readonly side: Side;
  readonly callId: string;
  readonly local: string;
  readonly client: SessionClient;
  remote = '';
  remoteUri = '';
  /** Final answer to our INVITE, or the INVITE that came. */
  answer: SipText | undefined;
  readonly statuses: number[] = [];
  /** BYE of the server, with its Reason. */
  byes: string[] = [];
  wishes: CallWishes = {};
  cseq = 1;

  constructor(client: SessionClient, callId: string, local: string, more: Partial<LegPlan> = {}) {
    this.client = client;
    this.callId = callId;
    this.local = local;
    this.side = new Side(client.plan.endpoint, more);
  }

  get leg(): MsrpLeg {
    return this.side.leg;
  }

  get status(): number {
    return this.answer?.status ?? 0;
  }

  /** What came, as text, by the order of coming. */
  get texts(): string[] {
    return [...this.side.bodies.values()].map((body) => new TextDecoder().decode(body));
  }

  send(messageId: string, body: Uint8Array | string, more: Partial<OutgoingMsrp> = {}): Sent {
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
    return send(this.side, messageId, bytes, { successReport: true, ...more });
  }

  bye(): void {
    this.cseq += 1;
    this.client.say('BYE', this, []);
  }

  /** The network of this side is gone, without a word. */
  vanish(): void {
    this.leg.close();
  }

  /** Another offer within the session. */
  reoffer(sdp: readonly string[]): void {
    this.cseq += 1;
    this.client.say('INVITE', this, sdp);
  }

  sdp(wishes: SdpWishes = this.wishes, uri = this.leg.uri): string[] {
    const { direction = 'sendrecv', acceptTypes = '*', acceptWrappedTypes, maxSize, setup = 'actpass' } = wishes;
    return [
      'v=0',
      `o=- 1 ${this.cseq} IN IP4 ${this.client.plan.address}`,
      's=-',
      `c=IN IP4 ${this.client.plan.address}`,
      't=0 0',
      'm=message 2855 TCP/MSRP *',
      `a=accept-types:${acceptTypes}`,
      ...(acceptWrappedTypes === undefined ? [] : [`a=accept-wrapped-types:${acceptWrappedTypes}`]),
      ...(maxSize === undefined ? [] : [`a=max-size:${maxSize}`]),
      `a=${direction}`,
      `a=setup:${setup}`,
      `a=path:${uri}`,
      ...(wishes.more ?? []),
    ];
  }
}

export class SessionClient {
  readonly plan: ClientPlan;
  readonly sessions = new Map<string, ClientSession>();
  /** INVITEs that came. */
  readonly invites: ClientSession[] = [];
  readonly messages: SipText[] = [];
  /** What an INVITE is answered with; 0 is silence. */
  answer = 200;
  wishes: SdpWishes = {};
  legMore: Partial<LegPlan> = {};
  readonly #send: (bytes: Buffer) => void;
  #serial = 0;

  constructor(plan: ClientPlan, sendBytes: (bytes: Buffer) => void) {
    this.plan = plan;
    this.#send = sendBytes;
  }

  get uri(): string {
    return `sip:${this.plan.name}@${this.plan.address}`;
  }

  async register(features = ';+g.oma.sip-im;+g.oma.sip-im.large-message', expires = 3600): Promise<void> {
    this.#serial += 1;
    this.#write('REGISTER sip:localhost SIP/2.0', [
      `From: <sip:${this.plan.name}@localhost>;tag=r`,
      `To: <sip:${this.plan.name}@localhost>`,
      `Call-ID: reg-${this.plan.address}`,
      `CSeq: ${this.#serial} REGISTER`,
      `Contact: <${this.uri}>${features}`,
      `Expires: ${expires}`,
    ]);
    await this.plan.time.advance(10);
  }

  async call(to: string, wishes: CallWishes = {}): Promise<ClientSession> {
    this.#serial += 1;
    const callId = `call-${this.plan.address}-${this.#serial}`;
    const session = new ClientSession(this, callId, `<sip:${this.plan.name}@localhost>;tag=c${this.#serial}`);
    session.wishes = wishes;
    session.remote = `<sip:${to}@localhost>`;
    session.remoteUri = `sip:${to}@localhost`;
    this.sessions.set(callId, session);
    this.say('INVITE', session, wishes.hasOffer === false ? [] : session.sdp(), wishes.rows ?? []);
    await this.plan.time.advance(20);
    return session;
  }

  large(to: string, wishes: CallWishes = {}): Promise<ClientSession> {
    return this.call(to, { direction: 'sendonly', ...wishes, rows: [largeRow, ...(wishes.rows ?? [])] });
  }

  talk(to: string, wishes: CallWishes = {}): Promise<ClientSession> {
    return this.call(to, { ...wishes, rows: [talkRow, ...(wishes.rows ?? [])] });
  }

  /** A request in the session. */
  say(method: string, session: ClientSession, sdp: readonly string[], rows: readonly string[] = []): void {
    const lines = [
      `From: ${session.local}`,
      `To: ${session.remote}`,
      `Call-ID: ${session.callId}`,
      `CSeq: ${session.cseq} ${method}`,
      `Contact: <${this.uri}>`,
      ...rows,
    ];
    this.#write(`${method} ${session.remoteUri} SIP/2.0`, lines, sdp);
  }

  /** A pager message. */
  write(to: string, text: string): void {
    this.#serial += 1;
    const from = `<sip:${this.plan.name}@localhost>;tag=p${this.#serial}`;
    const about = [`From: ${from}`, `To: <sip:${to}@localhost>`, `Call-ID: page-${this.plan.address}-${this.#serial}`];
    this.#write(`MESSAGE sip:${to}@localhost SIP/2.0`, [...about, 'CSeq: 1 MESSAGE', `Subject: ${text}`]);
  }

  receive(bytes: Buffer): void {
    const message = parseSipText(bytes);
    if (message === undefined) return;
    const session = this.sessions.get(message.header('Call-ID') ?? '');
    if (!message.isRequest) {
      if (session !== undefined && message.method === 'INVITE') this.#answered(session, message);
      return;
    }
    switch (message.method) {
      case 'INVITE':
        return this.#invited(message);
      case 'BYE':
        session?.byes.push(message.header('Reason') ?? '');
        return this.#reply(message, 200, []);
      case 'MESSAGE':
        this.messages.push(message);
        return this.#reply(message, 200, []);
      case 'ACK':
        return;
      default:
        return this.#reply(message, 200, []);
    }
  }

  #answered(session: ClientSession, answer: SipText): void {
    session.statuses.push(answer.status);
    if (answer.status < 200) return;
    const isFirst = session.answer === undefined;
    session.answer = answer;
    session.remote = answer.header('To') ?? '';
    const contact = /<([^>]+)>/.exec(answer.header('Contact') ?? '')?.[1];
    if (answer.status < 300 && contact !== undefined) session.remoteUri = contact;
    const isLate = session.wishes.hasOffer === false;
    this.say('ACK', session, isLate && answer.status < 300 && isFirst ? session.sdp() : []);
    if (answer.status < 300) this.start(session, String(answer.body), isLate ? 'offer' : 'answer');
  }

  /** Connects where the other side waits. */
  start(session: ClientSession, description: string, kind: 'offer' | 'answer'): void {
    const their = /a=path:(\S+)/.exec(description)?.[1];
    const setup = /a=setup:(\S+)/.exec(description)?.[1];
    if (their === undefined) return;
    const role = kind === 'answer' ? (setup === 'active' ? 'passive' : 'active') : 'active';
    session.leg.start({ path: path(their), role });
  }

  #invited(invite: SipText): void {
    const callId = invite.header('Call-ID') ?? '';
    const known = this.sessions.get(callId);
    if (this.answer === 0) return;
    if (this.answer !== 200) return this.#reply(invite, this.answer, []);
    const session =
      known ?? new ClientSession(this, callId, `${invite.header('To')};tag=s${callId.slice(0, 8)}`, this.legMore);
    if (known === undefined) {
      session.answer = invite;
      session.remote = invite.header('From') ?? '';
      session.remoteUri = /<([^>]+)>/.exec(invite.header('Contact') ?? '')?.[1] ?? '';
      session.cseq = 100;
      const offered = /a=(sendonly|recvonly)/.exec(String(invite.body))?.[1];
      session.wishes = { direction: offered === 'sendonly' ? 'recvonly' : 'sendrecv', setup: 'active', ...this.wishes };
      this.sessions.set(callId, session);
      this.invites.push(session);
    }
    this.#reply(invite, 200, session.sdp(), session.local);
    this.start(session, String(invite.body), 'offer');
  }

  #reply(request: SipText, status: number, sdp: readonly string[], to = `${request.header('To')};tag=x`): void {
    const rows = request.headers.filter(([name]) => ['Via', 'From', 'Call-ID', 'CSeq'].includes(name));
    const isTagged = /;tag=/.test(request.header('To') ?? '');
    this.#write(
      `SIP/2.0 ${status} Answer`,
      [
        ...rows.map(([name, value]) => `${name}: ${value}`),
        `To: ${isTagged ? request.header('To') : to}`,
        `Contact: <${this.uri}>`,
      ],
      sdp,
      false,
    );
  }

  #write(startLine: string, rows: readonly string[], sdp: readonly string[] = [], isRequest = true): void {
    this.#serial += 1;
    const body = sdp.length === 0 ? '' : `${sdp.join('\r\n')}\r\n`;
    const via = `Via: SIP/2.0/UDP ${this.plan.address}:5060;branch=z9hG4bK${this.plan.address}${this.#serial}`;
    const lines = [
      startLine,
      ...(isRequest ? [via, 'Max-Forwards: 70'] : []),
      ...rows,
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ];
    this.#send(Buffer.from(lines.join('\r\n')));
  }
}
