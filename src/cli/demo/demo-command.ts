/** `restante demo`: plays the acts, prints each as a ladder with the promises that held, and ends with 0 when all did. */
import { complain, paint, type CliIo, type ExitCode } from '../cli-io.ts';
import { reasonOf } from '../setting-flags.ts';
import type { Act } from './act.ts';
import { keepingPromises } from './act.ts';
import { actOfLoss } from './act-of-loss.ts';
import { actsOfWaiting } from './acts.ts';
import { actOfReports } from './act-of-reports.ts';
import { actsOfOverride } from './acts-of-override.ts';
import { actsOfRefusal } from './acts-of-refusal.ts';
import { drawLadderHead, drawLadderLine, type LadderInk } from './ladder.ts';
import { Stage } from './stage.ts';
import { TalkLog } from './user-agent/talk-log.ts';

interface DemoInk extends LadderInk {
  good(text: string): string;
  bad(text: string): string;
}

const acts: readonly Act[] = [...actsOfWaiting, actOfReports, ...actsOfRefusal, ...actsOfOverride, actOfLoss];
/** What a shell expects of a program that SIGINT ended. */
const interruptedCode = 130;

/** 0: every act held. 1: one did not, or could not be played. 2: there is no place to play. */
export async function demoCommand(io: CliIo): Promise<ExitCode> {
  let stage: Stage;
  try {
    stage = await Stage.open();
  } catch (problem) {
    complain(io, `the temporary folder cannot be made (${reasonOf(problem)})`);
    return 2;
  }
  io.onEndSignal(() => void stage.close().then(() => io.endNow(interruptedCode)));
  const ink: DemoInk = {
    dim: (text) => paint(io, io.stdout, 'dim', text),
    bold: (text) => paint(io, io.stdout, 'bold', text),
    good: (text) => paint(io, io.stdout, 'green', text),
    bad: (text) => paint(io, io.stdout, 'red', text),
  };
  // What breaks because the audience has left is nobody's business.
  const say = (line: string): void => (stage.isClosed ? undefined : io.stdout.write(`${line}\n`));
  try {
    await stage.startServer();
    return (await playActs(stage, say, ink)) ? 0 : 1;
  } catch (fault) {
    if (!stage.isClosed) complain(io, `the demo could not be played: ${wordsOf(fault)}`);
    return 1;
  } finally {
    await stage.close();
  }
}

async function playActs(stage: Stage, say: (line: string) => void, ink: DemoInk): Promise<boolean> {
  const broken = new Set<number>();
  for (const act of acts) if (!(await playAct(act, stage, say, ink))) broken.add(act.number);
  const numbers = [...new Set(acts.map(({ number }) => number))];
  say('');
  say(
    broken.size === 0
      ? ink.good(`All acts held (${numbers.join(', ')}).`)
      : ink.bad(`${broken.size} of ${numbers.length} acts did not hold (${[...broken].join(', ')}).`),
  );
  return broken.size === 0;
}

async function playAct(act: Act, stage: Stage, say: (line: string) => void, ink: DemoInk): Promise<boolean> {
  say('');
  say(ink.bold(`Act ${act.number}${act.isSequel === true ? ', continued' : ''}. ${act.title}`));
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
    fault = wordsOf(error);
  }
  isOver = true;
  await stage.clear();
  say('');
  for (const words of kept) say(`  ${ink.good('ok')}  ${words}`);
  if (fault !== undefined) say(`  ${ink.bad('BROKEN')}  ${fault}`);
  return fault === undefined;
}

function wordsOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault);
}
