/**
 * `npm run fuzz -- --target NAME --inputs N --seed S`: as many inputs as somebody has time for. Stops at the first that
 * breaks its target, and writes it where it is read from then on. Says which inputs took longest; that is no verdict.
 * `npm run fuzz -- --growth`: every family of inputs in two sizes.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { findSteep } from './growth/growth.ts';
import { startMeter, stopMeter } from './growth/work-meter.ts';
import { takeInputs } from './inputs.ts';
import { type FuzzTarget, targets } from './targets.ts';

interface Slow {
  readonly ms: number;
  readonly number: number;
  readonly bytes: number;
}

const slowestShown = 3;
const progressEvery = 1_000_000;

const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    inputs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '2' },
    growth: { type: 'boolean', default: false },
  },
});

function run(target: FuzzTarget, inputs: number, seed: number): boolean {
  const startedAt = performance.now();
  let slowest: Slow[] = [];
  let number = 0;
  let bytesRead = 0;
  for (const bytes of takeInputs(target, seed, inputs)) {
    number += 1;
    bytesRead += bytes.length;
    const before = performance.now();
    try {
      target.check(bytes);
    } catch (fault) {
      tellBroken(target, bytes, `${String(fault)}; input ${number} of seed ${seed}`);
      return false;
    }
    const ms = performance.now() - before;
    if (ms > (slowest.at(-1)?.ms ?? 0) || slowest.length < slowestShown) {
      slowest = [...slowest, { ms, number, bytes: bytes.length }].sort((a, b) => b.ms - a.ms).slice(0, slowestShown);
    }
    if (number % progressEvery === 0) tellProgress(target, number, startedAt);
  }
  const slow = slowest
    .map(({ ms, number: at, bytes }) => `${ms.toFixed(1)} ms for ${bytes} bytes (input ${at})`)
    .join(', ');
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  console.log(
    `${target.name}: ${number} inputs, ${bytesRead} bytes, seed ${seed}, ${seconds} s, none broke it; slowest ${slow}`,
  );
  return true;
}

function tellBroken(target: FuzzTarget, bytes: Buffer, words: string): void {
  const folder = new URL(`crashers/${target.name}/`, import.meta.url);
  mkdirSync(folder, { recursive: true });
  const file = new URL(`${Date.now().toString(36)}.bin`, folder);
  writeFileSync(file, bytes);
  console.log(`${target.name}: BROKEN: ${words}\n${bytes.toString('base64')}\nwritten to ${file.pathname}`);
}

function tellProgress(target: FuzzTarget, number: number, startedAt: number): void {
  const { rss } = process.memoryUsage();
  const perSecond = Math.round(number / ((performance.now() - startedAt) / 1000));
  console.log(`${target.name}: ${number} inputs, ${perSecond} per second, ${Math.round(rss / 2 ** 20)} MB`);
}

function main(): void {
  const chosen = targets.filter(({ name }) => values.target === undefined || name === values.target);
  if (chosen.length === 0) {
    console.error(`no target ${values.target}; there are ${targets.map(({ name }) => name).join(', ')}`);
    process.exitCode = 2;
    return;
  }
  const ends = chosen.map((target) =>
    values.growth ? runGrowth(target) : run(target, Number(values.inputs), Number(values.seed)),
  );
  if (ends.includes(false)) process.exitCode = 1;
}

function runGrowth(target: FuzzTarget): boolean {
  startMeter();
  const { families, tooSteep } = findSteep(target, 1);
  stopMeter();
  console.log([`${target.name}: ${families} families, ${tooSteep.length} too steep`, ...tooSteep].join('\n'));
  return tooSteep.length === 0;
}

main();
