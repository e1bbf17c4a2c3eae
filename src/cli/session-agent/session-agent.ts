/**
 * A person who talks by session: registers as a client of large messages and conversations, invites and is invited, and has the
 * MSRP session that came of it. Everything can be done by hand where a test wants it done otherwise.
 */
import { randomBytes } from 'node:crypto';
import { Arrivals } from '../demo/user-agent/arrivals.ts';
import { newThread, type HeaderEdits } from '../demo/user-agent/requester.ts';
import type { SipText } from '../demo/user-agent/sip-text.ts';
import { SipUserAgent, type RegisterOptions, type SipUserAgentOptions } from '../demo/user-agent/sip-user-agent.ts';
import { IncomingInvite } from './incoming-invite.ts';
import { InviteCall } from './invite-call.ts';
import { dialogOfAnswer, dialogOfInvite, InviteDialog } from './invite-dialog.ts';
import { MsrpConnection, type MsrpTarget } from './msrp-connection.ts';
import { MsrpListener } from './msrp-listener.ts';
import { MsrpSession } from './msrp-session.ts';
import { readMsrpUri } from './msrp-text.ts';
import { formatSessionSdp, readSessionSdp, type Direction, type SessionSdp, type Setup } from './session-sdp.ts';

export interface SessionAgentOptions extends SipUserAgentOptions {
  /** How its MSRP goes; `tcp` when absent. A WebSocket goes to the port of HTTP, which `webSocket` names. */
  readonly msrp?: 'tcp' | 'tls' | 'ws';
  readonly webSocket?: { readonly host: string; readonly port: number };
  /** False: it has no port that others could connect to, and says so (`setup:active`). */
  readonly listens?: boolean;
}

/** Takes the octets of messages in place of the session, which keeps none of them then. */
export type OctetTaker = MsrpSession['onOctets'];

/** What its SDP says; everything else is as the truth is. */
export interface SessionWishes {
  readonly direction?: Direction;
  readonly setup?: Setup | 'none';
  readonly acceptTypes?: string;
  readonly acceptWrappedTypes?: string;
  readonly maxSize?: number;
  readonly more?: readonly string[];
  /** False: no a=path. */
  readonly hasPath?: boolean;
}

export interface InviteWishes extends SessionWishes {
  readonly headers?: HeaderEdits;
  readonly withinMs?: number;
  /** In place of the SDP; an empty one leaves it to the other side to offer. */
  readonly body?: string;
  readonly contentType?: string;
}

/** A session that stands: its dialog, what the other side said of it, and its MSRP. */
export interface StandingSession {
  readonly dialog: InviteDialog;
  /** The offer of the invited, the answer of the inviting. */
  readonly remote: SessionSdp;
  readonly msrp: MsrpSession;
  /** The answer that it was made by, of an inviting side. */
  readonly answer?: SipText;
}

export const sessionTags = '+g.oma.sip-im;+g.oma.sip-im.large-message';
export const largeMessageTag = '*;+g.oma.sip-im.large-message;require;explicit';
export const conversationTag = '*;+g.oma.sip-im;require;explicit';

/** The INVITE was not answered with a session. */
export class NotInSessionError extends Error {
  override readonly name = 'NotInSessionError';
  readonly answer: SipText;

  constructor(answer: SipText) {
    super(`INVITE was answered ${answer.status} ${answer.reason} ${answer.header('Warning') ?? ''}`);
    this.answer = answer;
  }
}

export class SessionAgent {
  readonly phone: SipUserAgent;
  /** Every INVITE that came and began a dialog, in order. */
  readonly invites: IncomingInvite[] = [];
  readonly #options: SessionAgentOptions;
  readonly #listener: MsrpListener | undefined;
  readonly #unanswered = new Arrivals<IncomingInvite>('INVITE');
  #serial = 0;

  static async start(options: SessionAgentOptions): Promise<SessionAgent> {
    const phone = await SipUserAgent.start(options);
    return new SessionAgent(phone, options, options.listens === false ? undefined : await MsrpListener.open());
  }

