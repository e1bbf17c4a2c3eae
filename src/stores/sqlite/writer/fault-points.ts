/** Named places at which a kill test can end the process, or the thread, the hard way. Without a plan they cost a call and a comparison. */
import type { FaultPlan, FaultPoint, OperationKind } from './operations.ts';

/** `operation`: the kind of the one that was applied. */
export type PassFaultPoint = (point: FaultPoint, operation?: OperationKind) => void;

export function faultPoints(plan: FaultPlan | undefined): PassFaultPoint {
  if (plan === undefined) return () => {};
  let passes = 0;
  let doesCount = plan.from === undefined;
  return (point, operation) => {
    doesCount ||= operation === plan.from;
    if (!doesCount || (plan.point !== 'any' && plan.point !== point)) return;
    passes += 1;
    if (passes !== plan.passes) return;
    // In a thread `exit` ends the thread alone, as running out of memory does.
    if (plan.ends === 'thread') process.exit(1);
    process.kill(process.pid, 'SIGKILL');
  };
}
