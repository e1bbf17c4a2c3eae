/** Act 7: the server is killed while messages are being accepted; what it accepted must arrive. */
import type { Act } from './act.ts';
import { pause, type Stage } from './stage.ts';
import type { SipUserAgent } from './user-agent/sip-user-agent.ts';
import { TalkLog } from './user-agent/talk-log.ts';

const messages = 1000;
const inFlight = 32;
/** The kill comes when about so many are accepted, in the middle of the others. */
const killAfter = 400;
const arriveWithinMs = 60_000;

export const actOfLoss: Act = {
  number: 7,
  title: `The server is killed with kill -9 while ${messages} messages are being accepted`,
  cast: ['tom', 'mary'],
  async play(stage, keep) {
    const unseen = new TalkLog(undefined, 0);
    const tom = await stage.phone('tom', { t1Ms: 60, log: unseen });
    const accepted = await sendUntilKilled(stage, tom);
    stage.log.note('server', `kill -9 after ${accepted.size} were accepted; it starts again`);
    await stage.startServer();
    const mary = await stage.phone('mary', { log: unseen });
    await mary.register();
    const deadline = performance.now() + arriveWithinMs;
    let missing = [...accepted];
    while (missing.length > 0 && performance.now() < deadline) {
      await pause(50);
      const arrived = new Set(mary.messages.map(({ text }) => text));
      missing = missing.filter((text) => !arrived.has(text));
    }
    keep(
      `every one of the ${accepted.size} accepted messages arrives`,
      missing.length === 0,
      `${missing.length} missing`,
    );
    const ids = mary.messages.map(({ request }) => request.callId);
    keep(
      'none is shown twice by a phone that honours ids',
      new Set(ids).size === new Set(mary.messages.map(textOf)).size,
    );
  },
};

async function sendUntilKilled(stage: Stage, tom: SipUserAgent): Promise<Set<string>> {
  const accepted = new Set<string>();
  let next = 0;
  let kill: Promise<void> | undefined;
  const lane = async (): Promise<void> => {
    while (next < messages) {
      const text = `message ${(next += 1)}`;
      // One whose answer was lost in the kill may arrive or not: its sender was told nothing.
      const answer = await tom.sendMessage('mary@localhost', text).catch(() => undefined);
      if (answer?.status === 202) accepted.add(text);
      if (kill !== undefined) return;
      if (accepted.size >= killAfter) kill = stage.killServer();
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  await kill;
  return accepted;
}

function textOf({ text }: { readonly text: string }): string {
  return text;
}
