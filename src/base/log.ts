/** Structured logging: fields first, then one short sentence. Never a password, never the content of a message. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
  /** Whether `debug` writes anything; asked where making the fields would cost. */
  readonly isDebugging?: boolean;
  debug(fields: LogFields, text: string): void;
  info(fields: LogFields, text: string): void;
  warn(fields: LogFields, text: string): void;
  error(fields: LogFields, text: string): void;
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
