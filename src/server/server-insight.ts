/** What an operator sees of the running server: who is connected, what is kept, how near the limits are. Changes nothing. */
import type { DeliveryService } from '../delivery/delivery-service.ts';
import type {
  ClientOverview,
  ConnectedClient,
  KeptOverview,
  Listener,
  ServerInsight,
  UsedLimit,
} from '../endpoints/http/api/api-surroundings.ts';
import type { EventHub } from '../endpoints/http/events/event-hub.ts';
import { httpConnectionsMax } from '../endpoints/http/http-limits.ts';
import { bindingsMax } from '../sip/registrar/location-service.ts';
import { limitsFor } from '../sip/transport/transport-limits.ts';
import { defaultTransactionLimits } from '../sip/transaction/transaction-layer.ts';
import { batchOperationsMax, waitingBatchesMax } from '../stores/sqlite/writer/writer.ts';
import type { ServerParts } from './server-parts.ts';
import type { SipSide } from './sip/sip-side.ts';

/** Clients and recipients that one look counts, so that it never keeps messages waiting. */
export const countedMax = 50_000;
/** Clients that are named. */
export const namedClientsMax = 200;
/** Recipients that are named. */
export const namedRecipientsMax = 10;

export interface InsightNeeds {
  readonly delivery: DeliveryService;
  readonly events: EventHub;
  readonly sip: Pick<SipSide, 'location'>;
}

export function createInsight(parts: ServerParts, needs: InsightNeeds): ServerInsight {
  return {
    startedAt: parts.clock.wall(),
    listeners: () => listenersOf(parts),
    clients: () => clientsOf(needs),
    kept: () => keptOf(needs.delivery),
    limits: () => limitsOf(parts, needs),
  };
}

function listenersOf({ config }: ServerParts): Listener[] {
  const { sip, sips, http, https, msrp, msrps } = config;
  const named = [
    ['sip', sip],
    ['sips', sips],
    ['http', http],
    ['https', https],
    ['msrp', msrp],
    ['msrps', msrps],
  ] as const;
  return named.flatMap(([protocol, at]) => (at === undefined ? [] : [{ protocol, at: `${at.host}:${at.port}` }]));
}

function clientsOf({ events, sip }: InsightNeeds): ClientOverview {
  const counts: Record<string, number> = {};
  const some: ConnectedClient[] = [];
  let counted = 0;
  const count = (protocol: string, makeClient: () => ConnectedClient): void => {
    counted += 1;
    counts[protocol] = (counts[protocol] ?? 0) + 1;
    if (some.length < namedClientsMax) some.push(makeClient());
  };
  for (const { owner, style, openedAt } of events.openStreams()) {
    if (counted >= countedMax) return { counts, some, isWhole: false };
    count('http', () => ({ address: owner, protocol: 'http', style, since: openedAt }));
  }
  for (const { addressOfRecord, flow, userAgent } of sip.location.all()) {
    if (counted >= countedMax) return { counts, some, isWhole: false };
    const protocol = `sip/${flow.transport}`;
    const agent = userAgent === undefined ? {} : { agent: userAgent };
    count(protocol, () => ({ address: addressOfRecord, protocol, ...agent }));
  }
  return { counts, some, isWhole: true };
}

function keptOf({ kept }: DeliveryService): KeptOverview {
  const sum = { recipients: 0, messages: 0, waiting: 0, conditional: 0 };
  const most: { address: string; messages: number }[] = [];
  let isWhole = true;
  for (const [address, { entries, waiting, conditional }] of kept.entries()) {
    if (sum.recipients >= countedMax) {
      isWhole = false;
      break;
    }
    if (entries === 0) continue;
    sum.recipients += 1;
    sum.messages += entries;
    sum.waiting += waiting;
    sum.conditional += conditional;
    if (most.length === namedRecipientsMax && entries <= (most.at(-1)?.messages ?? 0)) continue;
    most.push({ address, messages: entries });
    most.sort((a, b) => b.messages - a.messages);
    most.length = Math.min(most.length, namedRecipientsMax);
  }
  return { ...sum, most, isWhole };
}

function limitsOf({ config, counters, openFilesMax }: ServerParts, { delivery, sip }: InsightNeeds): UsedLimit[] {
  const gauges = new Map([...counters.entries()].map(({ name, value }) => [name, value]));
  const used = (name: string): number => gauges.get(name) ?? 0;
  const limits: UsedLimit[] = [
    { name: 'SIP connections', used: used('sip_connections_open'), max: limitsFor(openFilesMax).connectionsMax },
    { name: 'event streams', used: used('restante_event_streams'), max: httpConnectionsMax },
    { name: 'WebSockets', used: used('websockets_open'), max: httpConnectionsMax },
    { name: 'registered contacts', used: sip.location.size, max: bindingsMax },
    {
      name: 'requests being answered',
      used: used('sip_server_transactions_active'),
      max: defaultTransactionLimits.activeServersMax,
    },
    {
      name: 'writes that wait for the store',
      used: used('store_operations_waiting'),
      max: waitingBatchesMax * batchOperationsMax,
    },
  ];
  const { messages: max } = config.quotaRecipient;
  for (const { address, messages } of keptOf(delivery).most.slice(0, 3)) {
    limits.push({ name: `kept for ${address}`, used: messages, max });
  }
  return limits;
}
