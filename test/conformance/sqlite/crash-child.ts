/**
 * A server that is about to be killed: stores messages and ends every third, and tells on standard output what was
 * acknowledged. Arguments: the folder, then a fault plan as JSON or nothing.
 */
import { assert } from '../../../src/base/assert.ts';
import { systemIds } from '../../../src/base/system-ids.ts';
import type { FaultPlan } from '../../../src/stores/sqlite/writer/operations.ts';
import { address, endOf, generous, heldEntry, newEntry } from '../samples.ts';
import { openSqlite } from './sqlite-subject.ts';

const [, , folder = '', plan] = process.argv;
const atOnce = 40;
const life = systemIds.timeOrderedId();

async function run(): Promise<void> {
  const faults = plan === undefined ? {} : { faultPlan: JSON.parse(plan) as FaultPlan };
  const { mailbox } = await openSqlite(folder, { checkpointEveryMs: 30, ...faults });
  const recipient = address('mary@example.com');
  const writeOne = async (number: number): Promise<void> => {
    const make = number % 2 === 0 ? newEntry : heldEntry;
    const entry = make({ recipient, text: `message ${number} `.repeat(20), duplicateKeys: [`${life} ${number}`] });
    const outcome = await mailbox.put(entry, { ...generous, recipientMessages: 1e6, senderMessages: 1e6 });
    assert(outcome.kind === 'stored', outcome.kind);
    process.stdout.write(`put ${entry.id}\n`);
    if (number % 3 !== 0) return;
    await mailbox.end([endOf(entry)]);
    process.stdout.write(`end ${entry.id}\n`);
  };
  for (let number = 0; ; number += atOnce) {
    await Promise.all(Array.from({ length: atOnce }, (_, index) => writeOne(number + index)));
  }
}

await run();
