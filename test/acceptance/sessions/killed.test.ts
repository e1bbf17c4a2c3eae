import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { SessionAgent } from '../../../src/cli/session-agent/session-agent.ts';
import { pauseMs, waitUntil } from '../../processes/child-program.ts';
import { openStage, startMsMax, type Stage } from '../stage.ts';

const withinMs = 60_000;
const size = 400_000;
let stage: Stage;

afterEach(async () => {
  await stage.close();
}, startMsMax);

/** Each another one, known by its first words. */
function numbered(number: number): Buffer {
  return Buffer.alloc(size, `message ${number} of those that a kill meets; `);
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Sends until the server is gone; the numbers of those that were reported as safe. */
async function sendUntilGone(
  tom: SessionAgent,
  numbers: readonly number[],
  onSafe: () => void = () => undefined,
): Promise<number[]> {
  const safe: number[] = [];
  for (const number of numbers) {
    try {
      const session = await tom.inviteForLarge('mary@localhost', { withinMs: 15_000 });
      const body = numbered(number);
      const sent = session.msrp.send({ contentType: 'a/b', body, successReport: 'yes', chunkBytes: 20_000 });
      const gone = session.msrp.ended.then(() => 'gone' as const);
      if ((await Promise.race([session.msrp.nextReport(withinMs), gone])) === 'gone') return safe;
      if ((await sent.finished) !== 200) return safe;
      safe.push(number);
      onSafe();
      void session.dialog.bye().catch(() => undefined);
    } catch {
      return safe;
    }
  }
  return safe;
}

/** Takes what is played until nothing more comes; the numbers of those that came whole, and how many did not. */
async function takeAll(mary: SessionAgent, count: number): Promise<{ whole: Set<number>; wrong: number }> {
  const whole = new Set<number>();
  let wrong = 0;
  const known = new Map(Array.from({ length: 64 }, (_, number) => [digest(numbered(number)), number]));
  while (whole.size < count) {
    const session = await mary.takeInvite(withinMs).catch(() => undefined);
    if (!session) break;
    const got = await session.msrp.nextMessage(withinMs).catch(() => undefined);
    const number = got && known.get(digest(got.body));
    if (number === undefined) wrong += 1;
    else whole.add(number);
  }
  return { whole, wrong };
}

describe('kill -9', () => {
  it(
    'in the middle of storing loses nothing that was reported, and leaves nothing half',
    async () => {
      stage = await openStage();
      const senders = await Promise.all(Array.from({ length: 4 }, () => stage.agent('tom')));
      let reported = 0;
      const sending = senders.map((tom, lane) =>
        sendUntilGone(
          tom,
          Array.from({ length: 12 }, (_, at) => lane * 12 + at),
          () => (reported += 1),
        ),
      );
      // Far from all of them, and others are on their way.
      await waitUntil(async () => reported >= 6, withinMs);
      await stage.server.kill();
      const safe = (await Promise.all(sending)).flat();
      expect(safe.length).toBeGreaterThan(0);
      await stage.server.start();
      const mary = await stage.agent('mary');
      const taking = takeAll(mary, safe.length);
      await mary.register();
      const { whole, wrong } = await taking;
      expect(wrong).toBe(0);
      expect(safe.filter((number) => !whole.has(number))).toEqual([]);
    },
    4 * startMsMax,
  );

  it(
    'in the middle of playing plays it again, and delivers no half',
    async () => {
      stage = await openStage();
      const tom = await stage.agent('tom');
      expect(await sendUntilGone(tom, [7])).toEqual([7]);
      const mary = await stage.agent('mary');
      const taken = mary.takeInvite(withinMs);
      await mary.register();
      const first = await taken;
      first.msrp.answer = () => undefined;
      first.msrp.connection?.pause();
      await pauseMs(200);
      await stage.server.killAndStart();
      expect(first.msrp.messages).toEqual([]);
      await mary.stop();
      const again = await stage.agent('mary');
      const taking = takeAll(again, 1);
      await again.register();
      expect([...(await taking).whole]).toEqual([7]);
      await expect.poll(() => stage.server.command('queue'), { timeout: withinMs }).not.toContain('tom@localhost');
      await expect.poll(() => blobs(), { timeout: 90_000 }).toEqual([]);
    },
    6 * startMsMax,
  );
});

function blobs(): string[] {
  return readdirSync(join(stage.dataFolder, 'blobs'), { recursive: true }).map(String);
}
