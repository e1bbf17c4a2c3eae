/** A notifier with packages, a sender and a store that a test has in its hands, in virtual time. */
import { expect } from 'vitest';
import { silentLog } from '../../src/base/log.ts';
import { systemIds } from '../../src/base/system-ids.ts';
import { VirtualTime } from '../../src/base/time/virtual-time.ts';
import type { DialogRequest } from '../../src/sip/dialog/dialog-request.ts';
import { SipHeaders } from '../../src/sip/message/sip-headers.ts';
import type { HeaderRow } from '../../src/sip/message/sip-headers.ts';
import { createSipRequest } from '../../src/sip/message/sip-message.ts';
import type { SipRequest } from '../../src/sip/message/sip-message.ts';
import type { Flow } from '../../src/sip/registrar/ports.ts';
import type { Authorisation, EventPackage, SubscriptionView } from '../../src/sip/event/event-package.ts';
import { memoryStores, type MemorySnapshot } from '../../src/stores/memory/memory-stores.ts';
import type { BeforeCall } from '../../src/stores/memory/memory-calls.ts';
import { restoredAfterMs } from '../../src/sip/event/notifier/kept/restart.ts';
import { Notifier } from '../../src/sip/event/notifier/notifier.ts';
import type { NotifyOutcome } from '../../src/sip/event/notifier/notify-outcome.ts';
import type { SubscribeAnswer } from '../../src/sip/event/notifier/subscribe-request.ts';
import type { WatchLimits } from '../../src/sip/event/notifier/watch-list.ts';

export const flow: Flow = { transport: 'udp', remoteAddress: '192.0.2.1', remotePort: 5060 };
export const succeeded: NotifyOutcome = { kind: 'status', status: 200 };

export interface Subscribe {
  readonly user?: string;
  readonly resource?: string;
  readonly toTag?: string | undefined;
  readonly cseq?: number;
  readonly event?: string | undefined;
  readonly expires?: string;
  readonly rows?: readonly HeaderRow[];
  readonly callId?: string;
  readonly contact?: string;
  readonly flow?: Flow;
}

function requestOf(options: Subscribe): SipRequest {
  const { user = 'tom', resource = 'mary', toTag, cseq = 1 } = options;
  const event = 'event' in options ? options.event : 'presence';
  const headers = new SipHeaders([
    ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa'],
    ['From', `<sip:${user}@example.com>;tag=their`],
    ['To', `<sip:${resource}@example.com>${toTag === undefined ? '' : `;tag=${toTag}`}`],
    ['Call-ID', options.callId ?? 'c1'],
    ['CSeq', `${cseq} SUBSCRIBE`],
    ['Contact', options.contact ?? `<sip:${user}@192.0.2.1>`],
    ...(event === undefined ? [] : [['Event', event] as const]),
    ...(options.expires === undefined ? [] : [['Expires', options.expires] as const]),
    ...(options.rows ?? []),
  ]);
  return createSipRequest({ method: 'SUBSCRIBE', requestUri: `sip:${resource}@example.com`, headers });
}

export interface CaseOptions {
  readonly limits?: WatchLimits;
  /** What an earlier run left behind. */
  readonly from?: MemorySnapshot;
  readonly time?: VirtualTime;
  readonly paceMs?: number;
  readonly beforeCall?: BeforeCall;
}

export function createCase({ limits, from, beforeCall, time = new VirtualTime(), paceMs = 5_000 }: CaseOptions = {}) {
  const stores = memoryStores({
    ...(from === undefined ? {} : { from }),
    ...(beforeCall === undefined ? {} : { beforeCall }),
  });
  const sent: { request: DialogRequest; flow: Flow; finish: (outcome: NotifyOutcome) => void }[] = [];
  const news: string[] = [];
  const { judge, state, views, presence } = createPackage(paceMs);
  const notifier = new Notifier({
    packages: [presence, { ...presence, name: 'presence.winfo' }],
    sender: {
      send: (request, onFlow, finish) => sent.push({ request, flow: onFlow, finish }),
    },
    store: stores.subscriptions,
    log: silentLog,
    clock: time,
    timers: time,
    ids: systemIds,
    ...(limits === undefined ? {} : { limits }),
    onSubscriptionChanged: ({ subscriber, status }, event) => news.push(`${subscriber} ${event} ${status}`),
  });
  const answers: SubscribeAnswer[] = [];
  const subscribe = async (options: Subscribe = {}): Promise<SubscribeAnswer> => {
    const { user = 'tom', resource = 'mary' } = options;
    const incoming = {
      request: requestOf(options),
      subscriber: `${user}@example.com`,
      resource: `${resource}@example.com`,
      flow: options.flow ?? flow,
      contact: '<sip:192.0.2.99>',
    };
    const before = answers.length;
    notifier.subscribe(incoming, (answer) => {
      expect(sent.length, 'the answer goes before the NOTIFY').toBe(notified);
      answers.push(answer);
    });
    await time.settle();
    const answer = answers[before];
    notified = sent.length;
    return answer ?? { status: 0, reason: 'none yet', headers: [] };
  };
  let notified = 0;
  /** The NOTIFYs since the last look, answered with 200. */
  const look = async (outcome: NotifyOutcome = succeeded): Promise<string[]> => {
    await time.settle();
    const seen: string[] = [];
    for (const { request, finish } of sent.splice(0)) {
      seen.push(`${request.headers.get('Subscription-State')} ${new TextDecoder().decode(request.body)}`.trim());
      finish(outcome);
    }
    notified = sent.length;
    await time.settle();
    return seen;
  };
  return { stores, time, notifier, sent, views, news, judge, state, answers, subscribe, look };
}

export type Case = ReturnType<typeof createCase>;

/** The same server again, with what the earlier one left: after an orderly stop, or after `kill -9`. */
export async function startAgain(before: Case, how: 'stopped' | 'killed', options: CaseOptions = {}): Promise<Case> {
  if (how === 'stopped') {
    const stopped = before.notifier.stop();
    await before.time.settle();
    await stopped;
  }
  const next = createCase({ ...options, from: before.stores.crash(), time: before.time });
  next.judge.answer = before.judge.answer;
  next.state.text = before.state.text;
  await next.notifier.load();
  return next;
}

/** With what is told a moment after the start. */
export async function begin(next: Case): Promise<void> {
  next.notifier.begin((_flow, isSecure) => (isSecure ? '<sips:192.0.2.77>' : '<sip:192.0.2.77>'));
  await next.time.advance(restoredAfterMs);
}

function createPackage(paceMs: number) {
  const views: SubscriptionView[] = [];
  const judge = { answer: 'active' as Authorisation | Promise<Authorisation> };
  const state = { text: 'open' };
  const presence: EventPackage = {
    name: 'presence',
    expiresDefault: 3_600,
    expiresMin: 60,
    expiresMax: 7_200,
    paceMs,
    contentTypes: ['application/pidf+xml', 'text/plain'],
    authorise: () => judge.answer,
    document(view) {
      views.push(view);
      return { contentType: view.contentType, body: new TextEncoder().encode(view.isPending ? '' : state.text) };
    },
  };
  return { judge, state, views, presence };
}
