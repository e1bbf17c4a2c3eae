/** A standalone connection of CIR: lines of text in both directions. `call-tcp-socket` implements it with Node. */

/** Every call after `close` or `abort` does nothing, and neither calls the listener again. */
export interface CallStream {
  /** Octets that are written but not yet taken by the machine; grows when the peer does not read. */
  readonly queuedBytes: number;
  readonly remoteAddress: string;
  write(text: string): void;
  /** Sends what is queued first. */
  close(): void;
  abort(): void;
}

export interface CallStreamListener {
  onText(text: string): void;
  /** The peer or the network has ended it. */
  onClose(): void;
}

/** Decides about a connection that a peer has opened; undefined refuses it. */
export type AcceptCallStream = (stream: CallStream) => CallStreamListener | undefined;
