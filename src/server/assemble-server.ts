/**
 * Joins the rooms into one server, all but its sockets and stores. What is loaded first is what others rely on:
 * presence, bindings, delivery; nothing is sent before the sockets are open.
 */
import type { Account } from '../accounts/ports.ts';
import { OwnBlocks } from '../accounts/own-blocks.ts';
import type { Assistant } from '../assistant/assistant.ts';
import type { AdministrationWatch } from '../accounts/administration-watch.ts';
import { type DeliveryPolicy } from '../delivery/delivery-policy.ts';
import { DeliveryService } from '../delivery/delivery-service.ts';
import type { ReportTeller } from '../delivery/desks/report-teller.ts';
import type { PresenceView, ReachabilityListener } from '../delivery/ports.ts';
import type { Config } from '../config.ts';
import { readPidfAt } from '../formats/pidf.ts';
import type { Address } from '../model/address.ts';
import { WatcherBook } from '../presence/watchers/watcher-book.ts';
import { watcherInfoPackageName } from '../endpoints/sip/presence/watcher-info-package.ts';
import { PresenceService } from '../presence/presence-service.ts';
import type { MsrpEndpoint } from '../msrp/msrp-endpoint.ts';
import type { Flow } from '../sip/registrar/ports.ts';
import type { OpenPorts, TransportLayer } from '../sip/transport/transport-layer.ts';
import type { ApiSurroundings } from '../endpoints/http/api/api-surroundings.ts';
import { type AccountsListener, type AccountsSide, createAccountsSide, watchAdministration } from './accounts-side.ts';
import { Housekeeping } from './housekeeping.ts';
import { createAssistant, joinWordReporter } from './assistant-side.ts';
import type { ImpsEndpoint } from '../endpoints/imps/imps-endpoint.ts';
import { createHttpSide, type HttpSide } from './http-side.ts';
import { createImpsEndpoint } from './imps-side.ts';
import { createMsrpEndpoint } from './msrp-side.ts';
import type { ServerParts } from './server-parts.ts';
import { createSipSide, type SipSide } from './sip/sip-side.ts';

/** How long a stop waits for answers that are still owed to senders. */
export const drainMsMax = 5000;
const drainLookMs = 20;

export class AssembledServer {
  readonly #parts: ServerParts;
  readonly #accounts: AccountsSide;
  readonly #presence: PresenceService;
  readonly #delivery: DeliveryService;
  readonly #assistant: Assistant;
  readonly #wordReporter: ReportTeller;
  readonly #sip: SipSide;
  readonly #http: HttpSide;
  readonly #imps: ImpsEndpoint;
  readonly #watchers: WatcherBook;
  readonly #msrp: MsrpEndpoint;
  readonly #housekeeping: Housekeeping;
  readonly #administration: AdministrationWatch;
  readonly #contactFor: (flow: Flow, isSecure: boolean) => string;

