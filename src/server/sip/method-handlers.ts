/** A handler for each method: which endpoint answers it, and whether it is asked who sends it. */
import type { Assistant } from '../../assistant/assistant.ts';
import type { DeliveryService } from '../../delivery/delivery-service.ts';
import type { AbsenceFinder } from '../../endpoints/sip/absence.ts';
import { refuseListTag } from '../../endpoints/sip/lists/list-request.ts';
import { refuseCondition } from '../../endpoints/sip/condition-header.ts';
import type { Identifier, Identity } from '../../endpoints/sip/identity.ts';
import { MessageEndpoint } from '../../endpoints/sip/messaging/message-endpoint.ts';
import type { OpenCalls } from '../../endpoints/sip/messaging/open-calls.ts';
import { PublishEndpoint } from '../../endpoints/sip/presence/publish-endpoint.ts';
import { SubscribeEndpoint } from '../../endpoints/sip/presence/subscribe-endpoint.ts';
import type { BindingTargets } from '../../endpoints/sip/registration/binding-targets.ts';
import type { SipAnswer } from '../../endpoints/sip/sip-answer.ts';
import { RegisterEndpoint } from '../../endpoints/sip/registration/register-endpoint.ts';
import { NotifyEndpoint } from '../../endpoints/sip/watching/notify-endpoint.ts';
import { refusePresence } from '../../endpoints/sip/watching/presence-elsewhere.ts';
import type { PresenceService } from '../../presence/presence-service.ts';
import type { Notifier } from '../../sip/event/notifier/notifier.ts';
import type { SipUri } from '../../sip/message/sip-uri.ts';
import type { LocationService } from '../../sip/registrar/location-service.ts';
import type { Flow } from '../../sip/registrar/ports.ts';
import { answerOptions } from '../../sip/user-agent/options-answer.ts';
import type { RequestContext } from '../../sip/user-agent/request-context.ts';
import type { RequestHandler, ServerCore } from '../../sip/user-agent/server-core.ts';
import type { AccountsSide } from '../accounts-side.ts';
import type { ServerParts } from '../server-parts.ts';
import { answerIdentified, type Answering, refuseFault, respond } from './answering.ts';
import { capabilitiesOf, particularTags, supportedTags } from './capabilities.ts';
import type { ServesAccount } from './registration-side.ts';
import type { SessionSide } from './session-side.ts';
import { inflationOf } from './transport-side.ts';
import type { RegisterTurns } from './register-turns.ts';
import type { WatchingSide } from './watching-side.ts';

/** What the handlers ask and tell. */
export interface MethodRooms extends AccountsSide {
  readonly delivery: DeliveryService;
  readonly assistant: Assistant;
  readonly presence: PresenceService;
  /** Our own Contact towards a flow, with angle brackets; a sips one for what was asked for with a sips URI. */
  readonly contactFor: (flow: Flow, isSecure: boolean) => string;
}

export interface MethodNeeds {
  readonly parts: ServerParts;
  readonly needs: MethodRooms;
  readonly identifier: Identifier;
  readonly location: LocationService;
  readonly targets: BindingTargets;
  readonly openCalls: OpenCalls;
  readonly notifier: Notifier;
  readonly watching: WatchingSide;
  readonly sessions: SessionSide;
  /** Whether a Request-URI without a user of its own is for this server. */
  readonly servesHost: (uri: SipUri) => boolean;
  readonly findAbsence: AbsenceFinder;
  readonly serves: ServesAccount;
  readonly registers: RegisterTurns;
}

export function registerMethods(core: ServerCore, methods: MethodNeeds): void {
  const { parts, needs, identifier, location, targets, servesHost } = methods;
  const { directory } = needs;
  const capabilities = capabilitiesOf(parts);
  const messages = createMessageEndpoint(methods);
  const register = new RegisterEndpoint({
    location,
    servesHost,
    lookUp: (address) => directory.lookUp(address),
    capabilities,
    mayWait: parts.config.isStoreOffline,
  });
  const { isConditional } = parts.config;
  const misplaced = ({ request }: RequestContext) => refuseCondition(request, isConditional) ?? refuseListTag(request);
  const unasked = (handle: RequestHandler) => (context: RequestContext) => {
    const refusal = misplaced(context);
    if (refusal !== undefined) return respond(context, refusal);
    const work = handle(context);
    return work instanceof Promise ? work.catch((fault: unknown) => refuseFault(context, fault)) : work;
  };
  // Credentials come first, then everything else (contract section 5).
  const heard = ({ request, flow }: RequestContext, { principal }: Identity): void =>
    targets.heard(principal, flow, location.bindingsOf(principal), request.headers);
  const answered = (handle: Answering) => (context: RequestContext) =>
    answerIdentified(context, identifier, (known, identity) => {
      heard(known, identity);
      return misplaced(known) ?? handle(known, identity);
    });

  const repeatable = { handlesRepetition: true };
  core.register(
    'MESSAGE',
    answered(({ request, flow }, identity) => messages.answer(request, flow, identity)),
    repeatable,
  );
  const registered = answered((context, identity) => {
    const { request, flow } = context;
    return thenHeard(register.answer(request, flow, identity), () => heard(context, identity));
  });
  const { registers } = methods;
  core.register('REGISTER', (context) => {
    const { refusal } = registers;
    return refusal === undefined ? registered(context) : respond(context, refusal);
  });
  registerEvents(core, methods, { answered, unasked });
  registerSessions(core, methods, { answered, unasked });
  core.register('OPTIONS', unasked(optionsHandler(core, methods)));
}

