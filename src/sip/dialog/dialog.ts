/**
 * One dialog as either side sees it (RFC 3261 12.1, 12.2). It changes only by the requests and responses that are shown to it; it
 * knows neither the usage that keeps it alive nor how anything is sent.
 */
import { assert } from '../../base/assert.ts';
import { keepText } from '../../base/keep-text.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { createNameAddr, formatNameAddr, parseNameAddrList } from '../message/name-addr.ts';
import type { NameAddr } from '../message/name-addr.ts';
import { contactsOf } from '../message/sip-message.ts';
import type { SipMessage, SipRequest, SipResponse } from '../message/sip-message.ts';
import { requestUriOf } from './request-uri.ts';

/** Record-Route values of the request that makes a dialog; more are refused. */
export const routeSetMax = 32;

/** A set of routes as it is sent, and how its first one is to be used. */
interface RouteSet {
  readonly values: readonly string[];
  /** The URI of the first; undefined when there is none. */
  readonly firstUri: string | undefined;
  /** False for a strict router (RFC 3261 12.2.1.1). */
  readonly isLoose: boolean;
}

/** What a dialog is made of again after a restart. */
export interface KeptDialog {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly routes: readonly string[];
  readonly remoteTarget: string;
}

/** The numbers of the last requests in either direction. */
export interface DialogNumbers {
  readonly remoteCSeq: number;
  readonly localCSeq: number;
}

export interface DialogPlan {
  /**
   * The request that makes the dialog: one without a To tag, or the NOTIFY that follows a SUBSCRIBE of ours, whose To tag is
   * `localTag` (RFC 6665 4.4.1).
   */
  readonly request: SipRequest;
  /** The tag of our To, unique over all dialogs (RFC 3261 19.3). */
  readonly localTag: string;
  /** Our Contact value, with angle brackets, as the peer can reach us. */
  readonly contact: string;
  /** The CSeq of the last request that we sent to the peer before there was a dialog; 0 without one. */
  readonly localCSeq?: number;
}

export interface EstablishedDialogPlan {
  /** The 2xx to a request of ours. */
  readonly response: SipResponse;
  /** Our Contact value, with angle brackets. */
  readonly contact: string;
  /** Of the request: the target of a peer that names none, or none that can be read. */
  readonly requestUri: string;
}

export class Dialog {
  readonly callId: string;
  readonly localTag: string;
  /** Empty for a peer of RFC 2543 that sent none. */
  readonly remoteTag: string;
  /** Name-addr values without tags. */
  readonly localAddress: string;
  readonly remoteAddress: string;
  /** Our Contact value in the next requests. */
  contact: string;
  readonly routes: RouteSet;
  #remoteTarget: string;
  #remoteCSeq: number;
  #localCSeq: number;

  private constructor(kept: KeptDialog, routes: RouteSet, contact: string, numbers: DialogNumbers) {
    this.callId = kept.callId;
    this.localTag = kept.localTag;
    this.remoteTag = kept.remoteTag;
    this.localAddress = kept.localAddress;
    this.remoteAddress = kept.remoteAddress;
    this.contact = contact;
    this.routes = routes;
    this.#remoteTarget = kept.remoteTarget;
    this.#remoteCSeq = numbers.remoteCSeq;
    this.#localCSeq = numbers.localCSeq;
  }

  /** The error says what makes the request malformed (400). */
  static accept(plan: DialogPlan): Result<Dialog, string> {
    const { request, localTag, contact } = plan;
    const routes = readRoutes(request.headers.values('Record-Route'));
    if (!routes.ok) return routes;
    const target = readTarget(request);
    if (!target.ok) return target;
    const kept: KeptDialog = {
      callId: keepText(request.callId),
      localTag,
      remoteTag: keepText(request.from.tag ?? ''),
      localAddress: keepText(withoutTag(request.to)),
      remoteAddress: keepText(withoutTag(request.from)),
      routes: routes.value.values,
      remoteTarget: target.value,
    };
    const numbers = { remoteCSeq: request.cseq, localCSeq: plan.localCSeq ?? 0 };
    return ok(new Dialog(kept, routes.value, contact, numbers));
  }

