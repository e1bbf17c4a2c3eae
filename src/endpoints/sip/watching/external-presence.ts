/**
 * What a presence server elsewhere says of somebody (RFC 3856 as a watcher) becomes one more publication of theirs, for as long
 * as the subscription holds. Pending, and what cannot be told from it, is nothing known.
 */
import { err, ok, type Result } from '../../../base/result.ts';
import type { Clock, Millis } from '../../../base/time/clock.ts';
import type { TimerHandle, Timers } from '../../../base/time/timers.ts';
import { parsePidf, pidfContentType } from '../../../formats/pidf.ts';
import type { Address } from '../../../model/address.ts';
import type { PresenceService } from '../../../presence/presence-service.ts';
import type { ElsewhereWord } from '../../../presence/publication/presence-elsewhere.ts';
import type { PublishedContent } from '../../../presence/publication/publication-state.ts';
import type { SubscriberListener, SubscriberPackage } from '../../../sip/event/subscriber/subscriber-package.ts';

/** Seconds. A server that forgot its subscriptions is found out about within this time. */
export const presenceExpires = 600;
/** After a word that could not be stored. */
export const sayAgainMs: Millis = 5_000;

export interface ExternalPresencePlan {
  readonly presence: Pick<PresenceService, 'hearElsewhere'>;
  readonly clock: Clock;
  readonly timers: Timers;
}

export class ExternalPresence implements SubscriberListener<PublishedContent> {
  readonly eventPackage: SubscriberPackage<PublishedContent>;
  readonly #plan: ExternalPresencePlan;
  /** What could not be stored; of each principal the last. */
  readonly #unsaid = new Map<Address, { readonly word: ElsewhereWord; readonly timer: TimerHandle }>();

  constructor(plan: ExternalPresencePlan) {
    this.#plan = plan;
    this.eventPackage = {
      name: 'presence',
      contentTypes: [pidfContentType],
      expires: presenceExpires,
      read: (resource, body) => readDocument(resource as Address, body, plan.clock.wall()),
    };
  }

  told(resource: string, content: PublishedContent | undefined, expiresMs: Millis): void {
    this.#say(resource as Address, content, expiresMs);
  }

  prolonged(resource: string, expiresMs: Millis): void {
    // What waits to be stored is what holds longer now.
    const { content = 'same' } = this.#unsaid.get(resource as Address)?.word ?? {};
    this.#say(resource as Address, content, expiresMs);
  }

  lost(resource: string): void {
    this.#say(resource as Address, undefined, 0);
  }

  stop(): void {
    for (const { timer } of this.#unsaid.values()) timer.cancel();
    this.#unsaid.clear();
  }

  #say(presentity: Address, content: ElsewhereWord['content'], expiresMs: Millis): void {
    void this.#hear({ presentity, content, expiresAt: this.#plan.clock.wall() + expiresMs });
  }

  async #hear(word: ElsewhereWord): Promise<void> {
    const { presence, clock, timers } = this.#plan;
    const { presentity } = word;
    this.#unsaid.get(presentity)?.timer.cancel();
    this.#unsaid.delete(presentity);
    const { kind } = await presence.hearElsewhere(word);
    // A later word that failed as well is the one that counts.
    if (kind === 'published' || kind === 'unknown-tag' || this.#unsaid.has(presentity)) return;
    const timer = timers.at(clock.monotonic() + sayAgainMs, () => void this.#hear(word));
    this.#unsaid.set(presentity, { word, timer });
  }
}

function readDocument(presentity: Address, body: Uint8Array, now: Millis): Result<PublishedContent, string> {
  const document = new Uint8Array(body);
  const parsed = parsePidf(document, now);
  if (!parsed.ok) return err(`malformed presence document: ${parsed.error}`);
  const { entity, presentity: named, state } = parsed.value;
  if (entity !== undefined && named !== presentity) return err('the document is of somebody else');
  return ok({ state, document });
}
