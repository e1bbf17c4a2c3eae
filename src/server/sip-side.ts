/** What answers SIP: transport, transactions, the user agent core, and a handler for each method. */
import { TrustedPeers } from '../accounts/trusted-peers.ts';
import { assert } from '../base/assert.ts';
import { StoreFault } from '../base/store-fault.ts';
import type { DeliveryService } from '../delivery/delivery-service.ts';
import { type AbsenceFinder, createAbsenceFinder } from '../endpoints/sip/absence.ts';
import { deliverWhenTag, refuseCondition } from '../endpoints/sip/condition-header.ts';
import { type Identification, Identifier, type Identity } from '../endpoints/sip/identity.ts';
import { MessageEndpoint } from '../endpoints/sip/messaging/message-endpoint.ts';
import { PresencePackage } from '../endpoints/sip/presence/presence-package.ts';
import { PublishEndpoint } from '../endpoints/sip/presence/publish-endpoint.ts';
import { NotifySender, SubscribeEndpoint } from '../endpoints/sip/presence/subscribe-endpoint.ts';
import { BindingTargets, RegisterEndpoint } from '../endpoints/sip/registration/register-endpoint.ts';
import { refuse, type SipAnswer } from '../endpoints/sip/sip-answer.ts';
import type { Address } from '../model/address.ts';
import type { PresenceService } from '../presence/presence-service.ts';
import { DigestGuard } from '../sip/digest/digest-guard.ts';
import { Notifier } from '../sip/event/notifier.ts';
import { buildResponse } from '../sip/message/build-response.ts';
import { parseSipUri, type SipUri, type SipUriScheme } from '../sip/message/sip-uri.ts';
import { SipHeaders, type HeaderRow } from '../sip/message/sip-headers.ts';
import { defaultMessageLimits } from '../sip/message/parsing/message-limits.ts';
import { LocationService } from '../sip/registrar/location-service.ts';
import type { Flow } from '../sip/registrar/ports.ts';
import { defaultRegistrarRules } from '../sip/registrar/registrar.ts';
import { defaultTiming } from '../sip/transaction/machines/transaction-timing.ts';
import { TransactionLayer } from '../sip/transaction/transaction-layer.ts';
import { TransportLayer } from '../sip/transport/transport-layer.ts';
import { limitsFor } from '../sip/transport/transport-limits.ts';
import { answerOptions } from '../sip/user-agent/options-answer.ts';
import type { RequestContext } from '../sip/user-agent/request-context.ts';
import { type RequestHandler, ServerCore } from '../sip/user-agent/server-core.ts';
import { refuseBye, refuseInvite } from '../sip/user-agent/session-refusal.ts';
import type { AccountsSide } from './accounts-side.ts';
import type { ServerParts } from './server-parts.ts';

/** Of addresses that are served. */
const schemes: readonly SipUriScheme[] = ['sip', 'sips', 'im', 'pres', 'wv'];
/** Seconds after which a client may try again where the store is in the way. */
const storeRetryAfterSeconds = 10;

export interface SipSide {
  readonly transport: TransportLayer;
  readonly location: LocationService;
  readonly notifier: Notifier;
  readonly targets: BindingTargets;
}

export interface SipNeeds extends AccountsSide {
  readonly delivery: DeliveryService;
  readonly presence: PresenceService;
  /** Our own Contact towards a flow, with angle brackets. */
  readonly contactFor: (flow: Flow) => string;
  /** Somebody asks to watch and was told to wait. */
  readonly onWatcherAsks: (owner: Address, watcher: Address) => void;
}

export function createSipSide(parts: ServerParts, needs: SipNeeds): SipSide {
  const { config, clock, timers, ids, counters, timing = defaultTiming } = parts;
  const transport = createTransport(parts);
  const transactions = new TransactionLayer({
    transport,
    clock,
    timers,
    ids,
    counters,
    timing,
    onConnectionClosed: (connection) => location.closeFlow(connection),
  });
  const trusted = TrustedPeers.parse(config.trust);
  assert(trusted.ok, 'the configuration has checked --trust');
  const targets = new BindingTargets(needs.delivery, {
    transactions,
    isTrusted: (address) => trusted.value.has(address),
  });
  const location = createLocation(parts, transport, targets);
  const serves = servesAccount(needs);
  const notifier = new Notifier({
    packages: [createPresencePackage(parts, needs)],
    sender: new NotifySender(transactions),
    clock,
    timers,
    ids,
    onSubscriptionChanged: ({ resource, subscriber, status }, event) => {
      if (status === 'pending' && event === 'subscribe')
        needs.onWatcherAsks(resource as Address, subscriber as Address);
    },
  });
  const core = createCore(parts, transport);
  const identifier = new Identifier({
    guard: createGuard(parts, needs),
    trusted: trusted.value,
    domains: config.domains,
    counters,
  });
  const servesHost = ({ host: name, port }: SipUri): boolean =>
    config.domains.includes(name.toLowerCase()) || transport.isOurs(name, port);
  registerMethods(core, {
    parts,
    needs,
    identifier,
    location,
    targets,
    notifier,
    serves,
    servesHost,
    findAbsence: createAbsenceFinder({ servesHost, lookUp: (address) => needs.directory.lookUp(address) }),
  });
  transactions.use(core);
  return { transport, location, notifier, targets };
}

