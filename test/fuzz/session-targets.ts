/** What must hold for the readers of MSRP and of session descriptions, whatever they are given. */
import { isDeepStrictEqual } from 'node:util';
import { isMessageMedia, readMessageMedia, writeMessageMedia } from '../../src/formats/sdp/message-media.ts';
import { formatSessionDescription, parseSessionDescription } from '../../src/formats/sdp/session-description.ts';
import { type ChunkEvent, ChunkReader } from '../../src/msrp/message/chunk-reader.ts';
import { formatRequest, formatResponse } from '../../src/msrp/message/format-message.ts';
import type { MsrpHead } from '../../src/msrp/message/msrp-message.ts';
import { parseMsrpPath } from '../../src/msrp/message/msrp-uri.ts';
import { MsrpConnection } from '../../src/msrp/session/msrp-connection.ts';
import { type MsrpSession, SessionTable } from '../../src/msrp/session/session-table.ts';
import { knownUri } from './structures/session-structure.ts';

/** The beginning of a long input; the rest comes at once. */
const byteByByteMax = 1500;

/** The same events, whether they come at once or byte by byte; a head that was read can be written and is the same again. */
export function checkMsrp(bytes: Buffer): void {
  const atOnce = eventsOf([bytes]);
  const oneByOne = Array.from(bytes.subarray(0, byteByByteMax), (_, at) => bytes.subarray(at, at + 1));
  const slowly = eventsOf([...oneByOne, bytes.subarray(byteByByteMax)]);
  must(
    isDeepStrictEqual(slowly, atOnce),
    () => `byte by byte it is ${JSON.stringify(slowly)}, not ${JSON.stringify(atOnce)}`,
  );
  for (const event of atOnce) if (event.kind === 'head') checkHead(event.head);
  checkMessages(bytes);
}

/** Pieces of a body are one, since how it was cut is chance. */
function eventsOf(pieces: readonly Buffer[]): ChunkEvent[] {
  const reader = new ChunkReader();
  const events: ChunkEvent[] = [];
  let body: Uint8Array[] = [];
  for (const piece of pieces) {
    for (const event of reader.read(piece)) {
      if (event.kind === 'body') body.push(event.bytes);
      else {
        if (body.length > 0) events.push({ kind: 'body', bytes: Buffer.concat(body) });
        body = [];
        events.push(event);
      }
    }
  }
  return body.length > 0 ? [...events, { kind: 'body', bytes: Buffer.concat(body) }] : events;
}

function checkHead(head: MsrpHead): void {
  const nothing = new Uint8Array(0);
  const parts = head.kind === 'request' ? formatRequest(head, nothing, '$') : [formatResponse(head)];
  const [first, second, ...rest] = eventsOf([Buffer.concat(parts)]);
  must(first?.kind === 'head', () => `written again it is ${JSON.stringify(first)}`);
  must(second?.kind === 'end' && rest.length === 0, 'written again it does not end');
  must(isDeepStrictEqual(plain(first.head), plain(head)), () => `it changed: ${JSON.stringify([head, first.head])}`);
}

/** The words of a status are not kept. */
function plain(head: MsrpHead): unknown {
  return head.kind === 'response' ? { ...head, comment: '' } : head;
}

const sizeMax = 64;

/** Nothing is whole that did not come whole, nothing grows beyond what may be, and what is answered can be read. */
function checkMessages(bytes: Buffer): void {
  const [uri] = pathOf(knownUri);
  must(uri !== undefined, 'the URI');
  const remotePath = pathOf('msrp://them.example:9/qrstuvwxyz;tcp');
  const session: MsrpSession = { uri, remotePath, transport: 'tcp', sizeMax, admit: () => 'take', received: () => 0 };
  const sessions = new SessionTable();
  sessions.open(session);
  let ids = 0;
  const newTransactionId = (): string => `ours${(ids += 1)}`;
  const machine = new MsrpConnection({ connection: 1, sessions, isFor: () => true, newTransactionId }, 0);
  const reader = new ChunkReader();
  const came = new Map<string, Set<number>>();
  for (const event of reader.read(bytes)) {
    for (const output of machine.handle({ kind: 'read', event }, 0)) {
      if (output.kind === 'octets') {
        const { offset, bytes: piece } = output.placed;
        must(offset + piece.length <= sizeMax, 'more than may be was let through');
        const octets = came.get(output.messageId) ?? new Set();
        came.set(output.messageId, octets);
        for (let at = 0; at < piece.length; at += 1) octets.add(offset + at);
      }
      if (output.kind === 'complete') {
        const octets = came.get(output.head.messageId ?? '') ?? new Set();
        for (let at = 0; at < output.size; at += 1) must(octets.has(at), `whole without its octet ${at}`);
      }
      if (output.kind === 'abandoned') came.delete(output.messageId);
      if (output.kind === 'write') checkWritten(Buffer.concat(output.parts));
    }
  }
}

function checkWritten(bytes: Buffer): void {
  const [first, second, ...rest] = eventsOf([bytes]);
  must(
    first?.kind === 'head' && second?.kind === 'end' && rest.length === 0,
    () => `an answer cannot be read: ${bytes.toString()}`,
  );
}

function pathOf(text: string) {
  const path = parseMsrpPath(text);
  must(path.ok, 'the path');
  return path.value;
}

/** What is understood of a description can be written, and is understood as the same; a stream of messages likewise. */
export function checkSdp(bytes: Buffer): void {
  const parsed = parseSessionDescription(bytes);
  if (!parsed.ok) return;
  const again = parseSessionDescription(formatSessionDescription(parsed.value));
  must(again.ok, `written again it is refused: ${again.ok ? '' : again.error}`);
  must(isDeepStrictEqual(again.value, parsed.value), 'it changed');
  for (const media of parsed.value.media.filter(isMessageMedia)) {
    const read = readMessageMedia(media);
    if (!read.ok) continue;
    const second = readMessageMedia(writeMessageMedia(read.value));
    must(second.ok, `its messages are refused: ${second.ok ? '' : second.error}`);
    must(
      isDeepStrictEqual(second.value, read.value),
      () => `its messages changed: ${JSON.stringify([read.value, second.value])}`,
    );
  }
}

function must(holds: boolean, words: string | (() => string)): asserts holds {
  if (!holds) throw new Error(typeof words === 'string' ? words : words());
}
