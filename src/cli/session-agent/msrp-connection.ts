/**
 * One connection that carries MSRP: TCP, TLS, or a WebSocket with a frame in each message (RFC 7977). Several sessions may
 * share it; whose a frame is, its To-Path says.
 */
import { connect, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { FrameReader, formatFrame, MsrpFault, readMsrpUri, type Continuation, type MsrpHead } from './msrp-text.ts';

export interface MsrpTarget {
  readonly host: string;
  readonly port: number;
  readonly transport: 'tcp' | 'tls' | 'ws';
  /** Over TLS, in PEM: whose signature counts. */
  readonly ca?: string;
}

/** What a session hears of its connection. */
export interface FrameEars {
  began(head: MsrpHead, hasContent: boolean): void;
  octets(bytes: Buffer): void;
  ended(flag: Continuation): void;
  lost(why: string): void;
}

/** The octets below it. */
export interface Wire {
  write(bytes: Uint8Array): void;
  /** Resolves when not too much of what was written still waits here. */
  drained(): Promise<void>;
  pause(): void;
  resume(): void;
  end(): void;
  /** Without a word. */
  destroy(): void;
}

export class MsrpConnection {
  readonly #sessions = new Map<string, FrameEars>();
  readonly #reader: FrameReader;
  #wire: Wire | undefined;
  #current: FrameEars | undefined;
  #isClosed = false;
  /** A session that is not known here may be known to whoever listens. */
  readonly #claim: ((head: MsrpHead, connection: MsrpConnection) => void) | undefined;

  static async connect(target: MsrpTarget): Promise<MsrpConnection> {
    const connection = new MsrpConnection();
    connection.#wire =
      target.transport === 'ws' ? await connection.#openWebSocket(target) : await connection.#openStream(target);
    return connection;
  }

  constructor(claim?: (head: MsrpHead, connection: MsrpConnection) => void) {
    this.#claim = claim;
    this.#reader = new FrameReader({
      began: (head, hasContent) => this.#began(head, hasContent),
      octets: (bytes) => this.#current?.octets(bytes),
      ended: (flag) => this.#current?.ended(flag),
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Frames to this session of ours are for these ears. */
  carry(session: string, ears: FrameEars): void {
    this.#sessions.set(session, ears);
  }

  take(socket: Socket): void {
    this.#wire = this.#wireOf(socket);
  }

  /** Whole frames, or whatever a test wants; resolves when more may be written. */
  async send(bytes: Uint8Array): Promise<void> {
    if (this.#isClosed) return;
    this.#wire?.write(bytes);
    await this.#wire?.drained();
  }

  /** Resolves when more may be written. */
  async drained(): Promise<void> {
    await this.#wire?.drained();
  }

  /** Reads nothing more until `resume`. */
  pause(): void {
    this.#wire?.pause();
  }

  resume(): void {
    this.#wire?.resume();
  }

  close(): void {
    this.#wire?.end();
  }

  /** As a cut cable ends it. */
  destroy(): void {
    this.#wire?.destroy();
  }

  #began(head: MsrpHead, hasContent: boolean): void {
    const session = readMsrpUri(head.toPath.split(' ')[0] ?? '')?.session ?? '';
    if (!this.#sessions.has(session)) this.#claim?.(head, this);
    this.#current = this.#sessions.get(session);
    this.#current?.began(head, hasContent);
    if (this.#current === undefined && head.method === 'SEND') void this.send(formatNoSession(head));
  }

  #heard(bytes: Buffer): void {
    try {
      this.#reader.push(bytes);
    } catch (fault) {
      if (!(fault instanceof MsrpFault)) throw fault;
      this.#ended(fault.message);
      this.destroy();
    }
  }

  #ended(why: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const ears of this.#sessions.values()) ears.lost(why);
  }

  async #openStream({ host, port, transport, ca }: MsrpTarget): Promise<Wire> {
    const socket = transport === 'tcp' ? connect({ host, port, noDelay: true }) : connectSecurely({ host, port, ca });
    const wire = this.#wireOf(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('closed before it was open')));
      socket.once(transport === 'tcp' ? 'connect' : 'secureConnect', () => resolve());
    });
    return wire;
  }

  #wireOf(socket: Socket): Wire {
    socket.on('data', (bytes: Buffer) => this.#heard(bytes));
    socket.on('error', () => undefined);
    socket.on('close', () => this.#ended('the connection closed'));
    return {
      write: (bytes) => void socket.write(bytes),
      drained: async () => {
        if (!socket.writableNeedDrain || socket.destroyed) return;
        await new Promise<void>((resolve) => {
          const go = (): void => {
            socket.off('drain', go).off('close', go);
            resolve();
          };
          socket.on('drain', go).on('close', go);
        });
      },
      pause: () => void socket.pause(),
      resume: () => void socket.resume(),
      end: () => void socket.end(),
      destroy: () => void socket.destroy(),
    };
  }

  async #openWebSocket({ host, port }: MsrpTarget): Promise<Wire> {
    const socket = new WebSocket(`ws://${host}:${port}/msrp`, 'msrp');
    socket.binaryType = 'arraybuffer';
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve());
      socket.addEventListener('error', () => reject(new Error('the WebSocket could not be opened')));
    });
    socket.addEventListener('close', () => this.#ended('the WebSocket closed'));
    socket.addEventListener('message', ({ data }: { readonly data: unknown }) => {
      this.#heard(typeof data === 'string' ? Buffer.from(data) : Buffer.from(data as ArrayBuffer));
    });
    const isFull = (): boolean => socket.readyState === WebSocket.OPEN && socket.bufferedAmount > webSocketBytesAhead;
    return {
      write: (bytes) => socket.send(Uint8Array.from(bytes)),
      drained: async () => {
        while (isFull()) await new Promise((resolve) => setTimeout(resolve, 1));
      },
      pause: () => undefined,
      resume: () => undefined,
      end: () => socket.close(),
      destroy: () => socket.close(),
    };
  }
}

/** A WebSocket does not say when it is drained. */
const webSocketBytesAhead = 262_144;

function formatNoSession(head: MsrpHead): Buffer {
  return formatFrame({
    transaction: head.transaction,
    what: '481 no such session here',
    headers: [
      ['To-Path', head.fromPath.split(' ')[0] ?? ''],
      ['From-Path', head.toPath],
    ],
  });
}