  constructor(parts: ServerParts, contactFor: (flow: Flow, isSecure: boolean) => string) {
    this.#parts = parts;
    this.#contactFor = contactFor;
    this.#accounts = createAccountsSide(parts);
    this.#presence = createPresence(parts, this.#accounts);
    this.#delivery = createDelivery(parts, this.#accounts, {
      current: (presentity) => this.#presence.current(presentity),
      visiblePresence: (presentity, watcher, snapshot) => this.#presence.visiblePresence(presentity, watcher, snapshot),
      reachabilityChanged: (principal, isPresent, isReachable) => {
        this.#presence.reachabilityChanged(principal, isPresent, isReachable);
        this.#sip.watching.changed(principal, 'present', isPresent);
        if (isReachable) this.#wordReporter.clientCame(principal);
      },
    });
    this.#wordReporter = joinWordReporter(parts, this.#delivery);
    const ownBlocks = new OwnBlocks(this.#accounts.blocks, (owner) => this.#visibilityChanged(owner));
    const rooms = { ...this.#accounts, delivery: this.#delivery, presence: this.#presence, ownBlocks };
    this.#assistant = createAssistant(parts, {
      ...rooms,
      watchers: { pendingFor: (owner) => this.#watchers.pendingFor(owner) },
      onDeliveryChanged: (owner, method) => this.#http.events.styleChanged(owner, method),
    });
    this.#watchers = new WatcherBook({
      ...parts,
      store: parts.stores.waitingWatchers,
      handlingOf: (owner, watcher) =>
        this.#accounts.blocks.isKnownToBlock(owner, watcher)
          ? 'block'
          : this.#presence.visibility(owner, watcher).handling,
      isListenedTo: (owner) => this.#sip.notifier.hasSubscriptions(watcherInfoPackageName, owner),
      onChanged: (owner) => this.#sip.notifier.resourceChanged(watcherInfoPackageName, owner),
    });
    const onWatcherAsks = (owner: Address, watcher: Address): void => {
      this.#http.events.watcherAsks(owner, watcher);
      this.#imps.watcherAsks(owner, watcher);
    };
    this.#msrp = createMsrpEndpoint(parts);
    this.#sip = createSipSide(parts, {
      ...rooms,
      msrp: this.#msrp,
      assistant: this.#assistant,
      watchers: this.#watchers,
      contactFor,
      onWatcherAsks,
    });
    const others = { ...rooms, assistant: this.#assistant, watchers: this.#watchers };
    this.#http = createHttpSide(parts, {
      ...others,
      sip: this.#sip,
      onWatcherAsks: (owner, watcher) => this.#imps.watcherAsks(owner, watcher),
    });
    this.#imps = createImpsEndpoint(parts, { ...others, onWatcherAsks });
    this.#housekeeping = new Housekeeping(parts);
    this.#administration = watchAdministration(parts, this.#accounts, this.#administrationListener());
    this.#delivery.kept.onChanged((recipient, isAnything) => {
      this.#sip.watching.changed(recipient, 'kept', isAnything);
    });
    this.#presence.onChanged((event) => {
      if (event.changed === 'all') {
        this.#sip.notifier.authorisationChanged('presence', event.presentity);
        this.#watchers.judge(event.presentity);
      }
      this.#sip.notifier.resourceChanged('presence', event.presentity);
      this.#http.events.presenceChanged(event.presentity);
      this.#imps.presenceChanged(event.presentity);
      return this.#delivery.presenceChanged(event);
    });
    parts.counters.gauge('restante_bindings', () => this.#sip.location.size);
    parts.counters.gauge('restante_subscriptions', () => this.#sip.notifier.size);
  }

  /** What the calls over HTTP are answered with. */
  get api(): ApiSurroundings {
    return this.#http.api;
  }

  /** Who speaks the CSP. */
  get imps(): ImpsEndpoint {
    return this.#imps;
  }

  get transport(): TransportLayer {
    return this.#sip.transport;
  }

  /** Without a transport until it is offered one. */
  get msrp(): MsrpEndpoint {
    return this.#msrp;
  }

  /** Reads what is durable; nothing leaves yet. Rejects with `StoreFault`. */
  async load(): Promise<void> {
    await this.#presence.start();
    await this.#sip.location.load();
    await this.#sip.reporter.load();
    await this.#wordReporter.load();
    await this.#watchers.load();
    await this.#sip.notifier.load();
    await this.#imps.load();
    await this.#delivery.load();
  }

  /** The sockets are open: whoever was there before is there again, and what waits for them may go. */
  async open(ports: OpenPorts): Promise<void> {
    this.#sip.transport.start(ports);
    for (const binding of this.#sip.location.all()) this.#sip.targets.restored(binding);
    this.#sip.notifier.begin(this.#contactFor);
    await this.#imps.open();
    await this.#delivery.begin();
    await this.#administration.start();
    this.#housekeeping.start();
    for (const recipient of this.#delivery.kept.recipients()) this.#sip.watching.changed(recipient, 'kept', true);
    await this.#sip.watching.open();
    // Nobody waits for it: what they need is evaluated anyway when somebody comes or changes.
    void this.#delivery.catchUp();
  }

  /** Answers what is owed, then lets everything go; what is kept stays kept. */
  async stop(): Promise<void> {
    const { clock, timers } = this.#parts;
    const deadline = clock.monotonic() + drainMsMax;
    while (this.#delivery.submissionsInFlight > 0 && clock.monotonic() < deadline) {
      await new Promise<void>((resolve) => {
        timers.at(clock.monotonic() + drainLookMs, () => resolve());
      });
    }
    this.#http.events.stop();
    this.#imps.stop();
    this.#sip.reporter.stop();
    this.#wordReporter.stop();
    this.#sip.watching.stop();
    // Before the connections go: whoever cannot be reached from then on is not gone for that.
    await this.#sip.talk.endpoint.stop();
    this.#sip.sessions.invites.stop();
    await this.#sip.notifier.stop();
    this.#msrp.close();
    this.#sip.transport.close();
    this.#housekeeping.stop();
    await this.#administration.stop();
    this.#delivery.stop();
    await this.#watchers.stop();
    await this.#sip.location.stop();
    await this.#presence.stop();
  }

  #administrationListener(): AccountsListener {
    return {
      accountAdded: (address) => this.#sip.watching.changed(address, 'account', true),
      accountRemoved: (address) => this.#removeAccount(address),
      passwordChanged: (address) => {
        this.#http.events.endOf(address);
        this.#imps.endOf(address);
      },
      visibilityChanged: (owner) => this.#visibilityChanged(owner),
      rulesChanged: async (owner) => this.#presence.rulesChanged(owner, await this.#parts.stores.rules.rulesOf(owner)),
    };
  }

  async #removeAccount(address: Address): Promise<void> {
    this.#sip.watching.removed(address);
    this.#sip.location.removeAll(address);
    this.#sip.reporter.forget(address);
    this.#wordReporter.forget(address);
    this.#sip.notifier.endResource('presence', address, 'noresource');
    this.#sip.notifier.endResource('reg', address, 'noresource');
    this.#sip.notifier.endSubscriber(address, 'rejected');
    this.#watchers.accountRemoved(address);
    this.#sip.talk.endpoint.endOf(address);
    this.#http.events.endOf(address);
    this.#imps.endOf(address);
    this.#presence.forget(address);
    this.#assistant.forget(address);
    await this.#delivery.principalRemoved(address);
  }

  #visibilityChanged(owner: Address): void {
    // What somebody wrote who is blocked is not offered.
    this.#delivery.inbox.changed(owner, false);
    this.#watchers.judge(owner);
    if (this.#parts.config.blockedAnswer === 'accept') this.#presence.visibilityChanged(owner);
    else {
      this.#sip.notifier.authorisationChanged('presence', owner);
      this.#http.events.presenceChanged(owner);
      this.#imps.presenceChanged(owner);
    }
  }
}

