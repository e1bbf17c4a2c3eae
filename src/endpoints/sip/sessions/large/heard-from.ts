/**
 * What a client says by itself in a session in which it is played a message: notifications (RFC 5438) for its sender, as if they
 * had come in a MESSAGE. Anything else is nothing.
 */
import type { Address } from '../../../../model/address.ts';
import { readClientReport } from '../../reports/client-report.ts';
import type { SessionRoom } from '../session-room.ts';

export interface Heard {
  readonly type: string;
  readonly body: Uint8Array;
}

export function heardFrom(
  room: SessionRoom,
  { from, to }: { from: Address; to: Address },
  { type, body }: Heard,
): void {
  const report = readClientReport({ sender: from, recipient: to }, { contentType: type, body });
  // Whoever is in the session has said who they are; what comes in it is counted with it.
  if (report !== undefined) void room.delivery.takeReport(report, true);
}