function createTransport(parts: ServerParts): TransportLayer {
  const { config, clock, timers, ids, counters, resolver, version, openFilesMax } = parts;
  return new TransportLayer({
    clock,
    timers,
    ids,
    counters,
    server: productOf(version),
    warningHost: hostOf(config),
    // A body over --max-body is read all the same, so that it can be answered by the one who knows that limit.
    messageLimits: {
      ...defaultMessageLimits,
      bodyBytesMax: Math.max(defaultMessageLimits.bodyBytesMax, config.bodyBytesMax),
    },
    limits: limitsFor(openFilesMax),
    ...(resolver === undefined ? {} : { resolver }),
  });
}

function createCore(parts: ServerParts, transport: TransportLayer): ServerCore {
  const { config, clock, ids, log, counters, timing = defaultTiming, version } = parts;
  return new ServerCore({
    agent: { server: productOf(version), host: hostOf(config) },
    schemes,
    optionTags: ['path', deliverWhenTag],
    isOurSentBy: (name, port) => transport.isOurSentBy(name, port),
    clock,
    ids,
    log,
    counters,
    timing,
  });
}

function createPresencePackage({ config }: ServerParts, needs: SipNeeds): PresencePackage {
  return new PresencePackage({
    presence: needs.presence,
    paceMs: config.notifyPaceMs,
    serves: servesAccount(needs),
    hasBlocked: (owner, watcher) => needs.blocks.hasBlocked(owner, watcher),
    blockedAnswer: config.blockedAnswer,
  });
}

/** For the Warning row (RFC 3261 20.43). */
function hostOf({ domains }: ServerParts['config']): string {
  return domains[0] ?? 'localhost';
}

/** For the Server row (RFC 3261 20.35). */
function productOf(version: string): string {
  return `restante/${version}`;
}

interface MethodNeeds {
  readonly parts: ServerParts;
  readonly needs: SipNeeds;
  readonly identifier: Identifier;
  readonly location: LocationService;
  readonly targets: BindingTargets;
  readonly notifier: Notifier;
  /** Whether a Request-URI without a user of its own is for this server. */
  readonly servesHost: (uri: SipUri) => boolean;
  readonly findAbsence: AbsenceFinder;
  readonly serves: (address: Parameters<AccountsSide['directory']['lookUp']>[0]) => boolean | Promise<boolean>;
}

function registerMethods(core: ServerCore, methods: MethodNeeds): void {
  const { parts, needs, identifier, location, targets, notifier, serves, servesHost, findAbsence } = methods;
  const { clock } = parts;
  const { delivery, presence, directory, contactFor } = needs;
  const capabilities = capabilitiesOf(parts);
  const messages = new MessageEndpoint(delivery, clock);
  const register = new RegisterEndpoint({
    location,
    servesHost,
    lookUp: (address) => directory.lookUp(address),
    capabilities,
  });
  const publish = new PublishEndpoint(presence, clock, serves);
  const subscribe = new SubscribeEndpoint(notifier, contactFor);
  const { isConditional } = parts.config;
  const misplaced = ({ request }: RequestContext) => refuseCondition(request, isConditional);
  const unasked = (handle: RequestHandler) => (context: RequestContext) => {
    const refusal = misplaced(context);
    if (refusal !== undefined) return respond(context, refusal);
    const work = handle(context);
    return work instanceof Promise ? work.catch((fault: unknown) => refuseFault(context, fault)) : work;
  };
  // Credentials come first, then everything else (contract section 5).
  const answered = (handle: Answering) => (context: RequestContext) =>
    answerIdentified(context, identifier, (known, identity) => {
      targets.heard(identity.principal, known.flow, location.bindingsOf(identity.principal));
      return misplaced(known) ?? handle(known, identity);
    });

  const repeatable = { handlesRepetition: true };
  core.register(
    'MESSAGE',
    answered(({ request }, identity) => messages.answer(request, identity)),
    repeatable,
  );
  core.register(
    'REGISTER',
    answered(({ request, flow }, identity) => register.answer(request, flow, identity)),
  );
  core.register(
    'PUBLISH',
    answered(({ request }, identity) => publish.answer(request, identity)),
  );
  core.register(
    'SUBSCRIBE',
    answered((context, identity) => {
      const { request, flow } = context;
      // The 200 leaves before the NOTIFY that follows it.
      subscribe.answer(request, flow, identity, (answer) => respond(context, answer));
      return undefined;
    }),
  );
  core.register(
    'INVITE',
    answered((context) => {
      const absence = findAbsence(context.request.uri);
      if (absence instanceof Promise) return absence.then((found) => found ?? refuseSession(context));
      return absence ?? refuseSession(context);
    }),
  );
  core.register('BYE', unasked(refuseBye));
  core.register('OPTIONS', unasked(optionsHandler(core, methods)));
}

