import { expect, it } from 'vitest';
import type { Address } from '../../model/address.ts';
import { memoryStores } from '../../stores/memory/memory-stores.ts';
import { Spool } from '../spool/spool.ts';
import { SpoolPool } from '../spool/spool-pool.ts';
import type { IncomingMessage } from '../transfer/incoming-spools.ts';
import { lineBytesMax, transcriptBytesMax, transcriptLinesMax, TranscriptRecorder } from './transcript-recorder.ts';

const [tom, mary] = ['tom@x' as Address, 'mary@x' as Address];
const pool = new SpoolPool(memoryStores().blobs);
const about = { id: 'a', owner: mary, other: tom, startedAt: 0, endedAt: 9 };

function said(bytes: number): IncomingMessage {
  const spool = new Spool(pool);
  spool.write(0, new Uint8Array(bytes).fill(0x78));
  spool.finish(bytes);
  return { head: { contentType: 'text/plain' } as IncomingMessage['head'], spool };
}

it('the text of one conversation is so much, and of what comes then it is noted that it came', async () => {
  const recorder = new TranscriptRecorder();
  for (let at = 0; at < transcriptBytesMax / lineBytesMax; at += 1) await recorder.note(tom, said(lineBytesMax), at);
  await recorder.note(mary, said(1), 8);
  const { lines, messages } = recorder.transcript(about);
  expect(lines.map(({ text }) => text?.length)).toEqual([
    ...Array(transcriptBytesMax / lineBytesMax).fill(lineBytesMax),
    undefined,
  ]);
  expect([messages, lines.at(-1)]).toEqual([lines.length, { at: 8, isOwn: true, contentType: 'text/plain', bytes: 1 }]);
});

it('so many messages are noted, and all are counted', async () => {
  const recorder = new TranscriptRecorder();
  for (let at = 0; at <= transcriptLinesMax; at += 1) await recorder.note(tom, said(1), at);
  const { lines, messages } = recorder.transcript(about);
  expect([lines.length, messages]).toEqual([transcriptLinesMax, transcriptLinesMax + 1]);
});
