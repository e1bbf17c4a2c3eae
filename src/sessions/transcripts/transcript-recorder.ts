/** Writes down what is said in one conversation, as far as it is text and not too long; handed over at its end. */
import type { Millis } from '../../base/time/clock.ts';
import { mediaTypeOf } from '../../formats/content-type.ts';
import { cpimContentType, parseCpim, wrappedContentType } from '../../formats/cpim.ts';
import { isComposingContentType } from '../../formats/is-composing.ts';
import { imdnContentType } from '../../formats/imdn.ts';
import type { Address } from '../../model/address.ts';
import type { IncomingMessage } from '../transfer/incoming-spools.ts';
import type { Transcript, TranscriptLine } from './ports.ts';

/** Octets of one message that are written down; of a longer one only that there was one. */
export const lineBytesMax = 16 * 1024;
/** Octets of text of one conversation; what comes then is noted without its text. */
export const transcriptBytesMax = 256 * 1024;
/** Messages of one conversation that are noted. */
export const transcriptLinesMax = 4_096;

interface NotedLine extends Omit<TranscriptLine, 'isOwn'> {
  readonly from: Address;
}

export class TranscriptRecorder {
  readonly #lines: NotedLine[] = [];
  #bytes = 0;
  #messages = 0;

  /** Resolves when the message is not needed for it any more. */
  async note(from: Address, { head, spool }: IncomingMessage, at: Millis): Promise<void> {
    const bytes = spool.size ?? 0;
    const isShort = bytes <= lineBytesMax && this.#bytes + bytes <= transcriptBytesMax;
    const body = isShort ? await spool.whole().catch(() => undefined) : undefined;
    const content = contentOf(head.contentType ?? '', body);
    if (content === undefined) return;
    this.#messages += 1;
    if (this.#lines.length >= transcriptLinesMax) return;
    const { contentType, text } = content;
    if (text !== undefined) this.#bytes += bytes;
    this.#lines.push({ from, at, contentType, bytes, ...(text === undefined ? {} : { text }) });
  }

  /** As one of the two keeps it. */
  transcript(about: Omit<Transcript, 'lines' | 'messages' | 'isMissed'>): Transcript {
    const lines = this.#lines.map(({ from, ...line }): TranscriptLine => ({ ...line, isOwn: from === about.owner }));
    return { ...about, isMissed: false, messages: this.#messages, lines };
  }
}

/** Undefined for what nobody has said: notices and notifications. */
function contentOf(
  contentType: string,
  body: Uint8Array | undefined,
): { contentType: string; text?: string } | undefined {
  if (mediaTypeOf(contentType) !== cpimContentType || body === undefined) return textOf(contentType, body);
  const envelope = parseCpim(body);
  if (!envelope.ok) return { contentType };
  return textOf(wrappedContentType(envelope.value), envelope.value.content);
}

function textOf(contentType: string, body: Uint8Array | undefined): { contentType: string; text?: string } | undefined {
  const type = mediaTypeOf(contentType);
  if (type === isComposingContentType || type === imdnContentType) return undefined;
  if (body === undefined || !type.startsWith('text/')) return { contentType };
  return { contentType, text: new TextDecoder().decode(body) };
}
