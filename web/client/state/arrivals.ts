/**
 * What the event stream brings, in the tab that leads. A message is acknowledged when it is on disk here, not before, so that
 * none is lost by a page that closes.
 */
import { Problem, type ApiClient } from '../../api/call.ts';
import { EventStream, type StreamState } from '../../api/event-stream.ts';
import type { ServerEvent } from '../../api/event-text.ts';
import type { InboxItem, InboxMessage, Presence, Report } from '../../api/shapes.ts';
import type { History } from '../../history/history.ts';
import type { TabBus } from '../../history/tab-bus.ts';
import { notify } from '../../parts/notices.tsx';
import { showNotification } from './notifications.ts';
import type { Sending } from './sending.ts';

/** How often what is open is asked about: a message that is let go but not taken yet is not reported. */
const catchUpMs = 20_000;
/** After a change of presence, so that the server has acted on it. */
const afterPresenceMs = 400;

export interface ArrivalsPlan {
  readonly api: ApiClient;
  readonly history: History;
  readonly bus: TabBus;
  readonly sending: Sending;
  watched(): readonly string[];
  /** Whether a tab of this person is in sight. */
  isInSight(): boolean;
  onOpen(): void;
  /** Somebody who is watched is not there any more. */
  onUnknownWatched(): Promise<void>;
}

export class Arrivals {
  readonly #plan: ArrivalsPlan;
  readonly #stream: EventStream;
  readonly #timer: ReturnType<typeof setInterval>;
  state: StreamState = 'connecting';

  constructor(plan: ArrivalsPlan) {
    this.#plan = plan;
    this.#stream = new EventStream({
      api: plan.api,
      watched: () => plan.watched(),
      onEvent: (event) => this.#take(event),
      onState: (state) => this.#stateChanged(state),
      onRefused: (problem) => (problem.status === 404 ? plan.onUnknownWatched() : Promise.resolve()),
    });
    this.#timer = setInterval(() => this.#catchUp(), catchUpMs);
  }

  /** Others are to be watched. */
  reopen(): void {
    this.#stream.reopen();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#stream.stop();
  }

  #catchUp(): void {
    if (this.state === 'open') void this.#plan.sending.catchUp().catch(() => undefined);
  }

  #stateChanged(state: StreamState): void {
    this.state = state;
    this.#plan.bus.tell({ kind: 'connection', state });
    if (state !== 'open') return;
    this.#catchUp();
    this.#plan.onOpen();
  }

  async #take({ name, data }: ServerEvent): Promise<void> {
    const { bus, sending } = this.#plan;
    const value = JSON.parse(data) as unknown;
    if (name === 'message') await this.#message(value as InboxMessage);
    else if (name === 'waiting') bus.tell({ kind: 'ready', item: value as InboxItem });
    else if (name === 'report') await sending.reported(value as Report);
    else if (name === 'presence') this.#presence(value as Presence);
    else if (name === 'subscription') bus.tell({ kind: 'asks', address: (value as { address: string }).address });
  }

  #presence(shown: Presence): void {
    this.#plan.bus.tell({ kind: 'presence', shown });
    setTimeout(() => void this.#plan.sending.followPeer(shown.address).catch(() => undefined), afterPresenceMs);
  }

  /** A large one is fetched beside the others; what breaks off is not acknowledged, and is offered again. */
  async #message(message: InboxMessage): Promise<void> {
    const receiving = this.#receive(message);
    if (message.contentUrl === undefined) await receiving;
    else receiving.catch(() => undefined);
  }

  /** Rejects when it could not be kept: it is not acknowledged then, and comes again. */
  async #receive(message: InboxMessage): Promise<void> {
    const { api, bus, history } = this.#plan;
    try {
      await takeIn(api, history, message);
    } catch (fault) {
      if (!(fault instanceof Problem))
        notify('This browser has no room to keep messages. Nothing is lost: the server keeps them.', true);
      throw fault;
    }
    const { id, from } = message;
    bus.tell({ kind: 'history', peer: from });
    bus.tell({ kind: 'taken', id });
    // Unheard, it is offered again and found to be here.
    void api.call('POST', `/v1/inbox/${id}/delivered`).catch(() => undefined);
    if (!this.#plan.isInSight()) void showNotification(from, message.text ?? 'A message that is no text');
  }
}

/** On disk when it resolves, with its content where that has to be fetched. Rejects with `Problem` when it cannot be. */
export async function takeIn(api: ApiClient, history: History, message: InboxMessage): Promise<boolean> {
  const { id, from, at, deferred, subject, text, contentType, body, contentUrl } = message;
  const isHere = (await history.message(id)) !== undefined;
  const content = contentUrl === undefined || isHere ? undefined : await api.content(contentUrl);
  return history.receive({
    key: id,
    id,
    peer: from,
    at: Date.parse(at),
    receivedAt: Date.now(),
    deferred,
    ...(subject === undefined ? {} : { subject }),
    ...(text === undefined ? {} : { text }),
    ...(text !== undefined || body === undefined ? {} : { contentType, body }),
    ...(content === undefined ? {} : { contentType, content }),
  });
}
