/**
 * `sip:list@DOMAIN` (RFC 5365): each in the list gets a copy, which goes the way of any other MESSAGE: relayed, held or refused by
 * itself. The answer comes when all are decided, so what it says is durable. Who is refused while others are not is reported
 * where the message asked for that.
 */
import type { Clock } from '../../../base/time/clock.ts';
import type { DeliveryService } from '../../../delivery/delivery-service.ts';
import type { RefusedSubmission } from '../../../delivery/submission.ts';
import { encodingOf } from '../../../formats/content-encoding.ts';
import { parseSipUri } from '../../../sip/message/sip-uri.ts';
import type { SipRequest } from '../../../sip/message/sip-message.ts';
import type { Identity } from '../identity.ts';
import type { Inflation } from '../messaging/outgoing-content.ts';
import { readPagerMessage } from '../messaging/read-pager-message.ts';
import { answerSubmission } from '../messaging/submission-answer.ts';
import { principalAddressOf } from '../principal-address.ts';
import { refuse, type SipAnswer } from '../sip-answer.ts';
import { copiesOf } from './list-copy.ts';
import { answerList, type CopyOutcome, isPassing } from './list-outcome.ts';
import { readListRequest } from './list-request.ts';

export interface ListEndpointPlan {
  readonly delivery: DeliveryService;
  readonly clock: Clock;
  readonly inflation: Inflation;
}

interface Copied extends CopyOutcome {
  /** Refused, and of a kind that can be reported. */
  readonly refused?: RefusedSubmission;
}

export class ListEndpoint {
  readonly #plan: ListEndpointPlan;

  constructor(plan: ListEndpointPlan) {
    this.#plan = plan;
  }

  async answer(request: SipRequest, identity: Identity): Promise<SipAnswer> {
    if (encodingOf(request.headers.get('Content-Encoding')) !== 'identity') {
      return refuse(415, 'a list of recipients is taken without an encoding', [['Accept-Encoding', 'identity']]);
    }
    const list = readListRequest(request);
    if (!list.ok) return refuse(list.error.status, list.error.words);
    const copies = copiesOf(request, list.value);
    const sent: Promise<Copied>[] = [];
    const seen = new Set<string>();
    for (const recipient of list.value.recipients) {
      const uri = parseSipUri(recipient.uri);
      const name = (uri.ok ? principalAddressOf(uri.value) : undefined) ?? recipient.uri;
      // RFC 5365 7: who stands in it twice gets it once.
      if (seen.has(name)) continue;
      seen.add(name);
      const copy = uri.ok ? copies.for(recipient, uri.value) : undefined;
      sent.push(this.#send(recipient.uri, copy, identity));
    }
    const outcomes = await Promise.all(sent);
    const answer = answerList(outcomes);
    // Without a 2xx there is the answer, and no report (RFC 5438 8.2).
    if (answer.status < 300) await this.#plan.delivery.reportRefused(outcomes.flatMap(({ refused }) => refused ?? []));
    return answer;
  }

  async #send(uri: string, copy: SipRequest | undefined, identity: Identity): Promise<Copied> {
    const { delivery, clock, inflation } = this.#plan;
    if (copy === undefined) return { uri, answer: refuse(400, 'not a SIP URI'), isPassing: false };
    const submission = readPagerMessage(copy, identity, clock.wall(), inflation);
    if (!submission.ok) {
      return { uri, answer: refuse(submission.error.status, submission.error.words), isPassing: false };
    }
    const outcome = await delivery.submit(submission.value);
    const answer = answerSubmission(outcome);
    if (outcome.kind !== 'refused') return { uri, answer, isPassing: false };
    const { refusal } = outcome;
    return { uri, answer, isPassing: isPassing(refusal), refused: { submission: submission.value, refusal } };
  }
}