  private constructor(phone: SipUserAgent, options: SessionAgentOptions, listener: MsrpListener | undefined) {
    this.phone = phone;
    this.#options = options;
    this.#listener = listener;
    for (const method of ['CANCEL', 'BYE', 'UPDATE', 'PRACK']) phone.answer(method, 200);
    phone.answer('INVITE', (request) => {
      if (request.toTag === undefined) this.#invited(request);
      return 'silence';
    });
  }

  get address(): string {
    return this.phone.address;
  }

  /** With the tags of a client of sessions unless others are named. */
  register(options: RegisterOptions = {}): Promise<SipText> {
    return this.phone.register({ contactParams: sessionTags, ...options });
  }

  /** An INVITE as it leaves; for CANCEL and for looking at its answers. */
  call(
    to: string,
    wishes: InviteWishes = {},
  ): { readonly call: InviteCall; readonly msrp: MsrpSession; readonly uri: string } {
    const uri = to.includes(':') ? to : `sip:${to}`;
    const usual = this.#listener === undefined ? 'active' : 'actpass';
    const local = this.#localUri(wishes.setup ?? usual);
    const msrp = new MsrpSession({ local, remote: '' });
    this.#listener?.await(readMsrpUri(local)?.session ?? '', msrp);
    const { headers = {}, body, contentType, withinMs } = wishes;
    const call = new InviteCall(this.phone, {
      uri,
      thread: newThread(),
      headers,
      body: body ?? this.#sdp(local, wishes, usual),
      password: this.#options.password,
      ...(contentType === undefined ? {} : { contentType }),
      ...(withinMs === undefined ? {} : { withinMs }),
    });
    return { call, msrp, uri };
  }

  /** Rejects with NotInSessionError when it was refused. The session is bound when this resolves. */
  async invite(to: string, wishes: InviteWishes = {}): Promise<StandingSession> {
    const { call, msrp, uri } = this.call(to, wishes);
    return this.join(call, msrp, uri);
  }

  /** What `call` began, once it is answered. */
  async join(call: InviteCall, msrp: MsrpSession, uri: string): Promise<StandingSession> {
    const answer = await call.final;
    if (answer.status >= 300) throw new NotInSessionError(answer);
    const dialog = new InviteDialog(this.phone, dialogOfAnswer(call.plan.thread, uri, answer));
    const remote = readSessionSdp(answer.text);
    const isOffered = call.plan.body === '';
    const { target, routes } = dialog;
    const direction = oppositeOf(remote?.direction ?? 'sendrecv');
    const body = isOffered ? this.#sdp(msrp.paths.local, { direction }, 'active') : '';
    call.acknowledge(answer, { target, routes, body });
    if (!remote) throw new NotInSessionError(answer);
    await this.#connect(msrp, remote, remote.setup === 'active' ? 'passive' : 'active');
    return { dialog, remote, msrp, answer };
  }

  /** A large message (one message, then the session ends). */
  inviteForLarge(to: string, wishes: InviteWishes = {}): Promise<StandingSession> {
    return this.invite(to, asLarge(wishes));
  }

  inviteForTalk(to: string, wishes: InviteWishes = {}): Promise<StandingSession> {
    return this.invite(to, { ...wishes, headers: { 'Accept-Contact': conversationTag, ...wishes.headers } });
  }

  /** The oldest INVITE not taken yet; it has been sent no answer. */
  nextInvite(withinMs: number): Promise<IncomingInvite> {
    return this.#unanswered.next(withinMs);
  }

  /** Takes the next INVITE; it connects out unless `setup` is `passive`. */
  async takeInvite(
    withinMs: number,
    wishes: SessionWishes = {},
  ): Promise<StandingSession & { readonly invite: IncomingInvite }> {
    const invite = await this.nextInvite(withinMs);
    return { ...(await this.accept(invite, wishes)), invite };
  }

