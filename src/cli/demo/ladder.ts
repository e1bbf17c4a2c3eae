/** Draws what phones and HTTP clients sent and received as a ladder: one column for each of the cast, the server between the first and the rest. */
import { readPidf } from './user-agent/pidf-text.ts';
import type { TalkEntry } from './user-agent/talk-log.ts';

const columnWidth = 30;

export interface LadderInk {
  dim(text: string): string;
  bold(text: string): string;
}

export function drawLadderHead(cast: readonly string[], ink: LadderInk): string {
  const names = [...columnsOf(cast)].map((name) => centre(name, columnWidth));
  return ink.bold(names.join('').trimEnd());
}

/** One line for an entry; retransmissions and answers 100 are left out. */
export function drawLadderLine(entry: TalkEntry, cast: readonly string[], ink: LadderInk): string | undefined {
  if (entry.isRetransmission || entry.line.startsWith('SIP/2.0 100')) return undefined;
  if (entry.direction === 'note')
    return ink.dim(centre(`( ${entry.line} )`, columnWidth * (cast.length + 1)).trimEnd());
  const columns = columnsOf(cast);
  const from = columns.indexOf(entry.who.split('@')[0] ?? '');
  const server = columns.indexOf('restante');
  const isRightward = from < server === (entry.direction === 'sent');
  const left = Math.min(from, server);
  const right = Math.max(from, server);
  const arrow = drawArrow(captionOf(entry), (right - left) * columnWidth - 1, isRightward);
  const gap = ' '.repeat(columnWidth - 1);
  const [before, after] = [`|${gap}`.repeat(left), `${gap}|`.repeat(columns.length - 1 - right)];
  return `${' '.repeat(columnWidth / 2)}${before}|${arrow}|${after}`;
}

function columnsOf(cast: readonly string[]): string[] {
  const [first = '', ...rest] = cast;
  return [first, 'restante', ...rest];
}

function captionOf({ line, caption, message }: TalkEntry): string {
  if (caption !== undefined) return caption;
  if (!line.startsWith('SIP/2.0')) {
    const condition = message?.header('Deliver-When');
    const mark = message?.header('Deferred-Message') === undefined ? '' : ' (deferred)';
    const published = message?.method === 'PUBLISH' ? ` ${saidIn(message.text)}`.trimEnd() : '';
    return `${line.split(' ')[0] ?? ''}${condition === undefined ? '' : ` when ${condition}`}${mark}${published}`;
  }
  const state = /;state=(\w+)/.exec(message?.header('Deferred-Message') ?? '')?.[1];
  return `${line.slice(8)}${state === undefined ? '' : `, ${state}`}`;
}

/** One word of what a publication says of a person: `meeting`, `angry`, `available`; nothing where it is taken back. */
function saidIn(document: string): string {
  const { activity, mood, availability = '' } = readPidf(document);
  return activity[0] ?? mood[0] ?? availability;
}

function drawArrow(text: string, width: number, isRightward: boolean): string {
  const room = width - 4;
  const short = text.length > room ? `${text.slice(0, room - 1)}…` : text;
  const body = centre(` ${short} `, width - 2).replace(/^ +| +$/g, (blank) => '-'.repeat(blank.length));
  return isRightward ? `-${body}>` : `<${body}-`;
}

function centre(text: string, width: number): string {
  const left = Math.max(0, Math.floor((width - text.length) / 2));
  return ' '.repeat(left) + text + ' '.repeat(Math.max(0, width - text.length - left));
}
