/**
 * One stream of server-sent events, read as far as the bench needs it: the messages that come. The server writes an event
 * as one chunk (RFC 9112 7.1), so that the borders of chunks fall between events.
 */
import type { Socket } from 'node:net';
import { openSocket, statusOf } from './http-wire.ts';

export interface EventMessage {
  readonly id: string;
  readonly text: string;
}

const messageEvent = /(?:^|\n)event: message\ndata: ([^\n]*)$/;

export class EventReader {
  readonly #socket: Socket;
  readonly #onMessage: (message: EventMessage) => void;
  #rest = '';

  private constructor(socket: Socket, onMessage: (message: EventMessage) => void) {
    this.#socket = socket;
    this.#onMessage = onMessage;
  }

  /** Resolves with the status of the answer and, for 200, the reader that is open. */
  static async open(
    place: { readonly host: string; readonly port: number },
    request: string,
    onMessage: (message: EventMessage) => void,
  ): Promise<{ status: number; reader?: EventReader }> {
    const socket = await openSocket(place.host, place.port);
    const reader = new EventReader(socket, onMessage);
    const status = await reader.#begin(request);
    if (status === 200) return { status, reader };
    reader.close();
    return { status };
  }

  close(): void {
    this.#socket.destroy();
  }

  #begin(request: string): Promise<number> {
    return new Promise((resolve) => {
      let isOpen = false;
      this.#socket.on('data', (bytes) => {
        this.#rest += bytes.toString('latin1');
        if (!isOpen) {
          const end = this.#rest.indexOf('\r\n\r\n');
          if (end < 0) return;
          isOpen = true;
          resolve(statusOf(this.#rest));
          this.#rest = this.#rest.slice(end + 4);
        }
        this.#readEvents();
      });
      this.#socket.on('close', () => resolve(0));
      this.#socket.write(request, 'latin1');
    });
  }

  #readEvents(): void {
    for (;;) {
      const end = this.#rest.indexOf('\n\n');
      if (end < 0) return;
      const data = messageEvent.exec(this.#rest.slice(0, end))?.[1];
      this.#rest = this.#rest.slice(end + 2);
      if (data !== undefined) this.#onMessage(JSON.parse(data) as EventMessage);
    }
  }
}
