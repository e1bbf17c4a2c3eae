/** What is written to a socket within one turn leaves in one system call, whichever connections it was read from. */
import type { Writable } from 'node:stream';

export function corkForTurn(socket: Writable): void {
  if (socket.writableCorked > 0) return;
  socket.cork();
  setImmediate(uncork, socket);
}

function uncork(socket: Writable): void {
  socket.uncork();
}
