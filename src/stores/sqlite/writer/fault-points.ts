/** Named places at which a kill test can end the process the hard way. Without a plan they cost a call and a comparison. */
import type { FaultPlan, FaultPoint } from './operations.ts';

export type PassFaultPoint = (point: FaultPoint) => void;

export function faultPoints(plan: FaultPlan | undefined): PassFaultPoint {
  if (plan === undefined) return () => {};
  let passes = 0;
  return (point) => {
    if (point !== plan.point) return;
    passes += 1;
    if (passes === plan.passes) process.kill(process.pid, 'SIGKILL');
  };
}
