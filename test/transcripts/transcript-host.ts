/** What a world must offer so that a play can be given in it: in memory with virtual time, or over sockets. */
import type { CastMember } from './transcript.ts';

export interface HostAddress {
  readonly host: string;
  readonly port: number;
}

export interface HostSetup {
  readonly cast: readonly CastMember[];
  /** Flags of `serve` beyond those that every play has (accounts of the cast, their addresses trusted). */
  readonly flags: readonly string[];
}

export interface TranscriptHost {
  readonly server: HostAddress;
  /** How many times longer than is written what must come is waited for, where a busy machine takes its time; 1 when absent. */
  readonly patience?: number;
  addressOf(actor: string): HostAddress;
  /** One datagram, bytes of the actor's connection, or one message of the actor's WebSocket. */
  send(actor: string, bytes: Buffer): void | Promise<void>;
  /** Called once, before anything is sent; the listener gets whole messages, on a stream too, and a CRLF outside of them. */
  onReceive(listener: (actor: string, bytes: Buffer) => void): void;
  /** Lets this much time pass; resolves when everything that falls due in it has happened. */
  advance(ms: number): Promise<void>;
  /** Ends the server without warning and starts it again on the same store. */
  restart?(): Promise<void>;
  /** Not for UDP. */
  disconnect?(actor: string): Promise<void>;
  connect?(actor: string): Promise<void>;
  close(): Promise<void>;
}

export type OpenHost = (setup: HostSetup) => Promise<TranscriptHost>;
