/** A server could not listen: the address and the reason in words for an operator. */
export class ListenFault extends Error {
  override readonly name = 'ListenFault';
  /** Whether the same call may succeed later: the port is taken by somebody who may leave. */
  readonly isTemporary: boolean;
  /** The code of the system, `EADDRINUSE`. */
  readonly code: string;

  constructor(where: string, cause: unknown) {
    const code = codeOf(cause);
    super(`cannot listen on ${where}: ${WORDS[code] ?? textOf(cause)}`, { cause });
    this.code = code;
    this.isTemporary = code === 'EADDRINUSE';
  }
}

const WORDS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the address is already in use',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'not allowed (ports below 1024 need a privilege)',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the host name cannot be looked up',
  EMFILE: 'too many open files',
};

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
