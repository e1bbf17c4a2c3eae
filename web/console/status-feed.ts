/** Asks every two seconds how the server is, and keeps the points of the last minutes. */
import { signal } from '@preact/signals';
import { Problem, type ApiClient } from '../api/call.ts';
import type { ServerStatus } from '../api/shapes.ts';
import { sampleOf, type Sample } from './rates.ts';

const everyMs = 2000;
/** Five minutes. */
const samplesMax = 150;

export class StatusFeed {
  readonly status = signal<ServerStatus | undefined>(undefined);
  readonly samples = signal<readonly Sample[]>([]);
  readonly fault = signal<Problem | undefined>(undefined);
  readonly #api: ApiClient;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;

  constructor(api: ApiClient) {
    this.#api = api;
    void this.#ask();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  async #ask(): Promise<void> {
    try {
      const before = this.status.value;
      const after = await this.#api.call<ServerStatus>('GET', '/v1/admin/status');
      const sample = before === undefined ? undefined : sampleOf(before, after);
      if (sample !== undefined) this.samples.value = [...this.samples.value, sample].slice(-samplesMax);
      this.status.value = after;
      this.fault.value = undefined;
    } catch (fault) {
      if (fault instanceof Problem) this.fault.value = fault;
    }
    if (!this.#isStopped) this.#timer = setTimeout(() => void this.#ask(), everyMs);
  }
}
