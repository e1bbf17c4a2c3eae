/** What the tabs of one account tell each other, and which of them holds the event stream. */
import type { StreamState } from '../api/event-stream.ts';
import type { InboxItem, Presence } from '../api/shapes.ts';

export type TabNews =
  /** What is kept of these peers changed; none named: of anybody. */
  | { readonly kind: 'history'; readonly peer?: string }
  | { readonly kind: 'connection'; readonly state: StreamState }
  | { readonly kind: 'presence'; readonly shown: Presence }
  | { readonly kind: 'ready'; readonly item: InboxItem }
  | { readonly kind: 'taken'; readonly id: string }
  | { readonly kind: 'asks'; readonly address: string }
  | { readonly kind: 'rules' }
  /** A tab has opened and wants to know how things are. */
  | { readonly kind: 'hello' }
  | { readonly kind: 'visible'; readonly tab: string; readonly isVisible: boolean };

export class TabBus {
  readonly #channel: BroadcastChannel;
  readonly #listener: (news: TabNews) => void;

  constructor(address: string, listener: (news: TabNews) => void) {
    this.#listener = listener;
    this.#channel = new BroadcastChannel(`restante ${address}`);
    this.#channel.addEventListener('message', ({ data }: MessageEvent<TabNews>) => listener(data));
  }

  /** To every tab, this one too. */
  tell(news: TabNews): void {
    this.#channel.postMessage(news);
    this.#listener(news);
  }

  close(): void {
    this.#channel.close();
  }
}

/** Does it when no tab does anything of that name; where there are no locks, at once. */
export async function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
  const locks = navigator.locks as LockManager | undefined;
  if (locks === undefined) return work();
  return locks.request(`restante ${name}`, work);
}

/**
 * Calls back when this tab is the one that leads: at once where there are no locks (a page that did not come over TLS or
 * from this machine), else when the tab that led before is gone. Every tab that leads gets everything, and what is kept is
 * kept once.
 */
export function lead(address: string, signal: AbortSignal, onLead: () => void): void {
  const locks = navigator.locks as LockManager | undefined;
  if (locks === undefined) {
    onLead();
    return;
  }
  void locks
    .request(`restante stream ${address}`, { signal }, () => {
      onLead();
      return new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    })
    .catch(() => undefined);
}
