/** A request within a dialog (RFC 3261 12.2.1.1), whole but for its Via, which the transaction adds. */
import { SipHeaders } from '../message/sip-headers.ts';
import type { Dialog } from './dialog.ts';

export interface DialogRequest {
  readonly method: string;
  readonly requestUri: string;
  /** Without Via. Rows of the usage are added behind. */
  readonly headers: SipHeaders;
  readonly body: Uint8Array;
  /** The URI that says where it goes next (RFC 3261 8.1.2): the first route, or the Request-URI. */
  readonly nextHop: string;
}

export interface DialogRequestContent {
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** Methods whose Contact is the target of the dialog (RFC 3261 12.2; RFC 6665 3.2). */
const TARGET_METHODS: readonly string[] = ['INVITE', 'UPDATE', 'SUBSCRIBE', 'NOTIFY'];
const EMPTY = new Uint8Array(0);

/** Takes the next CSeq of the dialog, but for an ACK, which has that of its INVITE. */
export function createDialogRequest(
  dialog: Dialog,
  method: string,
  content?: DialogRequestContent,
  cseq: number = dialog.nextCSeq(),
): DialogRequest {
  const { routes, remoteTarget } = dialog;
  const headers = new SipHeaders();
  headers.add('Max-Forwards', '70');
  headers.add('From', `${dialog.localAddress};tag=${dialog.localTag}`);
  headers.add('To', dialog.remoteTag === '' ? dialog.remoteAddress : `${dialog.remoteAddress};tag=${dialog.remoteTag}`);
  headers.add('Call-ID', dialog.callId);
  headers.add('CSeq', `${cseq} ${method}`);
  if (TARGET_METHODS.includes(method)) headers.add('Contact', dialog.contact);
  const { firstUri } = routes;
  const isStrict = firstUri !== undefined && !routes.isLoose;
  for (const value of isStrict ? routes.values.slice(1) : routes.values) headers.add('Route', value);
  // A strict router expects itself in the Request-URI, and the target behind all other routes.
  if (isStrict) headers.add('Route', `<${remoteTarget}>`);
  if (content !== undefined) headers.add('Content-Type', content.contentType);
  return {
    method,
    requestUri: isStrict ? firstUri : remoteTarget,
    headers,
    body: content?.body ?? EMPTY,
    nextHop: firstUri ?? remoteTarget,
  };
}
