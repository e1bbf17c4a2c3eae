/** MESSAGE (RFC 3428): read, handed to delivery, answered in the words of contract section 5. */
import type { Clock } from '../../../base/time/clock.ts';
import type { DeliveryService } from '../../../delivery/delivery-service.ts';
import type { SipRequest } from '../../../sip/message/sip-message.ts';
import type { Identity } from '../identity.ts';
import { readClientReport } from '../reports/client-report.ts';
import { accept, refuse, type SipAnswer } from '../sip-answer.ts';
import type { OpenCalls } from './open-calls.ts';
import { readPagerMessage } from './read-pager-message.ts';
import { answerSubmission } from './submission-answer.ts';

export class MessageEndpoint {
  readonly #delivery: DeliveryService;
  readonly #clock: Clock;
  readonly #openCalls: OpenCalls;

  constructor(delivery: DeliveryService, clock: Clock, openCalls: OpenCalls) {
    this.#delivery = delivery;
    this.#clock = clock;
    this.#openCalls = openCalls;
  }

  async answer(request: SipRequest, identity: Identity): Promise<SipAnswer> {
    // There are no dialogs in which messages are sent (RFC 3428 4, RFC 3261 12.2.2).
    if (request.to.tag !== undefined) return refuse(481, 'no such dialog');
    // A core that hides the way a request took has taken our Via away, and left the Call-ID.
    if (this.#openCalls.has(request.callId)) return refuse(482, 'this request was here before');
    const submission = readPagerMessage(request, identity, this.#clock.wall());
    if (!submission.ok) return refuse(submission.error.status, submission.error.words);
    const { message, isTrusted } = submission.value;
    const report = readClientReport(message);
    if (report === undefined) return answerSubmission(await this.#delivery.submit(submission.value));
    const refusal = await this.#delivery.takeReport(report, isTrusted);
    return refusal === undefined ? accept([]) : answerSubmission({ kind: 'refused', refusal });
  }
}
