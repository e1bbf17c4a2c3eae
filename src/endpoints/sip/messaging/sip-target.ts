/**
 * One registered contact as a client to deliver to: each attempt is one MESSAGE transaction, and once more in a simpler form
 * for a client that does not take it (415), which is remembered. Says what its answers mean and decides nothing.
 */
import { largeNotice } from '../../../delivery/bodies/large-notice.ts';
import type {
  AttemptOutcome,
  DeliveryStyle,
  DeliveryTarget,
  OpenAttempt,
  OutgoingMessage,
} from '../../../delivery/ports.ts';
import { mediaTypeOf } from '../../../formats/content-type.ts';
import { parseRetryAfter } from '../../../sip/message/header-values.ts';
import type { SipHeaders } from '../../../sip/message/sip-headers.ts';
import type { SipResponse } from '../../../sip/message/sip-message.ts';
import type { Binding } from '../../../sip/registrar/ports.ts';
import type { ClientFailure, ClientTransaction } from '../../../sip/transaction/client-transaction.ts';
import type { TransactionLayer } from '../../../sip/transaction/transaction-layer.ts';
import { destinationOf, leadsToTrusted } from '../registration/contact-destination.ts';
import type { LargeOutcome, LargePlayer } from '../sessions/large/play-large.ts';
import { type DeviceBook, deviceOf } from './device-memory.ts';
import { outcomeOfFailure, outcomeOfStatus, outcomeOfTooLarge } from './message-outcome.ts';
import type { OpenCalls } from './open-calls.ts';
import { firstContent, type Inflation, type OutgoingContent, secondContent } from './outgoing-content.ts';
import { callIdOf, writePagerMessage } from './write-pager-message.ts';

/** RFC 3428 8: one open MESSAGE where nothing controls congestion. */
export const datagramWindow = 1;
export const streamWindow = 16;
/** What a datagram can carry over IPv6 without extensions (RFC 768, RFC 8200 3), less what the transport adds to a request. */
export const datagramContentMax = 65_487 - 300;

export interface SipTargetTools {
  readonly transactions: TransactionLayer;
  readonly openCalls: OpenCalls;
  readonly inflation: Inflation;
  readonly devices: DeviceBook;
  isTrusted(address: string): boolean;
  /** Who brings large messages to clients that have sessions. */
  player(): Pick<LargePlayer, 'play'>;
  /** Where its recipient fetches a message over HTTP. */
  contentUrlOf(id: string): string;
}

export class SipTarget implements DeliveryTarget {
  readonly style: DeliveryStyle;
  readonly window: number;
  readonly #binding: Binding;
  readonly #tools: SipTargetTools;

  /** `style`: what was agreed with its client. */
  constructor(binding: Binding, style: DeliveryStyle, tools: SipTargetTools) {
    this.style = style;
    this.window = destinationOf(binding).transport === 'udp' ? datagramWindow : streamWindow;
    this.#binding = binding;
    this.#tools = tools;
  }

  get id(): string {
    return this.#binding.key;
  }

  get device(): string {
    return deviceOf(this.#binding);
  }

  get priority(): number {
    return this.#binding.q;
  }

  get way(): string {
    const { flow, host, port, transport } = destinationOf(this.#binding);
    const { remoteAddress, remotePort, connection } = flow ?? {};
    return [transport, host, port, remoteAddress, remotePort, connection].join(' ');
  }

  attempt(outgoing: OutgoingMessage, onOutcome: (outcome: AttemptOutcome) => void, onApart: () => void): OpenAttempt {
    return outgoing.message.large === undefined
      ? this.#attemptPager(outgoing, onOutcome)
      : this.#attemptLarge(outgoing, onOutcome, onApart);
  }

  /** In a session of its own, where the client has sessions of messages. */
  #attemptLarge(
    outgoing: OutgoingMessage,
    onOutcome: (outcome: AttemptOutcome) => void,
    onApart: () => void,
  ): OpenAttempt {
    let open: OpenAttempt | undefined;
    const ended = (outcome: LargeOutcome): void => {
      if (outcome.kind !== 'no-msrp') onOutcome(outcome);
      else if (outcome.pager === undefined) open = this.#attemptNotice(outgoing, onOutcome);
      else open = this.#attemptPager(outcome.pager, onOutcome);
    };
    const first = this.#tools.player().play(this.#binding, outgoing, { ended, answered: onApart });
    return { stopSending: () => (open ?? first).stopSending() };
  }

  /** A client that takes pager messages and nothing else is told what waits. */
  #attemptNotice(outgoing: OutgoingMessage, onOutcome: (outcome: AttemptOutcome) => void): OpenAttempt {
    const mediaType = mediaTypeOf(outgoing.message.contentType);
    const contentUrl = this.#tools.contentUrlOf(outgoing.id);
    const message = largeNotice(outgoing.message, { origin: 'sip', mediaType, contentUrl });
    return this.#attemptPager({ ...outgoing, message }, (outcome) =>
      onOutcome(outcome.kind === 'delivered' ? announced : outcome),
    );
  }

  #attemptPager(outgoing: OutgoingMessage, onOutcome: (outcome: AttemptOutcome) => void): OpenAttempt {
    const { openCalls } = this.#tools;
    const callId = callIdOf(outgoing);
    openCalls.begin(callId);
    const open = new SipAttempt(this.#binding, this.#tools, outgoing, (outcome) => {
      openCalls.end(callId);
      onOutcome(outcome);
    });
    open.begin();
    return open;
  }
}

