/** What is known of a message while it is being read. It reads nothing itself. */
import { Scanner } from '../grammar/scanner.ts';
import type { MalformedStatus } from '../malformed-message.ts';
import type { NameAddr } from '../name-addr.ts';
import { SipHeaders } from '../sip-headers.ts';
import type { Via } from '../via.ts';
import type { MessageLimits } from './message-limits.ts';

/** In place of a number that the message does not give. */
export const ABSENT = -1;

/** What has been read of a message so far; the first fault ends the reading. */
export class MessageDraft {
  readonly text: string;
  readonly codes: Uint8Array;
  readonly limits: MessageLimits;
  readonly scanner: Scanner;
  readonly headers = new SipHeaders();
  readonly vias: Via[] = [];
  /** Of a request; empty in a response. */
  method = '';
  /** Of the next row. */
  at = 0;
  /** The single bits of the headers that have occurred. */
  seen = 0;
  hasContact = false;
  from: NameAddr | undefined;
  to: NameAddr | undefined;
  callId: string | undefined;
  cseq = ABSENT;
  cseqMethod = '';
  maxForwards: number | undefined;
  contentLength = ABSENT;
  /** Without a fault 400 and an empty `fault`. */
  faultStatus: MalformedStatus = 400;
  fault = '';

  constructor(text: string, codes: Uint8Array, limits: MessageLimits) {
    this.text = text;
    this.codes = codes;
    this.limits = limits;
    this.scanner = new Scanner(text, codes);
  }

  fail(status: MalformedStatus, fault: string): undefined {
    if (this.fault !== '') return undefined;
    this.faultStatus = status;
    this.fault = fault;
    return undefined;
  }
}
