/**
 * Runs every case one after the other, prints a line for each and at the end one line with the counts. Exit code 1
 * when a case failed, or when `--install` was given and one could not run.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assistantCases } from './phones/assistant-cases.ts';
import { baresipCases } from './phones/baresip-cases.ts';
import { browserCases } from './browser/browser-cases.ts';
import { browserSessionCases } from './browser/session-cases.ts';
import { curlCases } from './curl-cases.ts';
import { formatTalkEntry, TalkLog } from '../../src/cli/demo/user-agent/talk-log.ts';
import { ChildProgram } from '../processes/child-program.ts';
import { freePort } from '../processes/free-port.ts';
import { startServer } from '../processes/server-process.ts';
import type { InteropCase, InteropWorld } from './interop-case.ts';
import { libwbxmlTalkCases } from './imps/libwbxml-talk-cases.ts';
import { tsharkWbxmlCases } from './imps/tshark-cases.ts';
import { kamailioCoreCases } from './kamailio-core-cases.ts';
import { kamailioPresenceCases } from './kamailio/presence-cases.ts';
import { libwbxmlCases } from './imps/libwbxml-cases.ts';
import { wbxmlPhoneCases } from './imps/wbxml-phone-cases.ts';
import { linphoneCases } from './phones/linphone-cases.ts';
import { opensslCases } from './openssl-cases.ts';
import { actCases } from './pages/act-cases.ts';
import { clientCases } from './pages/client-cases.ts';
import { consoleCases } from './pages/console-cases.ts';
import { faultCases } from './pages/fault-cases.ts';
import { lateCases } from './pages/late-cases.ts';
import { lookCases } from './pages/look-cases.ts';
import { sippCases } from './sipp-cases.ts';
import { sipsakCases } from './sipsak-cases.ts';
import { sippSessionCases } from './msrp/sipp-session-cases.ts';
import { tsharkCases } from './msrp/tshark-cases.ts';
import { xcapCases } from './xcap-cases.ts';
import { installTools, isInstalled, toolPackages, type Tool } from './tools.ts';

/** No case needs it: what a case waits for comes or is missed within `patienceMs`. */
const caseMaxMs = 400_000;
/** Of each program, from its end. */
const shownCharacters = 20_000;
/** A client of a busy machine that is slow to take a message has it at once all the same. */
const patience = ['--answer-within', '25'];
const cases: readonly InteropCase[] = [
  ...curlCases,
  ...xcapCases,
  ...sippCases,
  ...sipsakCases,
  ...baresipCases,
  ...assistantCases,
  ...linphoneCases,
  ...kamailioCoreCases,
  ...kamailioPresenceCases,
  ...browserCases,
  ...browserSessionCases,
  ...tsharkCases,
  ...sippSessionCases,
  ...clientCases,
  ...actCases,
  ...faultCases,
  ...lateCases,
  ...consoleCases,
  ...lookCases,
  ...opensslCases,
  ...libwbxmlCases,
  ...wbxmlPhoneCases,
  ...libwbxmlTalkCases,
  ...tsharkWbxmlCases,
];

process.exitCode = await runAll(process.argv.slice(2));

async function runAll(words: readonly string[]): Promise<number> {
  const unknown = words.find((word) => word !== '--install' && !word.startsWith('--match='));
  if (unknown !== undefined) {
    console.error(`test:interop knows --install and --match=WORD, not ${unknown}`);
    return 2;
  }
  const mustRunAll = words.includes('--install');
  if (mustRunAll && !(await installTools())) return 1;
  const wanted = words.find((word) => word.startsWith('--match='))?.slice('--match='.length) ?? '';
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const missing = new Set<Tool>();
  for (const one of cases.filter(({ name }) => name.includes(wanted))) {
    const absent = [one.tool, ...(one.moreTools ?? [])].filter((tool) => !isInstalled(tool));
    for (const tool of absent) missing.add(tool);
    counts[absent[0] === undefined ? await runCase(one) : skipCase(one, absent[0])] += 1;
  }
  for (const tool of missing) console.log(`not covered: ${tool} (Debian package ${toolPackages[tool]}); use --install`);
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  return counts.failed > 0 || (mustRunAll && counts.skipped > 0) ? 1 : 0;
}

