/** The program: hands argv, the environment and the streams of this process to the command line, and nothing else. */
import process from 'node:process';
import { runCli } from './cli/run-cli.ts';
import type { CliIo, TextOutput } from './cli/cli-io.ts';

/** What ends this process in order; a command that has something to tidy up puts its own in place. */
let end = (): void => process.exit(0);

const io: CliIo = {
  stdout: outputOf(process.stdout),
  stderr: outputOf(process.stderr),
  stdin: process.stdin,
  env: process.env,
  onEndSignal(run) {
    end = run;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, run);
  },
  endNow: (code) => process.exit(code),
};

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (fault: NodeJS.ErrnoException) => {
    if (fault.code !== 'EPIPE') throw fault;
    // Whoever reads our output has seen enough, as in `restante queue | head`.
    end();
  });
}

const exitCode = await runCli(process.argv.slice(2), io, {
  startServer: async (config) => (await import('./server.ts')).startServer(config),
  openStores: async (config, mayBeNew) => (await import('./server.ts')).openStores(config, mayBeNew),
});
// A pipe takes what its reader has room for; the rest would be lost with the process.
for (const stream of [process.stdout, process.stderr]) await written(stream);
process.exit(exitCode);

function outputOf(stream: NodeJS.WriteStream): TextOutput {
  return {
    isTerminal: stream.isTTY,
    // Some terminals say 0.
    columns: stream.columns > 0 ? stream.columns : undefined,
    write: (text) => void stream.write(text),
  };
}

function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}
