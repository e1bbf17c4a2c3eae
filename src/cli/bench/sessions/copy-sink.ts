/** The far end of the yardstick: takes one TCP connection, writes what comes to a file, syncs it, and says so with an octet. */
import { open } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';

/** This file is the program of a process, and tells where it is; read by anybody else it starts nothing. */
export const copySinkFile = import.meta.filename;

if (process.argv[1] === copySinkFile && process.send) listen(process.argv[2] ?? '');

function listen(path: string): void {
  const server = createServer({ allowHalfOpen: true }, (socket) => void copy(socket, path));
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
  process.once('disconnect', () => process.exit());
}

async function copy(socket: Socket, path: string): Promise<void> {
  const file = await open(path, 'w');
  for await (const bytes of socket) await file.write(bytes as Buffer);
  await file.sync();
  await file.close();
  socket.end('.');
}
