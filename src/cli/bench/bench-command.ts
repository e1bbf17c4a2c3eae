/** `restante bench`: measures a server of its own and prints one table (contract section 10). */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Counters } from '../../base/counters.ts';
import { silentLog } from '../../base/log.ts';
import { complain, type CliIo, type ExitCode } from '../cli-io.ts';
import { reasonOf, type FlagValues } from '../setting-flags.ts';
import { BenchProgress } from './bench-progress.ts';
import type { BenchRow } from './bench-row.ts';
import { BenchSite, type OpenStores } from './bench-site.ts';
import { readBenchSizes, type BenchSizes, type StageName } from './bench-sizes.ts';
import { formatJson, formatTable } from './bench-table.ts';
import { imps } from './imps/imps.ts';
import { growth } from './stages/growth.ts';
import { http } from './stages/http.ts';
import { login } from './stages/login.ts';
import { memory } from './stages/memory.ts';
import { notify } from './stages/notify.ts';
import { parse } from './stages/parse.ts';
import { presence } from './stages/presence.ts';
import { relay } from './stages/relay.ts';
import { release } from './stages/release.ts';
import { large } from './sessions/large.ts';
import { sessions } from './sessions/sessions.ts';
import type { Stage } from './stages/stage.ts';
import { store } from './stages/store.ts';
import { webSockets } from './web-sockets/web-sockets.ts';

const stages: Readonly<Record<StageName, Stage>> = {
  parse,
  relay,
  store,
  release,
  login,
  memory,
  notify,
  presence,
  growth,
  http,
  websocket: webSockets,
  large,
  sessions,
  imps,
};
/** What a shell expects of a program that SIGINT ended. */
const interruptedCode = 130;

/** 0: measured. 1: something was lost, doubled, disordered or refused, or could not be measured. 2: misuse. */
export async function benchCommand(
  flags: FlagValues,
  io: CliIo,
  openStores: OpenStores = openOwnStores,
): Promise<ExitCode> {
  const sizes = readBenchSizes(flags);
  if (!sizes.ok) {
    complain(io, sizes.error);
    return 2;
  }
  const fault = tryToWrite(sizes.value.json);
  if (fault !== undefined) {
    complain(io, fault);
    return 2;
  }
  const progress = new BenchProgress(io);
  const { folder: parentFolder, profile: profileFolder } = sizes.value;
  let site: BenchSite;
  try {
    site = await BenchSite.open({ openStores, progress, parentFolder, profileFolder });
  } catch (problem) {
    complain(io, `the temporary folder cannot be made (${reasonOf(problem)})`);
    return 2;
  }
  io.onEndSignal(() => void end(site, io));
  try {
    return await runStages(sizes.value, site, io);
  } finally {
    progress.end();
    await site.close();
  }
}

/** Loaded when it is needed, since `--help` needs none of it. */
async function openOwnStores(folder: string): ReturnType<OpenStores> {
  const { openSqliteStores } = await import('../../stores/sqlite/open-sqlite-stores.ts');
  return openSqliteStores({ folder, log: silentLog, counters: new Counters() });
}

async function runStages(sizes: BenchSizes, site: BenchSite, io: CliIo): Promise<ExitCode> {
  const rows: BenchRow[] = [];
  let isWhole = true;
  for (const name of sizes.stages) {
    try {
      rows.push(...(await stages[name](site, sizes)));
    } catch (fault) {
      isWhole = false;
      if (site.isClosed) return 1;
      site.progress.end();
      complain(io, `${name} could not be measured: ${fault instanceof Error ? fault.message : String(fault)}`);
    }
  }
  site.progress.end();
  io.stdout.write(formatTable(rows));
  if (sizes.json !== undefined) writeFileSync(sizes.json, formatJson(rows, sizes, readCircumstances()));
  return isWhole && rows.every(({ faults }) => faults.length === 0) ? 0 : 1;
}

async function end(site: BenchSite, io: CliIo): Promise<void> {
  site.progress.end();
  await site.close();
  io.endNow(interruptedCode);
}

/** Better at once than after two minutes. */
function tryToWrite(file: string | undefined): string | undefined {
  try {
    if (file !== undefined) writeFileSync(file, '');
    return undefined;
  } catch (fault) {
    return `--json: ${file} cannot be written (${reasonOf(fault)})`;
  }
}

function readCircumstances(): Parameters<typeof formatJson>[2] {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return { version, node: process.versions.node, processors: availableParallelism(), at: new Date().toISOString() };
}
