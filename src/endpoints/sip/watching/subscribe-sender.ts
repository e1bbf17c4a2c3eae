/** The way out for SUBSCRIBEs of ours: the server that was named, or whoever the dialog leads to. */
import type { DialogRequest } from '../../../sip/dialog/dialog-request.ts';
import type { SubscribeSender } from '../../../sip/event/subscriber/subscriber.ts';
import type { SipResponse } from '../../../sip/message/sip-message.ts';
import type { Flow } from '../../../sip/registrar/ports.ts';
import type { TransactionLayer } from '../../../sip/transaction/transaction-layer.ts';
import { destinationOfUri, destinationTo } from '../registration/contact-destination.ts';

export class TransactionSubscribeSender implements SubscribeSender {
  readonly #transactions: TransactionLayer;

  constructor(transactions: TransactionLayer) {
    this.#transactions = transactions;
  }

  send(request: DialogRequest, flow: Flow | undefined, onEnd: (response: SipResponse | undefined) => void): void {
    const { method, requestUri, headers, body, nextHop } = request;
    const destination = flow === undefined ? destinationOfUri(nextHop) : destinationTo(nextHop, flow);
    this.#transactions.send({ method, requestUri, headers, body }, destination, {
      onFinal: (response) => onEnd(response),
      onFailure: () => onEnd(undefined),
    });
  }
}
