/** One call to the HTTP API of a server, and in one line what went wrong with it. */
import { err, ok, type Result } from '../../base/result.ts';
import { type Upload, upload } from './file-content.ts';

/** A call that was not answered by then is given up; a stream of events is not. */
const callMsMax = 90_000;

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `refused`: the server said no. `unreachable`: nobody who speaks this API answered. */
export interface ApiFault {
  readonly kind: 'refused' | 'unreachable';
  readonly words: string;
  /** The problem as it came (RFC 9457), for `--json`. */
  readonly problem?: unknown;
}

export class ApiClient {
  readonly #server: URL;
  readonly #authorization: string;

  constructor(server: URL, address: string, password: string) {
    this.#server = server;
    this.#authorization = `Basic ${Buffer.from(`${address}:${password}`, 'utf8').toString('base64')}`;
  }

  /** The answer's JSON; undefined where it has none. */
  async call(call: ApiCall): Promise<Result<unknown, ApiFault>> {
    const answer = await this.open(call, AbortSignal.timeout(callMsMax));
    if (!answer.ok) return answer;
    const text = await answer.value.text();
    return ok(text === '' ? undefined : (JSON.parse(text) as unknown));
  }

  /** The answer itself, once its status says that it is one. */
  async open({ method, path, body, headers }: ApiCall, signal: AbortSignal): Promise<Result<Response, ApiFault>> {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    let response: Response;
    try {
      response = await fetch(new URL(path, this.#server), {
        method,
        headers: { authorization: this.#authorization, ...type, ...headers },
        signal,
        ...sent,
      });
    } catch (fault) {
      return err({ kind: 'unreachable', words: `${this.#server.origin} does not answer (${reasonOf(fault)})` });
    }
    return response.ok ? ok(response) : err(await faultOf(response, this.#server.origin));
  }

  /** A file as the body of a POST, as long as it takes. */
  async upload(path: string, { headers, ...file }: Omit<Upload, 'idleMsMax'>): Promise<Result<unknown, ApiFault>> {
    const url = new URL(path, this.#server);
    let response: Response;
    try {
      const signed = { authorization: this.#authorization, ...headers };
      response = await upload(url, { ...file, headers: signed, idleMsMax: callMsMax });
    } catch (fault) {
      return err({ kind: 'unreachable', words: `${this.#server.origin} does not answer (${reasonOf(fault)})` });
    }
    return response.ok ? ok(await response.json()) : err(await faultOf(response, this.#server.origin));
  }
}

async function faultOf(response: Response, origin: string): Promise<ApiFault> {
  const isProblem = (response.headers.get('content-type') ?? '').startsWith('application/problem+json');
  if (!isProblem) {
    return { kind: 'unreachable', words: `${origin} answers ${response.status} and is no Restante server` };
  }
  const problem = (await response.json()) as { readonly title?: string; readonly detail?: string };
  const { title = 'refused', detail } = problem;
  return { kind: 'refused', words: detail === undefined ? title : `${title}: ${detail}`, problem };
}

function reasonOf(fault: unknown): string {
  const cause = fault instanceof Error ? (fault.cause ?? fault) : fault;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return cause instanceof Error ? cause.message : String(cause);
}