const announced: AttemptOutcome = { kind: 'announced' };

class SipAttempt implements OpenAttempt {
  readonly #binding: Binding;
  readonly #tools: SipTargetTools;
  readonly #outgoing: OutgoingMessage;
  readonly #onOutcome: (outcome: AttemptOutcome) => void;
  #transaction: ClientTransaction | undefined;
  #isStopped = false;

  constructor(
    binding: Binding,
    tools: SipTargetTools,
    outgoing: OutgoingMessage,
    onOutcome: (outcome: AttemptOutcome) => void,
  ) {
    this.#binding = binding;
    this.#tools = tools;
    this.#outgoing = outgoing;
    this.#onOutcome = onOutcome;
  }

  begin(): void {
    const { devices, inflation } = this.#tools;
    this.#send(firstContent(this.#outgoing.message, devices.of(this.#binding), inflation), false);
  }

  #send(content: OutgoingContent, isSecond: boolean): void {
    const { requestUri, headers, body } = writePagerMessage(this.#outgoing, {
      binding: this.#binding,
      isTrusted: leadsToTrusted(this.#binding, (address) => this.#tools.isTrusted(address)),
      content,
      isSecond,
    });
    const request = { method: 'MESSAGE', requestUri, headers, body };
    this.#transaction = this.#tools.transactions.send(request, destinationOf(this.#binding), {
      onFinal: (response) => this.#answered(response, content, isSecond),
      onFailure: (reason) => this.#failed(reason, bytesOf(headers, body)),
      mayLeave: () => this.#outgoing.mayStillGo(),
    });
  }

  /** No stream and too large for any datagram: the client is well, and what is smaller still reaches it. */
  #failed(reason: ClientFailure, bytes: number): void {
    if (reason === 'unwanted') {
      this.#onOutcome({ kind: 'withdrawn' });
      return;
    }
    const isTooLarge = bytes > datagramContentMax;
    const isDatagram = destinationOf(this.#binding).transport === 'udp';
    if (reason === 'transport' && isDatagram && isTooLarge) this.#onOutcome(outcomeOfTooLarge());
    else this.#onOutcome(outcomeOfFailure(reason));
  }

  stopSending(): void {
    this.#isStopped = true;
    this.#transaction?.stopSending();
  }

  #answered({ status, reason, headers }: SipResponse, sent: OutgoingContent, wasSecond: boolean): void {
    this.#tools.devices.noteOffer(this.#binding, headers.getAll('Accept-Encoding'));
    if (status === 415 && !wasSecond && this.#sendOtherwise(sent)) return;
    const retryAfter = headers.get('Retry-After');
    const seconds = retryAfter === undefined ? undefined : parseRetryAfter(retryAfter);
    const outcome = outcomeOfStatus(status, reason, seconds === undefined ? undefined : seconds * 1000);
    // Plain text asks its reader for no report; whoever got the envelope reports by itself (RFC 5438 7.2).
    const { reportReference, origin } = this.#outgoing.message;
    // What an IMPS sender's reports speak of says nothing of an envelope.
    const isReportedByClient = !sent.isConverted && reportReference !== undefined && origin !== 'imps';
    this.#onOutcome(outcome.kind === 'delivered' && isReportedByClient ? { ...outcome, isReportedByClient } : outcome);
  }

  /** False where there is no other form of it. */
  #sendOtherwise(sent: OutgoingContent): boolean {
    const other = secondContent(this.#outgoing.message, sent, this.#tools.inflation);
    if (other === undefined) return false;
    this.#tools.devices.noteRefusal(this.#binding, sent.contentType);
    if (!this.#isStopped && this.#outgoing.mayStillGo()) this.#send(other, true);
    else this.#onOutcome({ kind: 'withdrawn' });
    return true;
  }
}

/** Header names and values are counted as characters, which are octets but in a display name or a subject. */
function bytesOf(headers: SipHeaders, body: Uint8Array): number {
  let bytes = body.length;
  for (const [name, value] of headers) bytes += name.length + value.length + ': \r\n'.length;
  return bytes;
}
