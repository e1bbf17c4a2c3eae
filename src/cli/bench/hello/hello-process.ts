/** The handle on the yardstick: a process with the framework's own hello, on a free port of loopback. */
import { fork, type ChildProcess } from 'node:child_process';
import { readProcessFigures, type ProcessFigures } from '../../own-server/process-figures.ts';
import { helloHost, helloServerFile } from './hello-server.ts';

export class HelloProcess {
  readonly host = helloHost;
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** Resolves when it listens; rejects when it ends before. */
  static start(): Promise<HelloProcess> {
    const child = fork(helloServerFile, [], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execArgv: [] });
    return new Promise((resolve, reject) => {
      child.once('message', (port) => resolve(new HelloProcess(child, Number(port))));
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`the hello of the framework ended with ${code}`)));
    });
  }

  async figures(): Promise<ProcessFigures | undefined> {
    return this.#child.pid === undefined ? undefined : readProcessFigures(this.#child.pid);
  }

  close(): void {
    this.#child.disconnect();
  }
}
