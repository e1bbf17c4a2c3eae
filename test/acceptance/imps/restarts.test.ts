import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { node, textAt } from '../../../src/cli/imps-phone/csp-node.ts';
import { type ImpsPhone, valued } from '../../../src/cli/imps-phone/imps-phone.ts';
import { waitUntil } from '../../processes/child-program.ts';
import { openStage, startMsMax, type Stage } from '../stage.ts';
import { codesOf, listedIds, startPhone, withinMs } from './phones.ts';

let stage: Stage;

beforeEach(async () => {
  stage = await openStage(['--visible-by-default', 'online,availability,mood', '--notify-pace', '0']);
}, startMsMax);

afterEach(() => stage.close(), startMsMax);

async function restart(isKilled: boolean): Promise<void> {
  if (isKilled) await stage.server.kill();
  else await stage.server.stop();
  await stage.server.start();
}

describe.each([
  ['a restart', false],
  ['kill -9', true],
])('%s', (_what, isKilled) => {
  it(
    'in the middle of a session leaves it what it was',
    async () => {
      const tom = await startPhone(stage, 'tom');
      const mary = await startPhone(stage, 'mary', { method: 'N' });
      await mary.show(valued('UserAvailability', 'NOT_AVAILABLE'), valued('StatusMood', 'SAD'));
      expect((await tom.watch('mary@localhost')).code).toBe(200);
      await tom.next('PresenceNotification-Request', withinMs);
      const unmet = { to: 'mary@localhost', text: 'held', conditions: ['mood is happy'], wantsReport: true };
      expect((await tom.send(unmet)).code).toBe(202);
      await restart(isKilled);
      expect((await mary.keepAlive()).code).toBe(200);
      expect((await tom.keepAlive()).code).toBe(200);
      expect(listedIds((await mary.list()).primitive)).toEqual([]);
      await mary.show(valued('StatusMood', 'HAPPY'));
      const told = await mary.next('MessageNotification', withinMs);
      const got = await mary.get(textAt(told.primitive, 'MessageInfo/MessageID'));
      expect(got.text('ContentData')).toBe('held');
      expect(codesOf((await tom.next('DeliveryReport-Request', withinMs)).primitive)).toEqual([200]);
      for (;;) {
        const news = await tom.next('PresenceNotification-Request', withinMs);
        if (textAt(news.primitive, 'Presence/PresenceSubList/StatusMood/PresenceValue') === 'HAPPY') break;
      }
    },
    4 * startMsMax,
  );

  it(
    'between a message and its acknowledgement offers it again',
    async () => {
      const [tom, mary] = [await startPhone(stage, 'tom'), await startPhone(stage, 'mary', { answers: false })];
      await tom.send({ to: 'mary@localhost', text: 'unacknowledged' });
      const first = await mary.next('NewMessage', withinMs);
      await restart(isKilled);
      mary.answers = true;
      const again = await mary.next('NewMessage', withinMs);
      const idOf = (heard: typeof first): string => textAt(heard.primitive, 'MessageInfo/MessageID');
      expect([idOf(again), textAt(again.primitive, 'ContentData')]).toEqual([idOf(first), 'unacknowledged']);
      await mary.poll();
      expect(listedIds((await mary.list()).primitive)).toEqual([]);
    },
    4 * startMsMax,
  );

  it(
    'between a message and its repetition in the same transaction keeps it once',
    async () => {
      const tom = await startPhone(stage, 'tom');
      const id = tom.line.nextId();
      const first = await tom.send({ to: 'mary@localhost', text: 'once', id });
      const both = { to: ['peter@localhost', 'john@localhost'], text: 'once each', id: tom.line.nextId() };
      const firstOfBoth = await tom.send(both);
      await restart(isKilled);
      const again = await tom.send({ to: 'mary@localhost', text: 'once', id });
      expect([again.code, again.text('MessageID')]).toEqual([first.code, first.text('MessageID')]);
      expect((await tom.send(both)).text('MessageID')).toBe(firstOfBoth.text('MessageID'));
      const peter = await startPhone(stage, 'peter', { method: 'N' });
      expect(listedIds((await peter.list()).primitive)).toHaveLength(1);
      const other = await tom.send({ to: 'mary@localhost', text: 'with the number of another', id });
      expect(other.text('MessageID')).not.toBe(first.text('MessageID'));
      const mary = await startPhone(stage, 'mary', { method: 'N' });
      const ids = [first.text('MessageID'), other.text('MessageID')];
      expect(listedIds((await mary.list()).primitive)).toEqual(ids);
    },
    4 * startMsMax,
  );
});

/** Sends until the server is gone; the texts of those that were taken. */
async function sendUntilGone(tom: ImpsPhone, lane: number): Promise<string[]> {
  const taken: string[] = [];
  for (let count = 0; count < 10_000; count += 1) {
    const text = `lane ${lane} message ${count}`;
    try {
      const { code } = await tom.send({ to: 'mary@localhost', text });
      if (code !== 201) return taken;
      taken.push(text);
    } catch {
      return taken;
    }
  }
  return taken;
}

describe('kill -9 among many messages', () => {
  it(
    'loses none that was answered, and delivers each once to a phone that acknowledges',
    async () => {
      const lanes = await Promise.all(
        [0, 1, 2, 3].map((lane) => startPhone(stage, 'tom', { clientId: `http://lane.example/${lane}` })),
      );
      const sending = lanes.map(sendUntilGone);
      await waitUntil(() => lanes.reduce((sum, { line }) => sum + line.replies.length, 0) > 100, withinMs);
      await stage.server.kill();
      const taken = (await Promise.all(sending)).flat();
      expect(taken.length).toBeGreaterThan(50);
      await stage.server.start();
      const mary = await startPhone(stage, 'mary');
      const came = (): string[] => mary.asked.map(({ primitive }) => textAt(primitive, 'ContentData'));
      await expect
        .poll(
          async () => {
            await mary.poll();
            const there = new Set(came());
            return taken.filter((text) => !there.has(text));
          },
          { timeout: 3 * withinMs, interval: 10 },
        )
        .toEqual([]);
      expect(came()).toHaveLength(new Set(came()).size);
      for (const lane of [0, 1, 2, 3]) {
        const numbers = came().flatMap((text) =>
          text.startsWith(`lane ${lane} `) ? [Number(text.split(' ')[3])] : [],
        );
        expect(numbers).toEqual(numbers.toSorted((one, other) => one - other));
      }
      expect((await mary.ask(node('GetMessageList-Request'))).name).toBe('GetMessageList-Response');
    },
    6 * startMsMax,
  );
});
