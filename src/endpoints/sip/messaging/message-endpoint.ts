/** MESSAGE (RFC 3428): read, handed to delivery, answered in the words of contract section 5. */
import type { Clock } from '../../../base/time/clock.ts';
import type { Assistant } from '../../../assistant/assistant.ts';
import type { DeliveryService } from '../../../delivery/delivery-service.ts';
import type { Address } from '../../../model/address.ts';
import type { Flow } from '../../../sip/registrar/ports.ts';
import type { SipRequest } from '../../../sip/message/sip-message.ts';
import type { Identity } from '../identity.ts';
import { decodeContent } from '../../../formats/content-encoding.ts';
import { readClientReport } from '../reports/client-report.ts';
import { accept, refuse, type SipAnswer } from '../sip-answer.ts';
import { ListEndpoint } from '../lists/list-endpoint.ts';
import { isListFunction } from '../lists/list-request.ts';
import { principalAddressOf } from '../principal-address.ts';
import type { OpenCalls } from './open-calls.ts';
import type { Inflation } from './outgoing-content.ts';
import { readPagerMessage } from './read-pager-message.ts';
import { answerSubmission } from './submission-answer.ts';

export interface MessageEndpointPlan {
  readonly delivery: DeliveryService;
  readonly assistant: Assistant;
  readonly clock: Clock;
  readonly openCalls: OpenCalls;
  readonly inflation: Inflation;
  /** Ids of the targets of somebody that an answer to what came over this flow goes to. */
  readonly clientsOver: (principal: Address, flow: Flow) => readonly string[];
}

export class MessageEndpoint {
  readonly #plan: MessageEndpointPlan;
  readonly #lists: ListEndpoint;

  constructor(plan: MessageEndpointPlan) {
    this.#plan = plan;
    this.#lists = new ListEndpoint(plan);
  }

  async answer(request: SipRequest, flow: Flow, identity: Identity): Promise<SipAnswer> {
    // There are no dialogs in which messages are sent (RFC 3428 4, RFC 3261 12.2.2).
    if (request.to.tag !== undefined) return refuse(481, 'no such dialog');
    const { delivery, assistant, clock, openCalls, inflation, clientsOver } = this.#plan;
    // A core that hides the way a request took has taken our Via away, and left the Call-ID.
    if (openCalls.has(request.callId)) return refuse(482, 'this request was here before');
    const named = principalAddressOf(request.uri);
    if (named !== undefined && isListFunction(named)) return this.#lists.answer(request, identity);
    const submission = readPagerMessage(request, identity, clock.wall(), inflation);
    if (!submission.ok) return refuse(submission.error.status, submission.error.words);
    const { message, isTrusted } = submission.value;
    if (assistant.isMeant(message.recipient)) {
      return answerSubmission(await assistant.hear(submission.value, clientsOver(message.sender, flow)));
    }
    const report = readClientReport(message, decodeContent(message, inflation.inflate, inflation.bytesMax));
    if (report === undefined) return answerSubmission(await delivery.submit(submission.value));
    const outcome = await delivery.takeReport(report, isTrusted);
    if (typeof outcome !== 'string') return answerSubmission({ kind: 'refused', refusal: outcome });
    // One that is about a request, and about none of ours, may be about one that its reader knows.
    const isForReader = outcome === 'unknown' && report.id !== undefined;
    return isForReader ? answerSubmission(await delivery.submit(submission.value)) : accept([]);
  }
}
