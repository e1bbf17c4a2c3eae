/**
 * The server with a plan for its store: which file holds it, stands in FAULT_SEAMS. The fault plan in it is taken by the first
 * start; what else is there holds for every start.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { runCli } from '../../../src/cli/run-cli.ts';
import { openStores, startServer, type StoreSeams } from '../../../src/server.ts';

/** Commands beside the server have no plan. */
function takeSeams(file: string | undefined): StoreSeams {
  if (file === undefined) return {};
  const seams = JSON.parse(readFileSync(file, 'utf8')) as StoreSeams;
  const { faultPlan: _, ...rest } = seams;
  writeFileSync(file, JSON.stringify(rest));
  return seams;
}

const seams = takeSeams(process.env['FAULT_SEAMS']);
process.exit(
  await runCli(
    process.argv.slice(2),
    {
      stdout: { isTerminal: false, columns: 80, write: (text) => void process.stdout.write(text) },
      stderr: { isTerminal: false, columns: 80, write: (text) => void process.stderr.write(text) },
      stdin: process.stdin,
      env: process.env,
      onEndSignal: (run) => void process.on('SIGTERM', run),
      endNow: (code) => process.exit(code),
    },
    { startServer: (config) => startServer(config, seams), openStores },
  ),
);
