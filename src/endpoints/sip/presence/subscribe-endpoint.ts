/** SUBSCRIBE and what follows from it (RFC 6665): the notifier's answers on the way back, its NOTIFYs on the way out. */
import type { Address } from '../../../model/address.ts';
import type { DialogRequest } from '../../../sip/dialog/dialog-request.ts';
import type { Notifier } from '../../../sip/event/notifier/notifier.ts';
import type { DialogSender } from '../../../sip/event/notifier/watch-driver.ts';
import type { NotifyOutcome } from '../../../sip/event/notifier/notify-outcome.ts';
import type { SubscribeAnswer } from '../../../sip/event/notifier/subscribe-request.ts';
import { parseRetryAfter } from '../../../sip/message/header-values.ts';
import { contactsOf } from '../../../sip/message/sip-message.ts';
import type { SipRequest, SipResponse } from '../../../sip/message/sip-message.ts';
import type { Flow } from '../../../sip/registrar/ports.ts';
import type { TransactionLayer } from '../../../sip/transaction/transaction-layer.ts';
import { refuseContent } from '../../../sip/user-agent/content-checks.ts';
import { destinationTo } from '../registration/contact-destination.ts';
import type { Identity } from '../identity.ts';
import { principalAddressOf } from '../principal-address.ts';
import { refuse, type SipAnswer } from '../sip-answer.ts';

export class SubscribeEndpoint {
  readonly #notifier: Notifier;
  readonly #contactFor: (flow: Flow, isSecure: boolean) => string;

  /** `contactFor`: our own Contact value towards that flow, with angle brackets; a sips one where that was asked for. */
  constructor(notifier: Notifier, contactFor: (flow: Flow, isSecure: boolean) => string) {
    this.#notifier = notifier;
    this.#contactFor = contactFor;
  }

  answer(request: SipRequest, flow: Flow, identity: Identity, respond: (answer: SipAnswer) => void): void {
    const resource = resourceOf(request);
    if (resource === undefined) return respond(refuse(404, 'no such presentity'));
    // Of the filters that a body could hold (RFC 4660) none is read.
    const unread = refuseContent(request, []);
    if (unread !== undefined) return respond({ headers: [], ...unread });
    const isSecure = request.uri.scheme === 'sips';
    if (isSecure && !hasSecureContact(request)) return respond(refuse(400, 'a sips request needs a sips Contact'));
    const contact = this.#contactFor(flow, isSecure);
    this.#notifier.subscribe({ request, subscriber: identity.principal, resource, flow, contact }, (answer) =>
      respond(answer.status < 300 ? answer : { ...answer, warning: wordsOf(answer) }),
    );
  }
}

/** RFC 5630 5.1.2: what makes or refreshes a dialog may not mix the schemes. Without a Contact others refuse it. */
function hasSecureContact(request: SipRequest): boolean {
  const contacts = contactsOf(request);
  return !contacts.ok || contacts.value === '*' || contacts.value.every(({ uri }) => uri.scheme === 'sips');
}

function wordsOf({ status, reason }: SubscribeAnswer): string {
  return status === 404 ? 'no such presentity' : reason;
}

function resourceOf(request: SipRequest): Address | undefined {
  // Within a dialog the Request-URI is our Contact; the notifier finds the dialog by its tags.
  const named = request.to.tag === undefined ? request.uri : request.to.uri;
  return principalAddressOf(named);
}

export class NotifySender implements DialogSender {
  readonly #transactions: TransactionLayer;

  constructor(transactions: TransactionLayer) {
    this.#transactions = transactions;
  }

  send(request: DialogRequest, flow: Flow, onOutcome: (outcome: NotifyOutcome) => void): void {
    const { method, requestUri, headers, body, nextHop } = request;
    this.#transactions.send({ method, requestUri, headers, body }, destinationTo(nextHop, flow), {
      onFinal: (response) => onOutcome(outcomeOf(response)),
      onFailure: (reason) => onOutcome(reason === 'timeout' ? { kind: 'silence' } : outcomeOfTransport(flow)),
    });
  }
}

/**
 * A datagram that the machine could not send says nothing of the subscriber: it counts like a 503 (RFC 3261 8.1.3.1). A
 * connection that is gone, and cannot be opened again, took the subscriber along.
 */
function outcomeOfTransport({ transport }: Flow): NotifyOutcome {
  return transport === 'udp' ? { kind: 'status', status: 503 } : { kind: 'no-way' };
}

function outcomeOf({ status, headers }: SipResponse): NotifyOutcome {
  const text = headers.get('Retry-After');
  const seconds = text === undefined ? undefined : parseRetryAfter(text);
  return { kind: 'status', status, ...(seconds === undefined ? {} : { retryAfterMs: seconds * 1000 }) };
}
