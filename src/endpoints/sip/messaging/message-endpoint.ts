/** MESSAGE (RFC 3428): read, handed to delivery, answered in the words of contract section 5. */
import type { Clock } from '../../../base/time/clock.ts';
import type { DeliveryService } from '../../../delivery/delivery-service.ts';
import type { SipRequest } from '../../../sip/message/sip-message.ts';
import type { Identity } from '../identity.ts';
import { decodeContent } from '../../../formats/content-encoding.ts';
import { readClientReport } from '../reports/client-report.ts';
import { accept, refuse, type SipAnswer } from '../sip-answer.ts';
import type { OpenCalls } from './open-calls.ts';
import type { Inflation } from './outgoing-content.ts';
import { readPagerMessage } from './read-pager-message.ts';
import { answerSubmission } from './submission-answer.ts';

export interface MessagePlan {
  readonly delivery: DeliveryService;
  readonly clock: Clock;
  readonly openCalls: OpenCalls;
  readonly inflation: Inflation;
}

export class MessageEndpoint {
  readonly #delivery: DeliveryService;
  readonly #clock: Clock;
  readonly #openCalls: OpenCalls;
  readonly #inflation: Inflation;

  constructor(plan: MessagePlan) {
    this.#delivery = plan.delivery;
    this.#clock = plan.clock;
    this.#openCalls = plan.openCalls;
    this.#inflation = plan.inflation;
  }

  async answer(request: SipRequest, identity: Identity): Promise<SipAnswer> {
    // There are no dialogs in which messages are sent (RFC 3428 4, RFC 3261 12.2.2).
    if (request.to.tag !== undefined) return refuse(481, 'no such dialog');
    // A core that hides the way a request took has taken our Via away, and left the Call-ID.
    if (this.#openCalls.has(request.callId)) return refuse(482, 'this request was here before');
    const submission = readPagerMessage(request, identity, this.#clock.wall(), this.#inflation);
    if (!submission.ok) return refuse(submission.error.status, submission.error.words);
    const { message, isTrusted } = submission.value;
    const { inflate, bytesMax } = this.#inflation;
    const report = readClientReport(message, decodeContent(message, inflate, bytesMax));
    if (report === undefined) return answerSubmission(await this.#delivery.submit(submission.value));
    const outcome = await this.#delivery.takeReport(report, isTrusted);
    if (typeof outcome !== 'string') return answerSubmission({ kind: 'refused', refusal: outcome });
    // One that is about a request, and about none of ours, may be about one that its reader knows.
    const isForReader = outcome === 'unknown' && report.id !== undefined;
    return isForReader ? answerSubmission(await this.#delivery.submit(submission.value)) : accept([]);
  }
}
