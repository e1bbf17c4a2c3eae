/** Everything that phones and other clients sent and received, with times; several may share one log to make one ladder of it. */
import type { SipText } from './sip-text.ts';

export interface TalkEntry {
  /** Milliseconds since the log was opened. */
  readonly atMs: number;
  /** The address of whose client it is. */
  readonly who: string;
  readonly direction: 'sent' | 'received' | 'note';
  /** Start line of the message, or the words of a note. */
  readonly line: string;
  /** How a ladder calls it; absent where the message says that by itself. */
  readonly caption?: string;
  /** Absent for notes and for bytes that are no SIP message. */
  readonly message?: SipText;
  readonly isRetransmission: boolean;
}

/** Beyond this many entries the newest are not kept, only counted. */
export const talkEntriesMax = 100_000;

export class TalkLog {
  readonly entries: TalkEntry[] = [];
  readonly #startedMs = performance.now();
  readonly #max: number;
  readonly #onEntry: ((entry: TalkEntry) => void) | undefined;
  #notKept = 0;

  constructor(onEntry?: (entry: TalkEntry) => void, max: number = talkEntriesMax) {
    this.#onEntry = onEntry;
    this.#max = max;
  }

  get notKept(): number {
    return this.#notKept;
  }

  add(entry: Omit<TalkEntry, 'atMs'>): void {
    const timed = { atMs: performance.now() - this.#startedMs, ...entry };
    if (this.entries.length < this.#max) this.entries.push(timed);
    else this.#notKept += 1;
    this.#onEntry?.(timed);
  }

  /** Words between the messages: "Mary turns her phone off". */
  note(who: string, words: string): void {
    this.add({ who, direction: 'note', line: words, isRetransmission: false });
  }
}

/** One line per entry: seconds, who, arrow to or from the server, start line; retransmissions are marked. */
export function formatTalkEntry(entry: TalkEntry): string {
  const time = (entry.atMs / 1000).toFixed(3).padStart(8);
  const who = (entry.who.split('@')[0] ?? entry.who).padEnd(8);
  if (entry.direction === 'note') return `${time}  ${who}      ${entry.line}`;
  const arrow = entry.direction === 'sent' ? '--->' : '<---';
  return `${time}  ${who} ${arrow} ${entry.line}${entry.isRetransmission ? '  (again)' : ''}`;
}