function refuseSession(context: RequestContext): undefined {
  void refuseInvite(context);
  return undefined;
}

function optionsHandler(core: ServerCore, { parts, notifier, findAbsence }: MethodNeeds): RequestHandler {
  return answerOptions({
    allow: () => core.allow,
    accept: ['text/plain', 'message/cpim', 'application/pidf+xml', '*/*'],
    acceptLanguage: ['en'],
    supported: supportedTags(parts),
    allowEvents: notifier.packageNames,
    more: capabilitiesOf(parts).filter(([name]) => name !== 'Supported'),
    findAbsence,
    hasDialog: (request) => notifier.hasDialog(request),
  });
}

/** Undefined: it answers by itself. */
type Answering = (
  context: RequestContext,
  identity: Identity,
) => SipAnswer | undefined | Promise<SipAnswer | undefined>;

/** Nothing is awaited that is known at once: a refresh is answered within the turn that read it. */
function answerIdentified(
  context: RequestContext,
  identifier: Identifier,
  handle: Answering,
): Promise<void> | undefined {
  const identified = identifier.identify(context.request, context.flow);
  if (!(identified instanceof Promise)) return answerFound(context, identified, handle);
  return identified
    .then((found) => answerFound(context, found, handle))
    .catch((fault: unknown) => refuseFault(context, fault));
}

function answerFound(context: RequestContext, found: Identification, handle: Answering): Promise<void> | undefined {
  if (!found.ok) return respond(context, found.error);
  context.transaction.isForgotten = false;
  const answer = handle(context, found.value);
  if (answer === undefined) return undefined;
  if (!(answer instanceof Promise)) return respond(context, answer);
  return answer
    .then((later) => (later === undefined ? undefined : respond(context, later)))
    .catch((fault: unknown) => refuseFault(context, fault));
}

/** A store that cannot be read is as one that cannot commit (contract section 5); anything else is our own fault. */
function refuseFault(context: RequestContext, fault: unknown): void {
  if (!(fault instanceof StoreFault) || context.transaction.isAnswered) throw fault;
  respond(context, refuse(503, 'the store cannot commit', [['Retry-After', String(storeRetryAfterSeconds)]]));
}

function respond(context: RequestContext, answer: SipAnswer): undefined {
  if (answer.toTag === undefined) {
    context.respond(answer.status, answer);
    return undefined;
  }
  // The notifier made the dialog, so the tag is its own.
  const { transaction, request } = context;
  const { status, toTag, headers } = answer;
  transaction.respond(buildResponse(request, status, answer.reason, { toTag, headers: new SipHeaders(headers) }));
  return undefined;
}

function createLocation(parts: ServerParts, transport: TransportLayer, targets: BindingTargets): LocationService {
  const { stores, clock, timers, log } = parts;
  return new LocationService({
    store: stores.bindings,
    clock,
    timers,
    log,
    rules: {
      ...defaultRegistrarRules,
      // What counts is where a request would go, and that is the maddr where there is one.
      isOurs: ({ host, port, params }) =>
        transport.isOurs(host, port) || transport.isOurs(params.get('maddr') ?? '', port),
      isOurRoute: ({ host, port, params }) => transport.isOurSentBy(params.get('maddr') ?? host, port),
    },
    onBindingsChanged: (change) => targets.changed(change),
  });
}

function createGuard({ config, hashes, ids, clock }: ServerParts, { directory, guesses }: AccountsSide): DigestGuard {
  return new DigestGuard({
    mode: config.digest,
    attempts: guesses,
    lookUpHash: (userName, realm, algorithm) => directory.lookUpHash(userName, realm, algorithm),
    takesUri: (uri) => {
      const parsed = parseSipUri(uri);
      return parsed.ok && schemes.includes(parsed.value.scheme);
    },
    hashes,
    ids,
    clock,
  });
}

function servesAccount({ directory }: AccountsSide): MethodNeeds['serves'] {
  return (address) => {
    const standing = directory.lookUp(address);
    return typeof standing === 'string' ? standing === 'known' : standing.then((found) => found === 'known');
  };
}

function supportedTags({ config }: ServerParts): string[] {
  return config.isConditional ? ['path', deliverWhenTag] : ['path'];
}

/** What OPTIONS and REGISTER answers say of this server (contract section 6). */
function capabilitiesOf(parts: ServerParts): HeaderRow[] {
  const rows: HeaderRow[] = [['Supported', supportedTags(parts).join(', ')]];
  if (parts.config.isStoreOffline) rows.push(['Feature-Caps', '*;+g.restante.offline="push"']);
  return rows;
}
