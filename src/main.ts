/** The program: hands argv, the environment and the streams of this process to the command line, and nothing else. */
import process from 'node:process';
import { runCli } from './cli/run-cli.ts';
import type { CliIo, TextOutput } from './cli/cli-io.ts';

const io: CliIo = {
  stdout: outputOf(process.stdout),
  stderr: outputOf(process.stderr),
  stdin: process.stdin,
  env: process.env,
  onEndSignal(run) {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, run);
  },
  endNow: (code) => process.exit(code),
};

/** Whoever reads our output has seen enough, as in `restante queue | head`. */
process.stdout.on('error', (fault: NodeJS.ErrnoException) => {
  if (fault.code === 'EPIPE') process.exit(0);
  throw fault;
});

const exitCode = await runCli(process.argv.slice(2), io, {
  startServer: async (config) => (await import('./server.ts')).startServer(config),
  openStores: async (config, mayBeNew) => (await import('./server.ts')).openStores(config, mayBeNew),
});
process.exit(exitCode);

function outputOf(stream: NodeJS.WriteStream): TextOutput {
  return {
    isTerminal: stream.isTTY,
    columns: stream.columns,
    write: (text) => void stream.write(text),
  };
}
