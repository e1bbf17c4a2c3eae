/** Where others connect to: a port, and the sessions of ours that wait for their connection (RFC 4975 section 5.4). */
import { createServer, type AddressInfo, type Server } from 'node:net';
import { MsrpConnection } from './msrp-connection.ts';
import type { MsrpSession } from './msrp-session.ts';
import { readMsrpUri, type MsrpHead } from './msrp-text.ts';

export class MsrpListener {
  readonly #server: Server;
  readonly #awaited = new Map<string, MsrpSession>();
  readonly #connections = new Set<MsrpConnection>();

  static async open(): Promise<MsrpListener> {
    const listener = new MsrpListener();
    await new Promise<void>((resolve) => {
      listener.#server.listen(0, '127.0.0.1', () => resolve());
    });
    return listener;
  }

  private constructor() {
    this.#server = createServer({ noDelay: true }, (socket) => {
      const connection = new MsrpConnection((head, from) => this.#claim(head, from));
      connection.take(socket);
      this.#connections.add(connection);
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** The first request to it binds its connection to this session. */
  await(session: string, whose: MsrpSession): void {
    this.#awaited.set(session, whose);
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #claim(head: MsrpHead, connection: MsrpConnection): void {
    const session = readMsrpUri(head.toPath)?.session ?? '';
    this.#awaited.get(session)?.attach(connection);
    this.#awaited.delete(session);
  }
}
