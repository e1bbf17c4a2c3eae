/** What answers SIP: transport, transactions, the user agent core, and a handler for each method. */
import { TrustedPeers } from '../../accounts/trusted-peers.ts';
import { assert } from '../../base/assert.ts';
import { isReservedAddress } from '../../accounts/new-account.ts';
import { createAbsenceFinder } from '../../endpoints/sip/absence.ts';
import type { ReportTeller } from '../../delivery/desks/report-teller.ts';
import { BindingTargets, type BindingTargetsPlan } from '../../endpoints/sip/registration/binding-targets.ts';
import { createSipReporter } from '../../endpoints/sip/reports/sip-reporter.ts';
import { DeviceBook } from '../../endpoints/sip/messaging/device-memory.ts';
import { OpenCalls } from '../../endpoints/sip/messaging/open-calls.ts';
import type { MsrpEndpoint } from '../../msrp/msrp-endpoint.ts';
import type { Address } from '../../model/address.ts';
import type { Notifier } from '../../sip/event/notifier/notifier.ts';
import type { SipUri } from '../../sip/message/sip-uri.ts';
import type { LocationService } from '../../sip/registrar/location-service.ts';
import { defaultTiming } from '../../sip/transaction/machines/transaction-timing.ts';
import { TransactionLayer } from '../../sip/transaction/transaction-layer.ts';
import type { TransportLayer } from '../../sip/transport/transport-layer.ts';
import { contentUrlOf } from '../own-contact.ts';
import type { ServerParts } from '../server-parts.ts';
import { createSessionsSide, type SessionsSide } from '../sessions-side.ts';
import { createNotices, createNotifier, type EventNeeds } from './event-side.ts';
import { type MethodRooms, registerMethods } from './method-handlers.ts';
import { createIdentifier, createLocation, servesAccount } from './registration-side.ts';
import { createRegistrationWatch } from './registration-watch.ts';
import { SessionSide } from './session-side.ts';
import { createCore, createTransport, inflationOf, paceRegisters } from './transport-side.ts';
import { WatchingSide } from './watching-side.ts';

export interface SipSide {
  readonly transport: TransportLayer;
  readonly location: LocationService;
  readonly notifier: Notifier;
  readonly targets: BindingTargets;
  readonly reporter: ReportTeller;
  readonly watching: WatchingSide;
  readonly sessions: SessionSide;
  readonly talk: SessionsSide;
}

export type SipNeeds = MethodRooms & Omit<EventNeeds, 'serves' | 'registrations'> & { readonly msrp: MsrpEndpoint };

export function createSipSide(parts: ServerParts, needs: SipNeeds): SipSide {
  const { config, clock, timers, ids, counters, timing = defaultTiming } = parts;
  const transport = createTransport(parts);
  const registers = paceRegisters(parts, transport);
  const transactions = new TransactionLayer({
    transport,
    clock,
    timers,
    ids,
    counters,
    timing,
    onConnectionClosed: (connection) => {
      location.closeFlow(connection);
      sessions.invites.connectionClosed(connection);
    },
  });
  const trusted = TrustedPeers.parse(config.trust);
  assert(trusted.ok, 'the configuration has checked --trust');
  const { delivery } = needs;
  const { reports: desk, handOuts } = delivery;
  const reporter = createSipReporter({ ...parts, desk, handOuts });
  desk.use('sip', reporter);
  const openCalls = new OpenCalls();
  const targets = new BindingTargets({
    delivery,
    tools: { ...targetTools(parts, trusted.value), transactions, openCalls, player: () => talk.player },
    notices: createNotices(parts, delivery, () => notifier),
    mayWait: config.isStoreOffline,
    onClientAlive: (principal) => reporter.clientCame(principal),
  });
  const serves = servesAccount(needs);
  const registrations = createRegistrationWatch(parts, {
    serves,
    trusted: trusted.value,
    location: () => location,
    notifier: () => notifier,
  });
  const location = createLocation(parts, transport, (change) => {
    targets.changed(change);
    registrations.changed(change);
  });
  const notifier = createNotifier(parts, { ...needs, serves, registrations }, transactions);
  const watching = new WatchingSide(parts, { ...needs, location, transactions, trusted: trusted.value });
  const core = createCore(parts, transport);
  const sessions = new SessionSide(parts, { ...needs, transactions, allow: () => core.allow });
  const { invites } = sessions;
  const talk = createSessionsSide(parts, { ...needs, invites, location, trusted: trusted.value });
  sessions.onInvite = (invite, identity) => talk.endpoint.take(invite, identity);
  const identifier = createIdentifier(parts, needs, trusted.value);
  const servesHost = ({ host: name, port }: SipUri): boolean =>
    config.domains.includes(name.toLowerCase()) || transport.isOurs(name, port);
  registerMethods(core, {
    parts,
    needs,
    identifier,
    location,
    targets,
    openCalls,
    notifier,
    watching,
    sessions,
    serves,
    servesHost,
    registers,
    findAbsence: createAbsenceFinder({ servesHost, lookUp: (address) => standingOf(address, needs) }),
  });
  transactions.use(core);
  return { transport, location, notifier, targets, reporter, watching, sessions, talk };
}

/** Some addresses are functions of the server, and nobody's. */
function standingOf(address: Address, { directory }: SipNeeds): ReturnType<typeof directory.lookUp> {
  return isReservedAddress(address) ? 'known' : directory.lookUp(address);
}

function targetTools(
  parts: ServerParts,
  trusted: TrustedPeers,
): Omit<BindingTargetsPlan['tools'], 'transactions' | 'openCalls' | 'player'> {
  return {
    isTrusted: (address) => trusted.has(address),
    contentUrlOf: (id) => contentUrlOf(parts, id),
    inflation: inflationOf(parts),
    devices: new DeviceBook(),
  };
}
