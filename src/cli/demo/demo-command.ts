/** `restante demo`: plays the acts, prints each as a ladder with the promises that held, and ends with 0 when all did. */
import type { Act } from './act.ts';
import { keepingPromises } from './act.ts';
import { actOfLoss } from './act-of-loss.ts';
import { actsOfWaiting } from './acts.ts';
import { actsOfRefusal } from './acts-of-refusal.ts';
import { drawLadderHead, drawLadderLine, type LadderInk } from './ladder.ts';
import { Stage } from './stage.ts';
import { TalkLog } from './user-agent/talk-log.ts';

export interface DemoInk extends LadderInk {
  good(text: string): string;
  bad(text: string): string;
}

const acts: readonly Act[] = [...actsOfWaiting, ...actsOfRefusal, actOfLoss];

/** Answers whether every act held. */
export async function playDemo(say: (line: string) => void, ink: DemoInk): Promise<boolean> {
  const stage = await Stage.open();
  let broken = 0;
  try {
    for (const act of acts) if (!(await playAct(act, stage, say, ink))) broken += 1;
  } finally {
    await stage.close();
  }
  say('');
  say(
    broken === 0
      ? ink.good(`All acts held (${acts.map(({ number }) => number).join(', ')}).`)
      : ink.bad(`${broken} of ${acts.length} acts did not hold.`),
  );
  return broken === 0;
}

async function playAct(act: Act, stage: Stage, say: (line: string) => void, ink: DemoInk): Promise<boolean> {
  say('');
  say(ink.bold(`Act ${act.number}. ${act.title}`));
  say('');
  say(drawLadderHead(act.cast, ink));
  let isOver = false;
  stage.log = new TalkLog((entry) => {
    const line = isOver ? undefined : drawLadderLine(entry, act.cast, ink);
    if (line !== undefined) say(line);
  });
  const kept: string[] = [];
  let fault: string | undefined;
  try {
    await act.play(
      stage,
      keepingPromises((words) => kept.push(words)),
    );
  } catch (error) {
    fault = error instanceof Error ? error.message : String(error);
  }
  isOver = true;
  await stage.clear();
  say('');
  for (const words of kept) say(`  ${ink.good('held')}  ${words}`);
  if (fault !== undefined) say(`  ${ink.bad('BROKEN')}  ${fault}`);
  return fault === undefined;
}
