/** Sockets on loopback: what is written arrives, reading waits, and both ends hear of the end. */
import { afterEach, describe, expect, it } from 'vitest';
import type { MsrpPort, MsrpStream, MsrpStreamListener } from './ports.ts';
import { openMsrpTcpSocket } from './tcp-socket.ts';

const ports: MsrpPort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

class End implements MsrpStreamListener {
  stream: MsrpStream | undefined;
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
  const take = (end: End, stream: MsrpStream): End => {
    end.stream = stream;
    end.changed();
    return end;
  };
  const port = await openMsrpTcpSocket('127.0.0.1', 0, (stream) => take(far, stream));
  ports.push(port);
  port.connect(port.local, 1_000, (opened) => (opened.ok ? take(near, opened.value) : undefined));
  await near.until(() => near.stream !== undefined);
  await far.until(() => far.stream !== undefined);
  return [near, far];
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a TCP stream', () => {
  it('carries messages in parts both ways, and its end', async () => {
    const [near, far] = await connected();
    near.stream?.write([bytesOf('one '), bytesOf('two')]);
    await far.until(() => far.text === 'one two');
    far.stream?.write([bytesOf('three')]);
    far.stream?.close();
    await near.until(() => near.isClosed);
    expect(near.text).toBe('three');
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
    const port = await openMsrpTcpSocket('127.0.0.1', 0, () => undefined);
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
});
