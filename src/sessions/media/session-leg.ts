/**
 * One side of a session as this server holds it: what was offered and answered, and the MSRP leg that follows from it. Offers
 * and answers may come again (re-INVITE, UPDATE); what they change is taken over here. Knows no SIP.
 */
import type { IdSource } from '../../base/ids.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { MessageDirection, MessageFile } from '../../formats/sdp/message-media.ts';
import type { LegListener, LegPlan, MsrpLeg } from '../../msrp/leg/leg-words.ts';
import type { MsrpTransport } from '../../msrp/transport/ports.ts';
import { type AcceptedTypes, isListed } from './accepted-types.ts';
import {
  answeredSetup,
  type DescriptionFault,
  mirrored,
  type OwnMedia,
  readDescription,
  receives,
  type RemoteDescription,
  type RemoteMedia,
  roleBehindAnswer,
  writeAnswer,
  writeOffer,
} from './description.ts';

export interface LegSource {
  /** Whether there is a port for it. */
  offers(transport: MsrpTransport): boolean;
  /** Undefined at its limit of sessions. */
  open(plan: LegPlan): MsrpLeg | undefined;
}

export interface SessionLegPlan {
  readonly legs: LegSource;
  readonly ids: IdSource;
  readonly transport: MsrpTransport;
  /** At which this peer reaches us, where it is not the usual one. */
  readonly host?: string | undefined;
  readonly types: AcceptedTypes;
  /** Octets of one message. */
  readonly sizeMax: number;
  /** Ours; without it whatever the other side leaves us. */
  readonly direction?: MessageDirection;
  readonly file?: MessageFile;
  readonly listener: LegListener;
  /** The other side has another path: this leg is in the place of the one before. */
  readonly onReopened?: ((msrp: MsrpLeg) => void) | undefined;
}

/** What is told of our side, in every description. */
interface Said {
  readonly types: AcceptedTypes;
}

export class SessionLeg {
  readonly #plan: SessionLegPlan;
  #msrp: MsrpLeg;
  readonly #origin: { readonly sessionId: string; version: number };
  readonly #said: Said;
  #direction: MessageDirection;
  #remote: RemoteMedia | undefined;
  #written = '';

  private constructor(plan: SessionLegPlan, msrp: MsrpLeg, said: Said) {
    this.#plan = plan;
    this.#msrp = msrp;
    this.#said = said;
    this.#direction = plan.direction ?? 'sendrecv';
    // Of one length, so that the length of an offer says nothing.
    this.#origin = { sessionId: String(Math.floor(1e14 + plan.ids.fraction() * 9e14)), version: 1 };
  }

  /** Undefined where there is no room for another. */
  static open(plan: SessionLegPlan): SessionLeg | undefined {
    const said = { types: plan.types };
    const msrp = openMsrp(plan, said);
    return msrp === undefined ? undefined : new SessionLeg(plan, msrp, said);
  }

  /** Another one when the other side has taken another path: what is under way over the old one is lost. */
  get msrp(): MsrpLeg {
    return this.#msrp;
  }

  /** What the other side said last. */
  get remote(): RemoteMedia | undefined {
    return this.#remote;
  }

  /** They take messages now. */
  get takesMessages(): boolean {
    return this.#remote !== undefined && receives(this.#remote);
  }

  offer(): Uint8Array {
    return this.#versioned((origin) => writeOffer(this.#own, origin));
  }

  /** To an offer, also to a later one. Takes it over. */
  answer(offered: RemoteDescription): Uint8Array {
    this.#direction = this.#plan.direction ?? mirrored(offered.media.direction);
    this.#takeOver(offered.media, answeredSetup(offered.media.setup));
    return this.#versioned((origin) => writeAnswer(this.#own, origin, offered));
  }

  /** Of an answer to our offer. */
  answered(body: Uint8Array): Result<RemoteMedia, DescriptionFault> {
    const read = readDescription(body);
    if (!read.ok) return read;
    const { media } = read.value;
    const fault = transportFault(this.#plan, media);
    if (fault !== undefined) return err(fault);
    this.#takeOver(media, roleBehindAnswer(media.setup));
    return ok(media);
  }

  close(): void {
    this.#msrp.close();
  }

  get #own(): OwnMedia {
    const { sizeMax, file } = this.#plan;
    return {
      uri: this.#msrp.uri,
      ...this.#said.types,
      maxSize: sizeMax,
      direction: this.#direction,
      ...(file === undefined ? {} : { file }),
    };
  }

  /** A path that changed is a new session of MSRP, and gets a URI of its own (RFC 4975 8.4, 5.4). */
  #takeOver(media: RemoteMedia, role: 'active' | 'passive'): void {
    const before = this.#remote;
    this.#remote = media;
    if (before?.pathText === media.pathText) return;
    if (before !== undefined) this.#reopen(media);
    this.#msrp.start({ path: media.path, role });
  }

  #reopen(media: RemoteMedia): void {
    const fresh = openMsrp({ ...this.#plan, transport: transportOf(media) }, this.#said);
    if (fresh === undefined) return;
    const old = this.#msrp;
    this.#msrp = fresh;
    old.close();
    this.#plan.onReopened?.(fresh);
  }

  /** The version grows with what is said, not with how often (RFC 3264 8). */
  #versioned(write: (origin: { sessionId: string; version: number }) => Uint8Array): Uint8Array {
    const text = new TextDecoder().decode(write({ ...this.#origin, version: 0 }));
    if (this.#written !== '' && this.#written !== text) this.#origin.version += 1;
    this.#written = text;
    return write(this.#origin);
  }
}

function openMsrp({ legs, transport, host, sizeMax, listener }: SessionLegPlan, said: Said): MsrpLeg | undefined {
  return legs.open({
    transport,
    ...(host === undefined ? {} : { host }),
    sizeMax,
    listener,
    accepts: (contentType) => isListed(said.types.acceptTypes, contentType),
    mayReceive: true,
  });
}

/** What an offer asks for, where it can be taken: a transport that there is, and a role that can be filled. */
export function transportFault(
  { legs, transport }: Pick<SessionLegPlan, 'legs' | 'transport'>,
  { path, setup }: RemoteMedia,
): DescriptionFault | undefined {
  if (!legs.offers(transport)) return { words: `there is no MSRP over ${transport} here`, warningCode: 302 };
  const [first] = path;
  const isUnreachable = first?.transport === 'ws';
  if (setup === 'passive' && isUnreachable) return { words: 'a WebSocket client has to connect', warningCode: 399 };
  return undefined;
}

/** By the next hop of a path (RFC 7977 5.2: `ws`, whatever runs below it). */
export function transportOf({ path }: Pick<RemoteMedia, 'path'>): MsrpTransport {
  const [first] = path;
  if (first?.transport === 'ws') return 'ws';
  return first?.scheme === 'msrps' ? 'tls' : 'tcp';
}
