/** A transport for tests of what stands above it: it notes what is sent and lets a test say what arrives. */
import { parseSipMessage } from '../message/parse-message.ts';
import type { SipRequest, SipResponse } from '../message/sip-message.ts';
import type { Via } from '../message/via.ts';
import type { Flow } from '../registrar/ports.ts';
import type {
  ArrivalLine,
  MessageTransport,
  OutgoingRoute,
  ResponseSender,
  TransportUser,
} from '../transport/message-transport.ts';
import { completeRequest } from '../transport/response-target.ts';
import type { Destination } from '../transport/route-finder.ts';

export const datagramFlow: Flow = { transport: 'udp', remoteAddress: '192.0.2.1', remotePort: 5060 };
export const streamFlow: Flow = { transport: 'tcp', remoteAddress: '192.0.2.1', remotePort: 40_000, connection: 7 };

export class RecordingTransport implements MessageTransport {
  readonly requests: SipRequest[] = [];
  readonly requestBytes: Uint8Array[] = [];
  readonly responses: SipResponse[] = [];
  readonly responseBytes: Uint8Array[] = [];
  readonly responseFlows: Flow[] = [];
  /** The next ways, first in first out; by default a datagram. `pending` waits until the test takes it from `waiting`. */
  readonly routes: ('datagram' | 'stream' | 'none' | 'pending')[] = [];
  readonly waiting: (() => void)[] = [];
  isFailing = false;
  #user: TransportUser | undefined;
  #line: ArrivalLine | undefined;

  use(user: TransportUser): void {
    this.#user = user;
  }

  findRoute(_destination: Destination, _messageBytes: number, done: (route: OutgoingRoute | undefined) => void): void {
    const kind = this.routes.shift() ?? 'datagram';
    if (kind === 'pending') this.waiting.push(() => this.findRoute(_destination, _messageBytes, done));
    else done(kind === 'none' ? undefined : this.#route(kind === 'stream'));
  }

  sendResponse(bytes: Uint8Array, _via: Via, flow: Flow, sender?: ResponseSender): void {
    if (this.isFailing) {
      sender?.sendFailed();
      return;
    }
    this.responseBytes.push(bytes);
    this.responseFlows.push(flow);
    this.responses.push(mustBe('response', parseSipMessage(bytes)));
  }

  /** A message arrives, as text. */
  receive(text: string, flow: Flow = datagramFlow): void {
    const bytes = new TextEncoder().encode(text);
    if (this.#line?.holds(bytes, flow) !== true) this.read(bytes, flow);
  }

  pace(line: ArrivalLine): void {
    this.#line = line;
  }

  read(bytes: Uint8Array, flow: Flow): void {
    const parsed = parseSipMessage(bytes);
    if (parsed.kind === 'response') this.#user?.onResponse(parsed.message, flow);
    else this.#user?.onRequest(completeRequest(mustBe('request', parsed), flow), flow);
  }

  closeConnection(connection: number): void {
    this.#user?.onConnectionClosed(connection);
  }

  /** Status codes of the responses since the last call. */
  takeStatuses(): number[] {
    return this.responses.splice(0).map(({ status }) => status);
  }

  /** Methods of the requests since the last call. */
  takeMethods(): string[] {
    return this.requests.splice(0).map(({ method }) => method);
  }

  #route(isReliable: boolean): OutgoingRoute {
    return {
      viaStart: `SIP/2.0/${isReliable ? 'TCP' : 'UDP'} 192.0.2.9:5060`,
      isReliable,
      connection: isReliable ? streamFlow.connection : undefined,
      send: (bytes, onFailure) => {
        if (this.isFailing) {
          onFailure();
          return;
        }
        this.requestBytes.push(bytes);
        this.requests.push(mustBe('request', parseSipMessage(bytes)));
      },
    };
  }
}

function mustBe(kind: 'request', parsed: ReturnType<typeof parseSipMessage>): SipRequest;
function mustBe(kind: 'response', parsed: ReturnType<typeof parseSipMessage>): SipResponse;
function mustBe(kind: string, parsed: ReturnType<typeof parseSipMessage>): SipRequest | SipResponse {
  if (parsed.kind !== kind || !('message' in parsed)) throw new Error(`no ${kind}: ${JSON.stringify(parsed)}`);
  return parsed.message;
}

export interface RequestWords {
  readonly method?: string;
  readonly uri?: string;
  readonly branch?: string;
  readonly via?: string;
  readonly toTag?: string;
  readonly fromTag?: string;
  readonly callId?: string;
  readonly cseq?: number;
  readonly rows?: readonly string[];
  readonly body?: string;
}

/** A request as a client sends it. */
export function requestText(words: RequestWords = {}): string {
  const { method = 'MESSAGE', branch = 'z9hG4bK1', body = '', rows = [] } = words;
  return [
    `${method} ${words.uri ?? 'sip:mary@example.com'} SIP/2.0`,
    `Via: ${words.via ?? `SIP/2.0/UDP 192.0.2.1;branch=${branch}`}`,
    `From: <sip:tom@example.com>;tag=${words.fromTag ?? 'from1'}`,
    `To: <sip:mary@example.com>${words.toTag === undefined ? '' : `;tag=${words.toTag}`}`,
    `Call-ID: ${words.callId ?? 'call1'}`,
    `CSeq: ${words.cseq ?? 1} ${method}`,
    'Max-Forwards: 70',
    ...rows,
    `Content-Length: ${new TextEncoder().encode(body).length}`,
    '',
    body,
  ].join('\r\n');
}

/** A response as the peer of a request sends it. */
export function responseText(request: SipRequest, status: number, toTag = 'peer1'): string {
  const { headers } = request;
  const to = headers.get('To') ?? '';
  return [
    `SIP/2.0 ${status} Words`,
    ...headers.getAll('Via').map((via) => `Via: ${via}`),
    `From: ${headers.get('From') ?? ''}`,
    `To: ${request.to.tag === undefined && status > 100 ? `${to};tag=${toTag}` : to}`,
    `Call-ID: ${request.callId}`,
    `CSeq: ${headers.get('CSeq') ?? ''}`,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}
