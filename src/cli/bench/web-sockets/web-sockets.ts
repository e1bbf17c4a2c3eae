/**
 * Users with a WebSocket each: signing in, the memory of a connection that is held, and a MESSAGE between two others over
 * UDP while all of them sign in again.
 */
import { benchDomain, type Rig } from '../bench-site.ts';
import type { BenchRow } from '../bench-row.ts';
import { LoginBook } from '../load/wire/login-book.ts';
import type { LoadPlan } from '../load/load-plan.ts';
import { measure, rowOfAnswers, type Stage } from '../stages/stage.ts';
import { Crowd, type CrowdReport } from './crowd.ts';

/** Who write to each other meanwhile. */
const talkers = 16;
/** Opened first and not counted, so that the server is as warm as it gets. */
const warmUsers = 500;
/** Signing in at once; all of a crowd come back together. */
const joinWidth = 64;
const againWidth = 512;

export const webSockets: Stage = async (site, { websockets, seconds }) => {
  const users = talkers + warmUsers + websockets;
  const crowd = new Crowd();
  try {
    // Those who talk are believed, the crowd comes from another address and is challenged.
    const wish = {
      name: 'web-sockets',
      users,
      transport: 'udp',
      isTrusted: true,
      trustedNetwork: '127.0.0.1/32',
    } as const;
    return await site.withRig(wish, async (rig) => {
      const place = {
        host: rig.server.host,
        port: rig.server.ports.http,
        domain: benchDomain,
        logins: new LoginBook(benchDomain),
      };
      await crowd.join(place, { first: talkers, count: warmUsers }, joinWidth);
      await crowd.registerAgain(joinWidth);
      const before = await rig.server.figures();
      const joined = await crowd.join(place, { first: talkers + warmUsers, count: websockets }, joinWidth);
      const after = await rig.server.figures();
      const bytes = before === undefined || after === undefined ? undefined : after.memoryBytes - before.memoryBytes;
      return [rowOfJoining(joined, bytes), await talkBeside(rig, crowd, seconds)];
    });
  } finally {
    crowd.leave();
  }
};

function rowOfJoining({ ok, failed, seconds, latency }: CrowdReport, bytes: number | undefined): BenchRow {
  const bytesPerConnection = bytes === undefined ? undefined : Math.round(bytes / ok);
  return {
    stage: 'websocket',
    name: 'WebSocket logins',
    count: ok,
    perSecond: ok / seconds,
    ...(latency === undefined ? {} : { p50Ms: latency.p50Ms, p99Ms: latency.p99Ms }),
    ...(bytesPerConnection === undefined ? {} : { remark: `held: ${(bytesPerConnection / 1024).toFixed(1)} KiB each` }),
    faults: failed === 0 ? [] : [`${failed} could not sign in`],
    details: { seconds, bytesPerConnection },
  };
}

/** One MESSAGE at a time, so that what is measured is how long one takes, not how many there are. */
async function talkBeside(rig: Rig, crowd: Crowd, secondsMax: number): Promise<BenchRow> {
  const register: LoadPlan = {
    kind: 'register',
    firstUser: 0,
    users: talkers,
    total: talkers,
    width: 1,
    secondsMax,
    wantedStatus: 200,
  };
  await rig.run('talkers register', register);
  const talk: LoadPlan = { ...register, kind: 'message', total: 1_000_000, forgetsArrivals: true };
  await rig.run('warming up', { ...talk, total: 500 });
  let isOver = false;
  const again = crowd.keepRegistering(againWidth, () => isOver);
  const run = await measure(rig, 'messages while all sign in again', { ...talk, secondsMax: Math.min(secondsMax, 5) });
  isOver = true;
  const { ok, failed, seconds } = await again;
  const remark = `while ${ok} signed in again, ${Math.round(ok / seconds)} per second`;
  const row = rowOfAnswers({ stage: 'websocket', name: 'MESSAGE beside logins', remark }, run);
  return failed === 0 ? row : { ...row, faults: [...row.faults, `${failed} could not sign in again`] };
}
