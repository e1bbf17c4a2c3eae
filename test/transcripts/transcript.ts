/** What a play is once it is read: a cast and steps. Knows no time, no socket and no text format. */
export type Transport = 'udp' | 'tcp' | 'tls' | 'ws';

export interface CastMember {
  readonly name: string;
  readonly transport: Transport;
}

export interface Transcript {
  /** For messages: `plays/kept-then-login.transcript`. */
  readonly path: string;
  readonly title: string;
  readonly flags: readonly string[];
  readonly cast: readonly CastMember[];
  readonly steps: readonly Step[];
}

/** A piece that several plays share; its actor is `me`. */
export interface Part {
  readonly path: string;
  readonly given: ReadonlyMap<string, string>;
  readonly steps: readonly Step[];
}

/** What a received message must look like; all texts are patterns. */
export interface Expectation {
  readonly startLine: string;
  readonly headers: readonly (readonly [name: string, pattern: string])[];
  readonly absent: readonly string[];
  /** The whole body; undefined when the play does not care. */
  readonly body: string | undefined;
}

export type Step = { readonly line: number } & (
  | {
      readonly kind: 'send';
      readonly actor: string;
      readonly head: readonly string[];
      readonly body: readonly string[];
    }
  | { readonly kind: 'send-again'; readonly actor: string }
  | { readonly kind: 'send-keep-alive'; readonly actor: string }
  | { readonly kind: 'receive-keep-alive'; readonly actor: string; readonly withinMs: number }
  | { readonly kind: 'disconnect' | 'connect'; readonly actor: string }
  | { readonly kind: 'receive'; readonly actor: string; readonly withinMs: number; readonly expected: Expectation }
  | { readonly kind: 'receive-again'; readonly actor: string; readonly withinMs: number }
  | { readonly kind: 'receive-nothing'; readonly actor: string; readonly forMs: number; readonly mayRepeat: boolean }
  | { readonly kind: 'answer'; readonly actor: string; readonly status: string; readonly headers: readonly string[] }
  | { readonly kind: 'do'; readonly actor: string; readonly part: string; readonly values: ReadonlyMap<string, string> }
  | { readonly kind: 'after'; readonly ms: number }
  | { readonly kind: 'restart' }
);

export interface PlaceInPlay {
  readonly path: string;
  readonly line: number;
}

/** What is wrong with a play, or with the server when it was played. */
export class TranscriptFault extends Error {
  override readonly name = 'TranscriptFault';

  constructor(place: PlaceInPlay, what: string) {
    super(`${place.path}:${place.line}: ${what}`);
  }
}