interface Wrappers {
  readonly answered: (handle: Answering) => RequestHandler;
  readonly unasked: (handle: RequestHandler) => RequestHandler;
}

/** Whoever knows the tags of a dialog is not asked again who they are: one of them is a secret of ours and theirs. */
function registerSessions(core: ServerCore, methods: MethodNeeds, { answered, unasked }: Wrappers): void {
  const { findAbsence, sessions } = methods;
  const { invites } = sessions;
  const begin = async (context: RequestContext, identity: Identity): Promise<undefined> => {
    await sessions.begin(context, identity);
    return undefined;
  };
  const first = answered((context, identity) => {
    const absence = findAbsence(context.request.uri);
    if (absence instanceof Promise) return absence.then((found) => found ?? begin(context, identity));
    return absence ?? begin(context, identity);
  });
  const within = unasked((context) => invites.receive(context));
  core.register('INVITE', (context) => (invites.has(context.request) ? within(context) : first(context)));
  for (const method of ['BYE', 'PRACK', 'UPDATE']) core.register(method, within);
  core.registerAck((ack) => invites.acknowledge(ack));
}

/** PUBLISH, SUBSCRIBE, and NOTIFY where this server subscribes to others. */
function registerEvents(core: ServerCore, methods: MethodNeeds, { answered, unasked }: Wrappers): void {
  const { parts, needs, notifier, serves, watching } = methods;
  const { presenceServer } = parts.config;
  const publish = new PublishEndpoint(needs.presence, parts.clock, serves);
  const subscribe = new SubscribeEndpoint(notifier, needs.contactFor);
  core.register(
    'PUBLISH',
    answered(({ request }, identity) =>
      presenceServer === undefined ? publish.answer(request, identity) : refusePresence(request, notifier.packageNames),
    ),
  );
  core.register(
    'SUBSCRIBE',
    answered((context, identity) => {
      const { request, flow } = context;
      const elsewhere = presenceServer === undefined ? undefined : refusePresence(request, notifier.packageNames);
      if (elsewhere !== undefined) return elsewhere;
      // The 200 leaves before the NOTIFY that follows it.
      subscribe.answer(request, flow, identity, (answer) => respond(context, answer));
      return undefined;
    }),
  );
  const { subscribers } = watching;
  if (subscribers.length === 0) return;
  const notify = new NotifyEndpoint(subscribers, () => parts.counters.add('external_notifies_stray'));
  core.register(
    'NOTIFY',
    unasked((context) => respond(context, notify.answer(context.request, context.flow))),
  );
}

/**
 * Of a client that has only just come, before anything goes to it. Where nothing came of it the client was heard of when its
 * request arrived, and may have turned something away since.
 */
export function thenHeard(answer: SipAnswer | Promise<SipAnswer>, heard: () => void): SipAnswer | Promise<SipAnswer> {
  if (!(answer instanceof Promise)) return answer;
  return answer.then((found) => {
    if (found.status < 300) heard();
    return found;
  });
}

function createMessageEndpoint({ parts, needs, openCalls, location, targets }: MethodNeeds): MessageEndpoint {
  const { delivery, assistant } = needs;
  return new MessageEndpoint({
    delivery,
    assistant,
    clock: parts.clock,
    openCalls,
    inflation: inflationOf(parts),
    clientsOver: (principal, flow) => targets.clientsOver(flow, location.bindingsOf(principal)),
  });
}

function optionsHandler(core: ServerCore, { parts, notifier, findAbsence, sessions }: MethodNeeds): RequestHandler {
  return answerOptions({
    allow: () => core.allow,
    accept: ['text/plain', 'message/cpim', 'application/pidf+xml', '*/*'],
    acceptLanguage: ['en'],
    supported: [...supportedTags(parts), ...particularTags],
    allowEvents: notifier.packageNames,
    more: capabilitiesOf(parts).filter(([name]) => name !== 'Supported'),
    findAbsence,
    hasDialog: (request) => notifier.hasDialog(request) || sessions.invites.has(request),
  });
}