function createPresence(parts: ServerParts, { blocks }: AccountsSide): PresenceService {
  const { config, stores, clock, timers, ids, log, counters } = parts;
  const isHidden = (owner: Address, watcher: Address): boolean => blocks.isKnownToBlock(owner, watcher);
  return new PresenceService({
    clock,
    timers,
    ids,
    log,
    counters,
    readDocumentAt: readPidfAt,
    publications: stores.publications,
    rules: stores.rules,
    settings: {
      settleMs: config.settleMs,
      deliverOn: config.deliverOn,
      visibleByDefault: config.visibleByDefault === 'none' ? [] : config.visibleByDefault,
    },
    ...(config.blockedAnswer === 'accept'
      ? { blockOf: (owner, watcher) => (isHidden(owner, watcher) ? 'polite-block' : undefined) }
      : {}),
  });
}

function createDelivery(
  parts: ServerParts,
  { directory, blocks }: AccountsSide,
  presence: PresenceView & ReachabilityListener,
): DeliveryService {
  const { config, stores, clock, timers, ids, log, counters } = parts;
  return new DeliveryService({
    clock,
    timers,
    ids,
    log,
    counters,
    presence,
    policy: policyOf(config),
    store: stores.mailbox,
    blobs: stores.blobs,
    reports: stores.reports,
    directory: {
      lookUp: (address) => directory.lookUp(address),
      hasBlocked: (owner, other) => blocks.hasBlocked(owner, other),
      wantsReportsInWords: (sender) => {
        const account = directory.find(sender);
        return account instanceof Promise ? account.then(wantsWords) : wantsWords(account);
      },
    },
    reachability: presence,
  });
}

function wantsWords(account: Account | undefined): boolean {
  return account?.wantsReportsInWords === true;
}

function policyOf(config: Config): DeliveryPolicy {
  const { requests, seconds } = config.ratePerSender;
  return {
    isConditional: config.isConditional,
    isStoreOffline: config.isStoreOffline,
    blockedAnswer: config.blockedAnswer,
    deliverOn: config.deliverOn,
    answerWithinMs: config.answerWithinMs,
    validityDefaultMs: config.validityDefaultMs,
    validityMaxMs: config.validityMaxMs,
    bodyBytesMax: config.bodyBytesMax,
    largeBytesMax: config.largeBytesMax,
    quotas: {
      recipientMessages: config.quotaRecipient.messages,
      recipientBytes: config.quotaRecipient.bytes,
      largeBytes: config.quotaLargeBytes,
      pairMessages: config.quotaPair,
      senderMessages: config.quotaSender,
    },
    rate: { requests, perMs: seconds * 1000 },
  };
}
