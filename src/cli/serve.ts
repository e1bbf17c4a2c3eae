/** `restante serve`: runs the server until SIGTERM or SIGINT, then drains and ends. */
import { complain, paint, type CliIo, type CliRooms, type ExitCode, type RunningServer } from './cli-io.ts';
import { loadConfig, type FlagValues } from './setting-flags.ts';

/**
 * Ctrl-C reaches the whole group of processes, and npm and the launcher pass it on as well, so one wish to end may come
 * two or three times. Only a signal after this long is a second wish.
 */
export const sameWishMs = 500;

export async function serve(flags: FlagValues, io: CliIo, rooms: CliRooms): Promise<ExitCode> {
  const config = loadConfig(flags, io);
  if (!config.ok) {
    complain(io, config.error);
    return 2;
  }
  // Asked for before the start, so that a signal during it ends in order too.
  const ended = waitForEnd(io);
  let server: RunningServer;
  try {
    server = await rooms.startServer(config.value);
  } catch (fault) {
    if (!isStartFault(fault)) throw fault;
    complain(io, fault.message);
    return 2;
  }
  if (io.stderr.isTerminal) io.stderr.write(`${welcome(server, io)}\n`);
  const why = await Promise.race([ended, server.lost]);
  if (typeof why === 'string') {
    // Nothing can be put in order without its store: a new start, as after a kill, does.
    complain(io, `cannot go on: ${why}`);
    return 1;
  }
  await server.stop();
  return 0;
}

/** An error that says in one line why nothing could be started; thrown by the composition root. */
export function isStartFault(fault: unknown): fault is Error {
  return fault instanceof Error && fault.name === 'StartFault';
}

function waitForEnd(io: CliIo): Promise<void> {
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    io.onEndSignal(() => {
      const now = performance.now();
      if (firstAt === undefined) {
        firstAt = now;
        resolve();
      } else if (now - firstAt > sameWishMs) io.endNow(1);
    });
  });
}

function welcome(server: RunningServer, io: CliIo): string {
  const sip = formatEndpoint(server.sip);
  const page = `http://${formatEndpoint(server.http)}/`;
  const ready = `${paint(io, io.stderr, 'green', 'restante is ready:')} SIP at ${sip}, page at ${page}; Ctrl-C ends it`;
  const { demo = [] } = server;
  if (demo.length === 0) return ready;
  return `${ready}\ndemo accounts, which the page offers: ${demo.join(' ')}; the password of each is NAME-secret`;
}

function formatEndpoint({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