function skipCase(one: InteropCase, tool: Tool): 'skipped' {
  console.log(`skipped  ${one.name}: no ${tool} on this machine`);
  return 'skipped';
}

async function runCase(one: InteropCase): Promise<'passed' | 'failed'> {
  const folder = mkdtempSync(join(tmpdir(), 'restante-interop-'));
  const startedMs = performance.now();
  const stage: Stage = { folder, toClose: [], toShow: [] };
  let fault: string | undefined;
  try {
    await withinTime(playCase(one, stage));
  } catch (error) {
    fault = textOf(error);
  }
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`${fault === undefined ? 'passed ' : 'failed '}  ${one.name} (${seconds} s)`);
  if (fault !== undefined) show(fault, stage);
  for (const close of stage.toClose.toReversed()) {
    try {
      await close();
    } catch (error) {
      console.log(indent(`at its end: ${textOf(error)}`));
    }
  }
  rmSync(folder, { recursive: true, force: true });
  return fault === undefined ? 'passed' : 'failed';
}

/** What a case leaves behind, and what tells what happened in it. */
interface Stage {
  readonly folder: string;
  readonly toClose: (() => unknown)[];
  readonly toShow: { readonly what: string; readonly text: () => string }[];
}

/** Everything that anybody said, since there may be no second look at it. */
function show(fault: string, { toShow }: Stage): void {
  console.log(indent(fault));
  for (const { what, text } of toShow) {
    const said = text().trimEnd();
    if (said !== '') console.log(indent(`---- ${what}:\n${said.slice(-shownCharacters)}`));
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function playCase(one: InteropCase, { folder, toClose, toShow }: Stage): Promise<void> {
  const secure = one.isSecure === true ? await secureListener() : undefined;
  const server = await startServer({
    dataFolder: join(folder, 'data'),
    flags: [...patience, ...(one.serverFlags ?? []), ...(secure?.flags ?? [])],
    ...(one.serverHost === undefined ? {} : { sipHost: one.serverHost }),
  });
  toClose.push(() => server.stop());
  toShow.push({ what: 'the server', text: () => server.lastWords() });
  const talk = new TalkLog();
  toShow.push({ what: 'phones', text: () => talk.entries.map(formatTalkEntry).join('\n') });
  const world: InteropWorld = {
    folder,
    server: server.sip,
    http: server.http,
    msrp: server.msrp,
    talk,
    ...(secure === undefined ? {} : { sips: secure.address }),
    freePort,
    restartServer: () => server.killAndStart(),
    killServer: () => server.kill(),
    startServer: () => server.start(),
    command: (...words) => server.command(...words),
    closeLater: (close) => toClose.push(close),
    start(command, words, settings) {
      const program = new ChildProgram(command, words, settings);
      toClose.push(() => program.stop());
      toShow.push({ what: [command, ...words].join(' '), text: () => program.output });
      return program;
    },
    showIfFailed: (what, text) => toShow.push({ what, text }),
  };
  await one.play(world);
}

/** With the certificate of `test/transports`, which is good for localhost and 127.0.0.1. */
async function secureListener() {
  const port = await freePort();
  const path = (kind: string): string =>
    fileURLToPath(new URL(`../transports/certificates/localhost.${kind}.pem`, import.meta.url));
  const [cert, key] = [path('cert'), path('key')];
  return {
    flags: ['--sips', `127.0.0.1:${port}`, '--tls-cert', cert, '--tls-key', key],
    address: { host: '127.0.0.1', port, caFile: cert, ca: readFileSync(cert, 'utf8') },
  };
}

async function withinTime(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not over after ${caseMaxMs / 1000} s`)), caseMaxMs);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function indent(text: string): string {
  return text.replace(/^/gm, '         ');
}
