/** Which reports follow from what becomes of a message (contract section 4, Reports). Pure; knows no store. */
import type { Millis } from '../base/time/clock.ts';
import type { NewReport, ReportChannel, ReportKind, ReportedState } from '../model/delivery-report.ts';
import type { InstantMessage } from '../model/instant-message.ts';
import type { FinalState, OpenState } from './mailbox-entry.ts';

/** In which ways this server tells senders. */
export const toldProtocols: ReadonlySet<ReportChannel> = new Set(['http', 'sip', 'imps', 'words']);

/** A message as far as reports are concerned. */
export type Reported = Pick<
  InstantMessage,
  'sender' | 'recipient' | 'origin' | 'reportsWanted' | 'reportsInWords' | 'reportReference'
>;

/** How its sender is told. */
export function channelOf({
  origin,
  reportsInWords,
}: Pick<InstantMessage, 'origin' | 'reportsInWords'>): ReportChannel {
  return reportsInWords === true ? 'words' : origin;
}

/** It is kept and its sender was not told of a delivery. */
export function reportsOfKeeping(id: string, message: Reported, state: OpenState, at: Millis): NewReport[] {
  return wanted({ id, message, state, at }, ['stored']);
}

/** `forwarded`: delivered, since its recipient sent it on. */
export function reportsOfEnd(id: string, message: Reported, state: FinalState | 'forwarded', at: Millis): NewReport[] {
  switch (state) {
    case 'delivered':
    case 'forwarded':
      return wanted({ id, message, state, at }, ['delivered']);
    case 'displayed':
      return wanted({ id, message, state, at }, ['delivered', 'displayed']);
    case 'recalled':
      // Its sender did that, and knows.
      return [];
    default:
      return wanted({ id, message, state, at }, ['failed']);
  }
}

/** Said by its client after the end: it was displayed, or delivered or not where nobody has reported that. */
export function reportsOfConfirmation(
  id: string,
  message: Reported,
  kind: 'delivered' | 'displayed' | 'failed',
  at: Millis,
): NewReport[] {
  return wanted({ id, message, state: kind, at }, [kind]);
}

/** Its client was asked by the message itself to say that it was delivered, and is waited for. */
export function withoutDelivered<T extends Reported>(message: T): T {
  return { ...message, reportsWanted: message.reportsWanted.filter((kind) => kind !== 'delivered') };
}

interface Happening {
  readonly id: string;
  readonly message: Reported;
  readonly state: ReportedState;
  readonly at: Millis;
}

function wanted({ id, message, state, at }: Happening, kinds: readonly ReportKind[]): NewReport[] {
  const { sender: owner, recipient, reportsWanted, reportReference } = message;
  const protocol = channelOf(message);
  if (reportsWanted.length === 0 || !toldProtocols.has(protocol)) return [];
  return kinds
    .filter((kind) => reportsWanted.includes(kind))
    .map((kind) => ({
      owner,
      protocol,
      messageId: id,
      recipient,
      kind,
      state: stateOf(kind, state),
      at,
      ...(reportReference === undefined ? {} : { reference: reportReference }),
    }));
}

/** What is displayed at once was delivered too, and is reported as both. */
function stateOf(kind: ReportKind, state: ReportedState): ReportedState {
  if (kind === 'delivered' && state === 'forwarded') return state;
  return kind === 'delivered' || kind === 'displayed' ? kind : state;
}
