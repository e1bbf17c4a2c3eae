/** The source of everything random. Handed in, so that a seed reproduces a whole run. */
export interface IdSource {
  /** A token of lower-case letters and digits with at least `bits` bits of cryptographic randomness (RFC 3261 19.3). */
  randomToken(bits: number): string;
  /** A UUIDv7 (RFC 9562 5.7): later ids sort after earlier ones, so rows of one recipient lie together. */
  timeOrderedId(): string;
  /** A number in [0, 1) for jitter. */
  fraction(): number;
}
