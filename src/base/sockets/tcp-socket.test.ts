/** Sockets on loopback: what is written arrives, reading waits, and both ends hear of the end. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { AcceptStreamSocket, StreamSocketPort } from './stream-port-socket.ts';
import type { StreamSocket, StreamSocketListener } from './stream-socket.ts';
import { openTcpSocket } from './tcp-socket.ts';

const ports: StreamSocketPort<'tcp'>[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

class End implements StreamSocketListener {
  stream: StreamSocket | undefined;
  bytes = 0;
  text = '';
  drained = 0;
  isClosed = false;
  readonly #waiting: { readonly isDone: () => boolean; readonly resolve: () => void }[] = [];

  onBytes(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    if (this.bytes < 1_000) this.text += new TextDecoder().decode(bytes);
    this.changed();
  }

  onDrained(): void {
    this.drained += 1;
    this.changed();
  }

  onClose(): void {
    this.isClosed = true;
    this.changed();
  }

  until(isDone: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ isDone, resolve });
      this.changed();
    });
  }

  changed(): void {
    for (const { isDone, resolve } of this.#waiting) if (isDone()) resolve();
  }
}

async function connected(): Promise<[End, End]> {
  const [near, far] = [new End(), new End()];
  const take = (end: End, stream: StreamSocket): End => {
    end.stream = stream;
    end.changed();
    return end;
  };
  const port = await openTcpSocket('127.0.0.1', 0, { accept: (stream) => take(far, stream) });
  ports.push(port);
  port.connect(port.local, 1_000, (opened) => (opened.ok ? take(near, opened.value) : undefined));
  await near.until(() => near.stream !== undefined);
  await far.until(() => far.stream !== undefined);
  return [near, far];
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a TCP stream', () => {
  it('carries octets both ways, whole or in parts, and its end to who has not closed it', async () => {
    const [near, far] = await connected();
    near.stream?.write([bytesOf('one '), bytesOf('two')]);
    near.stream?.write(bytesOf(' three'));
    await far.until(() => far.text === 'one two three');
    far.stream?.write(bytesOf('four'));
    far.stream?.close();
    await near.until(() => near.isClosed);
    expect(near.text).toBe('four');
    expect(far.isClosed).toBe(false);
  });

  it('that is not read lets its writer wait, and says when that is over', async () => {
    const [near, far] = await connected();
    far.stream?.pause();
    const part = new Uint8Array(65_536);
    // The system's own buffers take some of it.
    for (let count = 0; count < 320; count += 1) near.stream?.write([part]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(near.stream?.queuedBytes).toBeGreaterThan(0);
    expect(near.drained).toBe(0);
    far.stream?.resume();
    await near.until(() => near.drained === 1);
    await far.until(() => far.bytes === 320 * part.length);
    near.stream?.abort();
    await far.until(() => far.isClosed);
  });

  it('is not had where nobody listens, and not given where it is refused', async () => {
    const port = await openTcpSocket('127.0.0.1', 0, { accept: () => undefined });
    const { local } = port;
    const end = new End();
    port.connect(local, 1_000, (opened) => (opened.ok ? end : undefined));
    await end.until(() => end.isClosed);
    port.close();
    const fault = await new Promise<string>((resolve) => {
      port.connect(local, 1_000, (opened) => {
        resolve(opened.ok ? '' : opened.error);
        return undefined;
      });
    });
    expect(fault).toContain('ECONNREFUSED');
  });

  it.each([
    [true, '127.0.0.2'],
    [false, '127.0.0.1'],
  ])('that is to come from where we listen: %s', async (comesFromHere, source) => {
    const port = await openTcpSocket('127.0.0.2', 0, { accept: () => undefined, comesFromHere });
    ports.push(port);
    const peer = createServer().listen(0, '127.0.0.1');
    await once(peer, 'listening');
    const accepted = once(peer, 'connection') as Promise<[Socket]>;
    const to = { address: '127.0.0.1', port: (peer.address() as AddressInfo).port };
    port.connect(to, 1_000, (opened) => (opened.ok ? new End() : undefined));
    const [socket] = await accepted;
    expect(socket.remoteAddress).toBe(source);
    socket.destroy();
    peer.close();
  });

  it('that is closed is let go when its peer neither reads nor closes', async () => {
    const port = await openTcpSocket('127.0.0.1', 0, { accept: leaveUnread, closingMs: 20 });
    ports.push(port);
    const socket = connect(port.local.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.pause();
    // A socket that is gone answers what still comes with a reset.
    while (!socket.closed) {
      socket.write('x');
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(socket.destroyed).toBe(true);
  });

  it('cannot be had on a port that is taken, which is named with what it is for', async () => {
    const port = await openTcpSocket('127.0.0.1', 0, { accept: () => undefined });
    ports.push(port);
    const again = openTcpSocket('127.0.0.1', port.local.port, { name: 'msrp', accept: () => undefined });
    await expect(again).rejects.toThrow(
      `cannot listen on msrp 127.0.0.1:${port.local.port}: the address is already in use`,
    );
  });
});

/** More than the system takes at once, and the end behind it. */
const leaveUnread: AcceptStreamSocket = (stream) => {
  stream.write(new Uint8Array(20_000_000));
  stream.close();
  return { onBytes: () => undefined, onClose: () => undefined };
};
