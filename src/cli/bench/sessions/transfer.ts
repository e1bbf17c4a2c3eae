/** One large message from one agent to a user who is there or away, and whether it arrived as it left. */
import type { SessionAgent } from '../../session-agent/session-agent.ts';

export interface Transfer {
  /** From the INVITE to the success report. */
  readonly seconds: number;
  readonly faults: string[];
}

const chunkBytes = 65_536;
const withinMs = 600_000;

/** A source of as many octets as one likes, that cost nothing to make. */
export function piecesOf(size: number, piece: Buffer): { size: number; piece(at: number, length: number): Uint8Array } {
  return {
    size,
    piece(at, length) {
      const start = at % piece.length;
      if (start + length <= piece.length) return piece.subarray(start, start + length);
      return Buffer.concat([piece.subarray(start), piece.subarray(0, start + length - piece.length)]);
    },
  };
}

/** `recipient` is registered and takes it meanwhile; nobody is there without one. */
export async function transfer(
  sender: SessionAgent,
  to: string,
  content: { readonly bytes: number; readonly piece: Buffer },
  recipient?: SessionAgent,
): Promise<Transfer> {
  const startedAt = performance.now();
  const taken = recipient === undefined ? undefined : takeOne(recipient, content);
  const session = await sender.inviteForLarge(to);
  const sent = session.msrp.send({
    contentType: 'application/octet-stream',
    body: piecesOf(content.bytes, content.piece),
    chunkBytes,
    successReport: 'yes',
  });
  const status = await sent.finished;
  const report = status === 200 ? await session.msrp.nextReport(withinMs) : undefined;
  const seconds = (performance.now() - startedAt) / 1000;
  const faults = [
    ...(status === 200 ? [] : [`the message was answered ${status}`]),
    ...(report === undefined || report.header('Status')?.startsWith('000 200') === true
      ? []
      : [`it was reported ${report.header('Status')}`]),
    ...(taken === undefined || status !== 200 ? [] : await taken),
  ];
  await session.dialog.bye();
  return { seconds, faults };
}

/** What is wrong with the message that comes next. */
export async function takeOne(
  recipient: SessionAgent,
  content: { readonly bytes: number; readonly piece: Buffer },
): Promise<string[]> {
  const invite = await recipient.nextInvite(withinMs);
  const source = piecesOf(content.bytes, content.piece);
  let count = 0;
  let disordered = 0;
  let wrong = 0;
  const session = await recipient.accept(invite, {}, (_message, at, bytes) => {
    if (at !== count) disordered += 1;
    else if (!bytes.equals(source.piece(at, bytes.length))) wrong += 1;
    count += bytes.length;
  });
  await session.msrp.nextMessage(withinMs);
  const isSame = count === content.bytes && wrong === 0;
  return [
    ...(disordered > 0 ? [`${disordered} pieces out of order`] : []),
    ...(isSame ? [] : ['other octets arrived']),
  ];
}
