/**
 * Memory: what one registered user adds to the resident memory of the server. Over TCP, where no finished transaction stays
 * behind (RFC 3261 17.2.2, timer J), and after some users have made the server as warm as it gets.
 */
import type { LoadPlan } from '../load/load-plan.ts';
import { measureFinished } from './finished.ts';
import { findFaults, measure, type Stage } from './stage.ts';

const warmUsers = 1000;
const warmRounds = 5;

export const memory: Stage = async (site, { registered, width }) => {
  const users = warmUsers + registered;
  const wish = { name: 'memory', users, transport: 'tcp', isTrusted: true } as const;
  const row = await site.withRig(wish, async (rig) => {
    const all = { kind: 'register', width, secondsMax: 3600, wantedStatus: 200 } as const;
    const warm: LoadPlan = { ...all, firstUser: 0, users: warmUsers, total: warmUsers * warmRounds };
    await rig.run('warming up', warm);
    const before = await rig.server.figures();
    const plan: LoadPlan = { ...all, firstUser: warmUsers, users: registered, total: registered };
    const { report, peakMemoryBytes } = await measure(rig, 'registering', plan);
    const after = await rig.server.figures();
    const bytes = before === undefined || after === undefined ? undefined : after.memoryBytes - before.memoryBytes;
    const bytesPerUser = bytes === undefined ? undefined : Math.round(bytes / registered);
    return {
      stage: 'memory' as const,
      name: 'registered users',
      count: report.ok,
      ...(peakMemoryBytes === undefined ? {} : { peakMemoryBytes }),
      ...(bytesPerUser === undefined ? {} : { remark: `${(bytesPerUser / 1024).toFixed(1)} KiB each` }),
      faults: findFaults(report),
      details: { bytesPerUser, memoryBytesBefore: before?.memoryBytes, memoryBytesAfter: after?.memoryBytes },
    };
  });
  return [row, measureFinished()];
};