  async accept(invite: IncomingInvite, wishes: SessionWishes = {}, onOctets?: OctetTaker): Promise<StandingSession> {
    const remote = readSessionSdp(invite.request.text);
    if (!remote) throw new Error('an INVITE without a stream for messages cannot be accepted');
    const setup = wishes.setup ?? 'active';
    const local = this.#localUri(setup);
    const msrp = new MsrpSession({ local, remote: remote.path ?? '' });
    msrp.onOctets = onOctets;
    this.#listener?.await(readMsrpUri(local)?.session ?? '', msrp);
    const dialog = new InviteDialog(this.phone, dialogOfInvite(invite.request, invite.tag));
    const direction = wishes.direction ?? oppositeOf(remote.direction);
    const recordRoute = invite.request.headerValues('Record-Route');
    invite.reply(
      200,
      {
        Contact: `<${this.phone.contact}>;${sessionTags}`,
        'Content-Type': 'application/sdp',
        ...(recordRoute.length === 0 ? {} : { 'Record-Route': recordRoute }),
      },
      this.#sdp(local, { ...wishes, direction }, setup === 'none' ? 'passive' : setup),
    );
    await invite.acknowledged;
    // RFC 4975 section 5.4: who offers connects, unless a=setup says otherwise.
    await this.#connect(msrp, remote, setup === 'none' ? 'passive' : setup);
    return { dialog, remote, msrp };
  }

  /** A connection of its own to the other's URI, for somebody else's session too. */
  connectTo(path: string): Promise<MsrpConnection> {
    return MsrpConnection.connect(this.#targetOf(path));
  }

  /** Switches everything off without a word to anybody. */
  async stop(): Promise<void> {
    await this.#listener?.close();
    await this.phone.stop();
  }

  #invited(request: SipText): void {
    const invite = new IncomingInvite(this.phone, request);
    this.invites.push(invite);
    this.#unanswered.push(invite);
  }

  async #connect(msrp: MsrpSession, remote: SessionSdp, setup: Setup): Promise<void> {
    if (remote.path === undefined) throw new Error('the other side has no a=path');
    msrp.paths.remote = remote.path;
    if (setup === 'passive') {
      await msrp.bound;
      return;
    }
    msrp.attach(await this.connectTo(remote.path));
    const status = await msrp.sendEmpty();
    if (status !== 200) throw new Error(`the first SEND was answered ${status}`);
  }

  #targetOf(path: string): MsrpTarget {
    const { msrp = 'tcp', webSocket } = this.#options;
    const uri = readMsrpUri(path.split(' ')[0] ?? '');
    if (!uri) throw new Error(`no MSRP URI: ${path}`);
    const { ca } = this.#options.server;
    if (msrp === 'ws') return { ...(webSocket ?? uri), transport: 'ws' };
    return {
      host: uri.host,
      port: uri.port,
      transport: uri.scheme === 'msrps' ? 'tls' : 'tcp',
      ...(ca === undefined ? {} : { ca }),
    };
  }

  #localUri(setup: Setup | 'none'): string {
    const { msrp = 'tcp' } = this.#options;
    const session = randomBytes(12).toString('hex');
    if (msrp === 'ws') return `msrp://${randomBytes(6).toString('hex')}.invalid:2855/${session};ws`;
    const port = setup === 'active' ? 9 : (this.#listener?.port ?? 9);
    return `${msrp === 'tls' ? 'msrps' : 'msrp'}://127.0.0.1:${port}/${session};tcp`;
  }

  #sdp(local: string, wishes: SessionWishes, usual: Setup): string {
    const { direction = 'sendrecv', setup, hasPath = true, maxSize, more, acceptWrappedTypes } = wishes;
    this.#serial += 1;
    const written = {
      path: hasPath ? local : undefined,
      acceptTypes: wishes.acceptTypes ?? '*',
      setup: setup === 'none' ? undefined : (setup ?? usual),
      direction,
      port: readMsrpUri(local)?.port ?? 9,
      protocol: this.#options.msrp === 'tls' ? 'TCP/TLS/MSRP' : 'TCP/MSRP',
      ...(acceptWrappedTypes === undefined ? {} : { acceptWrappedTypes }),
      ...(maxSize === undefined ? {} : { maxSize }),
      ...(more === undefined ? {} : { more }),
    };
    return formatSessionSdp(written, this.#serial);
  }
}

export function asLarge(wishes: InviteWishes): InviteWishes {
  return { direction: 'sendonly', ...wishes, headers: { 'Accept-Contact': largeMessageTag, ...wishes.headers } };
}

function oppositeOf(direction: Direction): Direction {
  if (direction === 'sendonly') return 'recvonly';
  return direction === 'recvonly' ? 'sendonly' : direction;
}
