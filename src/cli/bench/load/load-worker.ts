/**
 * The thread of the load generator: takes one task after the other and answers each. A thread of its own, so that neither
 * the progress display nor the watching of the server delays a packet.
 */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { HttpPlan } from './http/http-plan.ts';
import { HttpSession } from './http/http-session.ts';
import type { LoadPlan, LoadReport, SessionPlan } from './load-plan.ts';
import { LoadSession } from './load-session.ts';

export type LoadTask =
  | { readonly kind: 'open'; readonly plan: SessionPlan }
  | { readonly kind: 'run'; readonly plan: LoadPlan }
  | { readonly kind: 'run over HTTP'; readonly plan: HttpPlan };

export type LoadAnswer =
  | { readonly kind: 'opened' }
  | { readonly kind: 'ran'; readonly report: LoadReport }
  | { readonly kind: 'failed'; readonly reason: string };

export interface LoadWorkerData {
  readonly purpose: string;
  /** Two numbers that the thread keeps up to date: how much of the run is done, and of how much. */
  readonly progress: SharedArrayBuffer;
}

/** This file is the entry of the thread, and tells where it is; read by anybody else it starts nothing. */
export const loadWorkerUrl = new URL(import.meta.url);
export const loadWorkerPurpose = 'restante load generator';

if (parentPort !== null && isForUs(workerData)) serveTasks(parentPort, new Int32Array(workerData.progress));

function isForUs(data: unknown): data is LoadWorkerData {
  return typeof data === 'object' && data !== null && 'purpose' in data && data.purpose === loadWorkerPurpose;
}

function serveTasks(port: MessagePort, progress: Int32Array): void {
  let session: LoadSession | undefined;
  const httpSession = new HttpSession();
  const note = (done: number, total: number): void => {
    progress[0] = done;
    progress[1] = total;
  };
  const work = async (task: LoadTask): Promise<LoadAnswer> => {
    if (task.kind === 'open') {
      session = await LoadSession.open(task.plan);
      return { kind: 'opened' };
    }
    if (task.kind === 'run over HTTP') return { kind: 'ran', report: await httpSession.run(task.plan, note) };
    if (session === undefined) return { kind: 'failed', reason: 'no session is open' };
    return { kind: 'ran', report: await session.run(task.plan, note) };
  };
  port.on('message', (task: LoadTask) => {
    work(task).then(
      (answer) => port.postMessage(answer),
      (fault: unknown) => port.postMessage({ kind: 'failed', reason: String(fault) } satisfies LoadAnswer),
    );
  });
}
