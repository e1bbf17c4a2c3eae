/** One call: signed in with a token, bounded in time, and with what went wrong as one kind of error. Decides nothing. */

/** A call that is not answered by then counts as unanswered; the longest that the server takes by itself is 0.5 s. */
const patienceMs = 20_000;

/** Why a call did not do what it should. `status` 0: the server was not reached, or did not answer. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  /** The last part of the problem's type, such as `blocked`. */
  readonly kind: string;
  readonly detail: string | undefined;
  readonly attributes: readonly string[];
  readonly position: number | undefined;
  readonly state: string | undefined;

  constructor(status: number, body: ProblemBody) {
    super(body.title ?? 'The server gave no reason');
    this.status = status;
    this.kind = body.type?.split(':').at(-1) ?? (status === 0 ? 'unreachable' : 'unknown');
    this.detail = body.detail;
    this.attributes = body.attributes ?? [];
    this.position = body.position;
    this.state = body.state;
  }

  /** The same call may do better later. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 503 || this.status === 502 || this.status === 504 || this.isTooMany;
  }

  private get isTooMany(): boolean {
    return this.status === 429 && this.kind === 'too-many-requests';
  }
}

interface ProblemBody {
  readonly type?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly attributes?: readonly string[];
  readonly position?: number;
  readonly state?: string;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer<T> {
  readonly value: T;
  readonly etag: string | undefined;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export class ApiClient {
  readonly #authorization: string | undefined;
  readonly #onSignedOut: () => void;

  /** `onSignedOut`: the token is good no more. */
  constructor(token: string | undefined, onSignedOut: () => void = () => undefined) {
    this.#authorization = token === undefined ? undefined : `Bearer ${token}`;
    this.#onSignedOut = onSignedOut;
  }

  async call<T>(method: Method, path: string, options: CallOptions = {}): Promise<T> {
    return (await this.callWithTag<T>(method, path, options)).value;
  }

  /** With the tag of what was answered, for `If-Match`. Rejects with `Problem`. */
  async callWithTag<T>(method: Method, path: string, options: CallOptions = {}): Promise<Answer<T>> {
    const response = await this.#ask(method, path, options);
    const etag = response.headers.get('etag') ?? undefined;
    const text = await response.text().catch(() => {
      throw unreachable();
    });
    return { value: (text === '' ? undefined : JSON.parse(text)) as T, etag };
  }

  /** A content of any size. Rejects with `Problem`. */
  async content(path: string): Promise<Blob> {
    const response = await this.#fetch(path, { headers: this.#headers({}) });
    return response.blob().catch(() => {
      throw unreachable();
    });
  }

  /** The open answer of `GET /v1/events`; ends with `signal`. Rejects with `Problem`. */
  async open(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Response> {
    return this.#fetch(path, { headers: this.#headers(headers), signal });
  }

  #ask(method: Method, path: string, { body, headers }: CallOptions): Promise<Response> {
    return this.#fetch(path, {
      method,
      headers: this.#headers({ ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers }),
      signal: AbortSignal.timeout(patienceMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  #headers(more: Readonly<Record<string, string>>): Record<string, string> {
    return { ...(this.#authorization === undefined ? {} : { authorization: this.#authorization }), ...more };
  }

  async #fetch(path: string, request: RequestInit): Promise<Response> {
    // Without credentials of the browser's own, so that a 401 is ours to explain and no dialog of the browser's.
    const response = await fetch(path, { ...request, credentials: 'omit', cache: 'no-store' }).catch(() => {
      throw unreachable();
    });
    if (response.ok) return response;
    const problem = new Problem(response.status, await readProblem(response));
    if (response.status === 401) this.#onSignedOut();
    throw problem;
  }
}

/** A token for a password. Rejects with `Problem`. */
export function signIn(address: string, password: string): Promise<{ readonly token: string }> {
  const bytes = new TextEncoder().encode(`${address}:${password}`);
  const basic = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  const headers = { authorization: `Basic ${basic}` };
  return new ApiClient(undefined).call('POST', '/v1/tokens', { headers });
}

async function readProblem(response: Response): Promise<ProblemBody> {
  try {
    return (await response.json()) as ProblemBody;
  } catch {
    return { title: `The server answered ${response.status}` };
  }
}

function unreachable(): Problem {
  return new Problem(0, { title: 'The server cannot be reached' });
}
