/**
 * Tells the story of `told-story` into a folder, a line for each step when it is durable, and ends when what it erased is out of
 * the log. Arguments: the folder, and a fault plan as JSON that may end it earlier.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { isLogEmpty } from '../../../src/stores/sqlite/writer/log-room.ts';
import type { FaultPlan } from '../../../src/stores/sqlite/writer/operations.ts';
import { openSqlite } from './sqlite-subject.ts';
import { tellStory } from './told-story.ts';

const [, , folder = '', plan = ''] = process.argv;
/** Often: so that checkpoints fall between all steps, too. */
const checkpointEveryMs = 1;

const stores = await openSqlite(folder, { checkpointEveryMs, faultPlan: JSON.parse(plan) as FaultPlan });
await tellStory(stores, async ({ name }) => {
  process.stdout.write(`${name}\n`);
  // As many passes in every run: a checkpoint comes behind each step, not now and then.
  while (!isLogEmpty(`${stores.file}-wal`)) await pause(1);
});
await stores.close();
process.stdout.write('the end\n');