  /**
   * As the side that asked (RFC 3261 12.1.2). A peer without a Contact that can be used is reached where the request was; routes
   * that cannot be read are none, since the 2xx is to be acknowledged in any case.
   */
  static establish({ response, contact, requestUri }: EstablishedDialogPlan): Dialog {
    const routes = readRoutes(response.headers.values('Record-Route').toReversed());
    const target = readTarget(response);
    const kept: KeptDialog = {
      callId: keepText(response.callId),
      localTag: keepText(response.from.tag ?? ''),
      remoteTag: keepText(response.to.tag ?? ''),
      localAddress: keepText(withoutTag(response.from)),
      remoteAddress: keepText(withoutTag(response.to)),
      routes: routes.ok ? routes.value.values : [],
      remoteTarget: target.ok ? target.value : requestUri,
    };
    // The other side has not counted yet.
    const numbers = { remoteCSeq: -1, localCSeq: response.cseq };
    return new Dialog(kept, routes.ok ? routes.value : noRoutes, contact, numbers);
  }

  /** The dialog as it was kept; `localCSeq` must not be below any that was used. */
  static restore(kept: KeptDialog, numbers: DialogNumbers, contact: string): Dialog {
    const routes = readRoutes(kept.routes);
    assert(routes.ok, 'routes that were read once can be read again');
    return new Dialog(kept, routes.value, contact, numbers);
  }

  keep(): KeptDialog {
    const { callId, localTag, remoteTag, localAddress, remoteAddress, routes, remoteTarget } = this;
    return { callId, localTag, remoteTag, localAddress, remoteAddress, routes: routes.values, remoteTarget };
  }

  get numbers(): DialogNumbers {
    return { remoteCSeq: this.#remoteCSeq, localCSeq: this.#localCSeq };
  }

  /** The Request-URI of requests to the peer. */
  get remoteTarget(): string {
    return this.#remoteTarget;
  }

  /** Whether a request with a To tag belongs here (RFC 3261 12.2.2). */
  has(request: SipRequest): boolean {
    return (
      request.to.tag === this.localTag && (request.from.tag ?? '') === this.remoteTag && request.callId === this.callId
    );
  }

  /**
   * Takes the next request of the peer. `out-of-order` is answered 500 and changes nothing (RFC 3261 12.2.2); gaps are
   * fine. An ACK or CANCEL has the CSeq of its INVITE and is not shown to this.
   */
  takeRequest(request: SipRequest): 'in-order' | 'out-of-order' {
    if (request.cseq <= this.#remoteCSeq) return 'out-of-order';
    this.#remoteCSeq = request.cseq;
    return 'in-order';
  }

  /** For messages that refresh the target; without a Contact it stays (RFC 3261 12.2). The error is for a 400. */
  refreshTarget(message: SipMessage): Result<void, string> {
    if (!message.headers.has('Contact')) return ok(undefined);
    const target = readTarget(message);
    if (!target.ok) return target;
    if (target.value !== this.#remoteTarget) this.#remoteTarget = target.value;
    return ok(undefined);
  }

  /** The CSeq of the next request to the peer. */
  nextCSeq(): number {
    this.#localCSeq += 1;
    return this.#localCSeq;
  }
}

/** Why a message cannot refresh the target, before anything changes; undefined when it can. */
export function targetFault(message: SipMessage): string | undefined {
  if (!message.headers.has('Contact')) return undefined;
  const target = readTarget(message);
  return target.ok ? undefined : target.error;
}

/** Copied into the 2xx that makes the dialog (RFC 3261 12.1.1). */
export function recordRouteRows(request: SipRequest): (readonly [name: string, value: string])[] {
  return request.headers.getAll('Record-Route').map((value) => ['Record-Route', value] as const);
}

function readRoutes(rows: readonly string[]): Result<RouteSet, string> {
  if (rows.length === 0) return ok(noRoutes);
  const parsed = parseNameAddrList(rows);
  if (!parsed.ok) return err(`Malformed Record-Route: ${parsed.error}`);
  if (parsed.value.length > routeSetMax) return err('Too Many Record-Routes');
  const [first] = parsed.value;
  return ok({
    values: rows.map((row) => keepText(row)),
    firstUri: first === undefined ? undefined : keepText(first.uri.text),
    isLoose: first?.uri.params.has('lr') ?? true,
  });
}

/** Shared by all dialogs that need none. */
const noRoutes: RouteSet = { values: [], firstUri: undefined, isLoose: true };

function readTarget(message: SipMessage): Result<string, string> {
  const contacts = contactsOf(message);
  if (!contacts.ok) return err(`Malformed Contact: ${contacts.error}`);
  if (contacts.value === '*' || contacts.value.length !== 1) return err('Exactly One Contact Is Needed');
  const uri = contacts.value[0]?.uri;
  if (uri === undefined || (uri.scheme !== 'sip' && uri.scheme !== 'sips')) return err('The Contact Is No SIP URI');
  return ok(keepText(requestUriOf(uri)));
}

function withoutTag(address: NameAddr): string {
  return formatNameAddr(createNameAddr(address.uri, address.params.without('tag'), address.displayName));
}
