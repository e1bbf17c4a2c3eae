/** The handle on a load generator that runs in its own thread: one session with one server, one run at a time. */
import { Worker } from 'node:worker_threads';
import { assert } from '../../../base/assert.ts';
import type { HttpPlan } from './http/http-plan.ts';
import type { LoadPlan, LoadReport, SessionPlan } from './load-plan.ts';
import {
  loadWorkerPurpose,
  loadWorkerUrl,
  type LoadAnswer,
  type LoadTask,
  type LoadWorkerData,
} from './load-worker.ts';

export class LoadGenerator {
  readonly #worker: Worker;
  readonly #progress: Int32Array;

  private constructor(worker: Worker, progress: Int32Array) {
    this.#worker = worker;
    this.#progress = progress;
  }

  /** Opens its sockets towards the server; rejects when it takes no TCP connection. */
  static async open(plan: SessionPlan): Promise<LoadGenerator> {
    const progress = new SharedArrayBuffer(8);
    const data: LoadWorkerData = { purpose: loadWorkerPurpose, progress };
    const generator = new LoadGenerator(new Worker(loadWorkerUrl, { workerData: data }), new Int32Array(progress));
    try {
      await generator.#ask({ kind: 'open', plan });
    } catch (fault) {
      await generator.close();
      throw fault;
    }
    return generator;
  }

  run(plan: LoadPlan): Promise<LoadReport> {
    return this.#run({ kind: 'run', plan });
  }

  runHttp(plan: HttpPlan): Promise<LoadReport> {
    return this.#run({ kind: 'run over HTTP', plan });
  }

  async #run(task: LoadTask): Promise<LoadReport> {
    this.#progress.fill(0);
    const answer = await this.#ask(task);
    assert(answer.kind === 'ran', 'a run is answered with its report');
    return answer.report;
  }

  /** Of the run that is under way; 0 when nobody knows. */
  get share(): number {
    const [done = 0, total = 0] = this.#progress;
    return total === 0 ? 0 : Math.min(1, done / total);
  }

  /** Whatever it does. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #ask(task: LoadTask): Promise<LoadAnswer> {
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      const settle = (answer: LoadAnswer): void => {
        worker.off('message', settle).off('error', failed).off('exit', ended);
        if (answer.kind === 'failed') reject(new Error(`the load generator: ${answer.reason}`));
        else resolve(answer);
      };
      const failed = (fault: unknown): void => settle({ kind: 'failed', reason: String(fault) });
      const ended = (): void => settle({ kind: 'failed', reason: 'it was ended' });
      worker.on('message', settle).on('error', failed).on('exit', ended);
      worker.postMessage(task, []);
    });
  }
}
