/** What stays open between the runs over HTTP of one generator: recipients with their streams, and streams that are held. */
import type { LoadReport } from '../load-plan.ts';
import type { Progress } from '../load-session.ts';
import { AcknowledgingReaders } from './acknowledging-readers.ts';
import { EventReader } from './event-reader.ts';
import type { HttpPlan } from './http-plan.ts';
import { HttpRun } from './http-run.ts';
import { HttpTexts } from './http-texts.ts';

export class HttpSession {
  /** Of messages sent, so that no two of a run or of two are alike. */
  rounds = 0;
  readonly #streams: EventReader[] = [];
  #readers: AcknowledgingReaders | undefined;

  async run(plan: HttpPlan, progress: Progress): Promise<LoadReport> {
    if (plan.kind === 'deliver' && this.#readers === undefined) {
      const readers = new AcknowledgingReaders(new HttpTexts(plan));
      await readers.open(plan);
      this.#readers = readers;
    }
    return new HttpRun(plan, this, this.#readers).finish(progress);
  }

  /** Resolves with the status of the answer; 0 when there is none. */
  async holdStream(plan: HttpPlan, request: string): Promise<number> {
    const { status, reader } = await EventReader.open(plan, request, () => undefined);
    if (reader !== undefined) this.#streams.push(reader);
    return status;
  }
}
