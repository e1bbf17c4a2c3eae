/** A scene whose server is started again when it dies by its plan, as a supervisor does. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FaultPlan } from '../../../src/stores/sqlite/writer/operations.ts';
import { type FaultScene, openSceneOf } from '../fault-scene.ts';

export interface PlannedScene extends FaultScene {
  /** How often the server was killed and started again so far. */
  readonly kills: number;
  /** How it ended each time; null when a signal ended it. */
  readonly exitCodes: readonly (number | null)[];
}

/** Content that was erased is driven out of the log this often. */
const checkpointEveryMs = 300;

export async function openPlannedScene(faultPlan: FaultPlan | undefined, ...flags: string[]): Promise<PlannedScene> {
  const folder = mkdtempSync(join(tmpdir(), 'restante-plan-'));
  const file = join(folder, 'seams.json');
  writeFileSync(file, JSON.stringify({ checkpointEveryMs, ...(faultPlan === undefined ? {} : { faultPlan }) }));
  const program = new URL('planned-server.ts', import.meta.url);
  const scene = await openSceneOf({ program, env: { FAULT_SEAMS: file } }, flags);
  let kills = 0;
  const exitCodes: (number | null)[] = [];
  let isClosing = false;
  let starting: Promise<void> | undefined;
  let supervising = supervise();

  async function supervise(): Promise<void> {
    const code = await scene.server.ended;
    if (isClosing) return;
    exitCodes.push(code);
    kills += 1;
    starting = scene.server.start();
    await starting;
    supervising = supervise();
  }

  return {
    ...scene,
    exitCodes,
    get kills() {
      return kills;
    },
    async close() {
      // Whoever is being started must be there before it can be stopped.
      await starting;
      isClosing = true;
      await scene.close();
      await supervising;
      rmSync(folder, { recursive: true });
    },
  };
}
