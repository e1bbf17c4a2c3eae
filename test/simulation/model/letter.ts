/** One message as its sender wrote it. Sent again it is the same letter, whatever becomes of each sending. */
import type { Wish } from './wish.ts';

export interface Letter {
  readonly number: number;
  readonly way: 'sip' | 'http';
  readonly sender: string;
  readonly recipient: string;
  readonly wish: Wish | undefined;
  /** `Deliver-When` as it is sent; also where it is no condition at all. */
  readonly condition: string | undefined;
  readonly validitySeconds: number | undefined;
  readonly contentType: string;
  readonly body: string;
  /** What a client gets that takes nothing but plain text; undefined where nothing can be converted. */
  readonly plainBody: string | undefined;
  /** Over HTTP: its Idempotency-Key; without one each sending is a message of its own. */
  readonly key: string | undefined;
  /** Over HTTP: what its sender wants to be told of. */
  readonly reports: readonly string[];
  /** Over SIP, as far as `writtenAt`. */
  readonly callId: string;
  readonly fromTag: string;
  readonly cseq: number;
  /** Its own Date, wall time in whole seconds. */
  readonly writtenAt: number | undefined;
  /** What is wrong with it: it must be refused with one of these. */
  readonly refusals: readonly number[];
}

/** The words by which a letter is known again, wherever they stand in a body. */
export function letterWords(number: number): string {
  return `letter ${number}.`;
}

export function letterNumberIn(body: string): number | undefined {
  const match = /\bletter (\d+)\./.exec(body);
  return match === null ? undefined : Number(match[1]);
}
