import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatFrame, FrameReader, type Continuation } from '../../src/cli/session-agent/msrp-text.ts';
import { ChunkReader } from '../../src/msrp/message/chunk-reader.ts';
import { formatRequest, formatResponse } from '../../src/msrp/message/format-message.ts';
import { parseMsrpPath } from '../../src/msrp/message/msrp-uri.ts';

/** A frame as either side tells of it. */
interface Told {
  readonly transaction: string;
  readonly what: string;
  content: string;
  flag: string;
}

const there = 'msrp://there.example:2855/abcdefghijklmnop;tcp';
const here = 'msrp://127.0.0.1:9/qrstuvwxyz012345;ws';

function readByServer(bytes: Buffer, cuts: readonly number[]): Told[] {
  const told: Told[] = [];
  const reader = new ChunkReader();
  for (const piece of pieces(bytes, cuts)) {
    for (const event of reader.read(piece)) {
      const last = told.at(-1);
      if (event.kind === 'head') {
        const { head } = event;
        const what = head.kind === 'request' ? head.method : String(head.status);
        told.push({ transaction: head.transactionId, what, content: '', flag: '' });
      } else if (event.kind === 'body' && last) last.content += Buffer.from(event.bytes).toString('latin1');
      else if (event.kind === 'end' && last) last.flag = event.flag;
      else throw new Error(`not understood: ${JSON.stringify(event)}`);
    }
  }
  return told;
}

function readByAgent(bytes: Buffer, cuts: readonly number[]): Told[] {
  const told: Told[] = [];
  const reader = new FrameReader({
    began: ({ transaction, method, status }) =>
      told.push({ transaction, what: status > 0 ? String(status) : method, content: '', flag: '' }),
    octets: (piece) => {
      const last = told.at(-1);
      if (last) last.content += piece.toString('latin1');
    },
    ended: (flag) => {
      const last = told.at(-1);
      if (last) last.flag = flag;
    },
  });
  for (const piece of pieces(bytes, cuts)) reader.push(piece);
  return told;
}

function* pieces(bytes: Buffer, cuts: readonly number[]): Generator<Buffer> {
  const at = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].toSorted((a, b) => a - b);
  for (const [index, start] of at.slice(0, -1).entries()) yield bytes.subarray(start, at[index + 1]);
}

const ids = fc.constantFrom('abcd', 'abcd1', 'a786hjs2', 'zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz');
/** Full of what looks like an end and is none. */
const bodies = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\r\n',
        '\r',
        '\n',
        '-------',
        '-------abcd',
        '-------a786hjs2',
        '\r\n-------abcd',
        '$',
        '+\r',
        '#',
        'MSRP ',
      ),
      fc.string({ maxLength: 6 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => Buffer.from(parts.join('')));
const frames = fc.record({
  id: ids,
  kind: fc.constantFrom('content', 'empty', 'response'),
  body: bodies,
  flag: fc.constantFrom<Continuation>('$', '+', '#'),
});
const cutPlaces = fc.array(fc.nat(5000), { maxLength: 20 });

interface Drawn {
  readonly id: string;
  readonly kind: 'content' | 'empty' | 'response';
  readonly body: Buffer;
  readonly flag: Continuation;
}

/** Its own end-line in a content ends it: nobody may write that. */
function isWritable({ id, body }: Drawn): boolean {
  return !new RegExp(`(?:^|\r\n)-------${id}[$+#]\r?\n`).test(`${body.toString('latin1')}\r\n`);
}

function expected({ id, kind, body, flag }: Drawn): Told {
  if (kind === 'response') return { transaction: id, what: '200', content: '', flag: '$' };
  return { transaction: id, what: 'SEND', content: kind === 'content' ? body.toString('latin1') : '', flag };
}

function writtenByAgent({ id: transaction, kind, body, flag }: Drawn): Buffer {
  const paths = [
    ['To-Path', there],
    ['From-Path', here],
  ] as const;
  if (kind === 'response') return formatFrame({ transaction, what: '200 OK', headers: paths });
  if (kind === 'empty')
    return formatFrame({ transaction, what: 'SEND', headers: [...paths, ['Message-ID', 'empty']], flag });
  const headers = [...paths, ['Message-ID', 'some'], ['Byte-Range', '1-*/*'], ['Content-Type', 'a/b']] as const;
  return formatFrame({ transaction, what: 'SEND', headers, content: body, flag });
}

function writtenByServer({ id: transactionId, kind, body, flag }: Drawn): Buffer {
  const [toPath, fromPath] = [pathOf(there), pathOf(here)];
  if (kind === 'response') {
    const head = {
      kind: 'response',
      transactionId,
      status: 200,
      comment: 'OK',
      toPath,
      fromPath,
      headers: [],
    } as const;
    return Buffer.from(formatResponse(head));
  }
  const flags = { successReport: false, failureReport: 'yes', headers: [], messageId: 'some' } as const;
  const head = { kind: 'request', transactionId, method: 'SEND', toPath, fromPath, ...flags } as const;
  const typed = kind === 'content' ? { ...head, contentType: 'a/b' } : head;
  return Buffer.concat(formatRequest(typed, kind === 'content' ? body : Buffer.alloc(0), flag));
}

function pathOf(text: string) {
  const path = parseMsrpPath(text);
  if (!path.ok) throw new Error(path.error);
  return path.value;
}

describe('what the agent wrote', () => {
  it('is read alike by both', () => {
    fc.assert(
      fc.property(fc.array(frames.filter(isWritable), { maxLength: 5 }), cutPlaces, (drawn, cuts) => {
        const bytes = Buffer.concat(drawn.map(writtenByAgent));
        expect(readByServer(bytes, cuts)).toEqual(drawn.map(expected));
        expect(readByAgent(bytes, cuts)).toEqual(drawn.map(expected));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('what the server wrote', () => {
  it('is read alike by both', () => {
    fc.assert(
      fc.property(fc.array(frames.filter(isWritable), { maxLength: 5 }), cutPlaces, (drawn, cuts) => {
        const bytes = Buffer.concat(drawn.map(writtenByServer));
        expect(readByAgent(bytes, cuts)).toEqual(drawn.map(expected));
        expect(readByServer(bytes, cuts)).toEqual(drawn.map(expected));
      }),
      { numRuns: 1000 },
    );
  });
});
