/**
 * NOTIFY for subscriptions of our own (RFC 6665 4.1.3). Nobody is asked who they are: whoever knows the tags of the dialog is the
 * one that it was made with, and everybody else gets 481.
 */
import { notifyUnknown, type NotifyAnswer } from '../../../sip/event/subscriber/machine/read-notify.ts';
import type { SipRequest } from '../../../sip/message/sip-message.ts';
import type { Flow } from '../../../sip/registrar/ports.ts';
import type { SipAnswer } from '../sip-answer.ts';

export interface NotifyTaker {
  notify(request: SipRequest, flow: Flow): NotifyAnswer | undefined;
}

export class NotifyEndpoint {
  readonly #takers: readonly NotifyTaker[];
  readonly #onStranger: () => void;

  constructor(takers: readonly NotifyTaker[], onStranger: () => void) {
    this.#takers = takers;
    this.#onStranger = onStranger;
  }

  answer(request: SipRequest, flow: Flow): SipAnswer {
    for (const taker of this.#takers) {
      const answer = taker.notify(request, flow);
      if (answer !== undefined) return answer;
    }
    this.#onStranger();
    return notifyUnknown;
  }
}
