/** The yardstick of a large message: as many octets over one TCP connection into a file that is synced before the answer. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { copySinkFile } from './copy-sink.ts';

/** Seconds from the first octet to the answer. */
export async function copyPlainly(path: string, bytes: number, piece: Uint8Array): Promise<number> {
  const child = fork(copySinkFile, [path], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
  try {
    const socket = connect({ host: '127.0.0.1', port: await portOf(child), noDelay: true });
    await once(socket, 'connect');
    const startedAt = performance.now();
    const answered = once(socket, 'data');
    for (let left = bytes; left > 0; left -= piece.length) {
      if (!socket.write(piece.subarray(0, left))) await once(socket, 'drain');
    }
    socket.end();
    await answered;
    return (performance.now() - startedAt) / 1000;
  } finally {
    child.disconnect();
  }
}

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('message', (port) => resolve(Number(port)));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the far end of the plain copy ended with ${code}`)));
  });
}
