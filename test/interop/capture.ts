/** tshark on loopback while a case plays, until it has seen everything. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { waitUntil } from '../processes/child-program.ts';
import { expectThat, patienceMs, type InteropWorld } from './interop-case.ts';

export interface Capture {
  readonly file: string;
  /**
   * Resolves when everything is in the file. `send` sends something with the mark in it by a way that is captured: packets are
   * written in their order, so when the mark is in the file, all that was before it is.
   */
  end(send: (mark: string) => Promise<unknown>): Promise<void>;
}

export async function startCapture(world: InteropWorld, file: string, filter: string): Promise<Capture> {
  const tshark = world.start('tshark', ['-i', 'lo', '-w', file, '-f', filter]);
  await tshark.waitForOutput(/Capture started/, patienceMs);
  return {
    file,
    async end(send) {
      const mark = randomUUID();
      const isWritten = (): boolean => readFileSync(file).includes(mark);
      await send(mark);
      await waitUntil(isWritten, patienceMs);
      expectThat(isWritten(), `tshark has not written what came last; it printed:\n${tshark.output}`);
      await tshark.stop();
    },
  };
}
