/**
 * Upgrades to WebSockets (RFC 6455 4.2): which path, which subprotocol, from which origin, and when. Refusals are HTTP
 * answers in words. What is spoken afterwards is the affair of the door.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { type ServerOptions, WebSocketServer } from 'ws';
import type { Counters } from '../../../base/counters.ts';
import type { Clock } from '../../../base/time/clock.ts';
import type { Timers } from '../../../base/time/timers.ts';
import type { Problem } from '../problem.ts';
import { PingRound } from './ping-round.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';
import { WebSocketChannel } from './web-socket-channel.ts';
import type { WebSocketDoor } from './web-socket-door.ts';

/** Frames of one message; one more ends the connection with 1008. */
export const framesPerMessageMax = 256;
/** How long a peer may take to answer a close. */
const closingMsMax = 5_000;

export interface WebSocketSurroundings {
  readonly doors: readonly WebSocketDoor[];
  /** Origins whose pages may open one, besides those of this server itself; `*` is any. */
  readonly origins: readonly string[];
  readonly clock: Clock;
  readonly timers: Timers;
}

interface GatePlan extends WebSocketSurroundings {
  readonly counters: Counters;
  isReady(): boolean;
}

interface OpenDoor {
  readonly door: WebSocketDoor;
  readonly upgrades: WebSocketServer;
}

export class WebSocketGate {
  readonly #plan: GatePlan;
  readonly #doors: readonly OpenDoor[];
  readonly #pings: PingRound;

  constructor(plan: GatePlan) {
    this.#plan = plan;
    this.#doors = plan.doors.map((door) => ({ door, upgrades: upgradesFor(door) }));
    this.#pings = new PingRound(plan.clock, plan.timers);
    plan.counters.gauge('websockets_open', () => this.#pings.size);
  }

  /** Takes the upgrades of a listener. They leave the number of its other connections alone. */
  guard(server: Server, transport: 'ws' | 'wss', otherConnectionsMax: number): void {
    let upgraded = 0;
    const recount = (change: number): void => {
      upgraded += change;
      server.maxConnections = otherConnectionsMax + upgraded;
    };
    recount(0);
    server.on('upgrade', (request, socket, head) => {
      const found = this.#find(request);
      if ('status' in found) {
        this.#plan.counters.add(`websocket_upgrades_refused{reason="${found.name}"}`);
        refuseUpgrade(socket, found);
        return;
      }
      const { door, upgrades } = found;
      upgrades.handleUpgrade(request, socket, head, (webSocket) => {
        const channel = new WebSocketChannel(webSocket, socket as Socket, {
          transport,
          now: () => this.#plan.clock.monotonic(),
        });
        recount(1);
        this.#pings.add(channel);
        webSocket.on('close', () => {
          recount(-1);
          this.#pings.remove(channel);
        });
        channel.listen(door.accept(channel));
      });
    });
  }

  /** Whoever is left has not answered the close. */
  stop(): void {
    this.#pings.giveAllUp();
  }

  #find(request: IncomingMessage): OpenDoor | Problem {
    const [path = ''] = (request.url ?? '').split('?');
    const found = this.#doors.find(({ door }) => door.path === path);
    if (found === undefined || request.headers.upgrade?.toLowerCase() !== 'websocket') return nothingThere(path);
    if (!this.#plan.isReady()) return notReady;
    const { origin, host } = request.headers;
    if (origin !== undefined && !isAllowed(origin, host, this.#plan.origins)) return foreign(origin);
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((word) => word.trim());
    return offered.includes(found.door.subprotocol) ? found : unspoken(found.door);
  }
}

function upgradesFor({ subprotocol, messageBytesMax }: WebSocketDoor): WebSocketServer {
  const options: ServerOptions & { readonly closeTimeout: number } = {
    noServer: true,
    clientTracking: false,
    // It would cost far more memory for each connection than these messages are long.
    perMessageDeflate: false,
    maxPayload: messageBytesMax,
    maxFragments: framesPerMessageMax,
    closeTimeout: closingMsMax,
    handleProtocols: () => subprotocol,
  };
  return new WebSocketServer(options);
}

/** A page of this server itself may; whoever names no origin is no browser. */
function isAllowed(origin: string, host: string | undefined, origins: readonly string[]): boolean {
  if (origins.includes('*') || origins.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}

function nothingThere(path: string): Problem {
  const detail = `there is no WebSocket at ${path.slice(0, 200)}`;
  return { status: 404, name: 'not-found', title: 'Not found', detail };
}

const notReady: Problem = {
  status: 503,
  name: 'not-ready',
  title: 'The server is starting or draining',
  retryAfter: 1,
};

function foreign(origin: string): Problem {
  const detail = `pages of ${origin.slice(0, 200)} may not open a WebSocket here; see --cors`;
  return { status: 403, name: 'foreign-origin', title: 'Foreign origin', detail };
}

function unspoken({ subprotocol }: WebSocketDoor): Problem {
  const detail = `the subprotocol ${subprotocol} must be offered in Sec-WebSocket-Protocol`;
  return { status: 400, name: 'unsupported-subprotocol', title: 'Unsupported subprotocol', detail };
}
