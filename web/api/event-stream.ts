/**
 * `GET /v1/events` as long as it is wanted: opened again by itself with `Last-Event-ID` after whatever ended it, sooner
 * when the browser says that it is online again. Knows no event's meaning.
 */
import { Problem, type ApiClient } from './call.ts';
import { EventText, type ServerEvent } from './event-text.ts';

/** The server writes at least every 15 s; a line that is silent for longer than this is dead. */
const silenceMsMax = 40_000;
const firstPauseMs = 500;
const pauseMsMax = 20_000;

export type StreamState = 'connecting' | 'open' | 'away';

export interface StreamPlan {
  readonly api: ApiClient;
  /** Whose presence to be told of; asked at each opening. */
  watched(): readonly string[];
  /** One after the other; the next event waits for the one before. */
  onEvent(event: ServerEvent): Promise<void>;
  onState(state: StreamState): void;
  /** The server would not open it so. */
  onRefused(problem: Problem): Promise<void>;
}

export class EventStream {
  readonly #plan: StreamPlan;
  #lastId = '';
  #abort: AbortController | undefined;
  #wake: (() => void) | undefined;
  #isStopped = false;
  /** The next opening follows at once: what is watched has changed. */
  #isHasty = false;

  constructor(plan: StreamPlan) {
    this.#plan = plan;
    void this.#run();
    window.addEventListener('online', this.#hurry);
    document.addEventListener('visibilitychange', this.#hurry);
  }

  /** Opens it anew, since others are to be watched. */
  reopen(): void {
    this.#isHasty = true;
    this.#abort?.abort();
    this.#wake?.();
  }

  stop(): void {
    this.#isStopped = true;
    window.removeEventListener('online', this.#hurry);
    document.removeEventListener('visibilitychange', this.#hurry);
    this.#abort?.abort();
    this.#wake?.();
  }

  readonly #hurry = (): void => {
    if (document.visibilityState === 'visible') this.#wake?.();
  };

  async #run(): Promise<void> {
    let pauseMs = firstPauseMs;
    while (!this.#isStopped) {
      this.#isHasty = false;
      const wasOpen = await this.#follow();
      if (this.#stopped()) return;
      if (this.#isHasty) continue;
      this.#plan.onState('away');
      pauseMs = wasOpen ? firstPauseMs : Math.min(pauseMsMax, pauseMs * 2);
      // Not all pages of the world at the same moment.
      await this.#pause(pauseMs * (0.75 + Math.random() / 2));
      this.#plan.onState('connecting');
    }
  }

  /** Narrowing must not outlive an await. */
  #stopped(): boolean {
    return this.#isStopped;
  }

  /** True when it was open. */
  async #follow(): Promise<boolean> {
    const abort = new AbortController();
    this.#abort = abort;
    let isOpen = false;
    let timer = setTimeout(() => abort.abort(), silenceMsMax);
    try {
      const watched = this.#plan.watched().map((address) => `presence=${encodeURIComponent(address)}`);
      const path = `/v1/events${watched.length === 0 ? '' : `?${watched.join('&')}`}`;
      const resume = this.#lastId === '' ? {} : { 'last-event-id': this.#lastId };
      const response = await this.#plan.api.open(path, resume, abort.signal);
      isOpen = true;
      this.#plan.onState('open');
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      const text = new EventText();
      for (;;) {
        const piece = await reader?.read();
        if (piece === undefined || piece.done) return isOpen;
        clearTimeout(timer);
        timer = setTimeout(() => abort.abort(), silenceMsMax);
        for (const event of text.add(piece.value)) await this.#take(event);
      }
    } catch (fault) {
      if (fault instanceof Problem && fault.status === 401) this.stop();
      else if (fault instanceof Problem && fault.status !== 0) await this.#plan.onRefused(fault);
      return isOpen;
    } finally {
      clearTimeout(timer);
      abort.abort();
    }
  }

  async #take(event: ServerEvent): Promise<void> {
    await this.#plan.onEvent(event);
    this.#lastId = event.id;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
