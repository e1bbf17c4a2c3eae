/**
 * Carries out one PUBLISH after the other (RFC 3903 6): decision, commit, then memory, then the event, then the answer.
 * A refused or failed one changes nothing. Knows no document format.
 */
import type { Clock, Millis } from '../../base/time/clock.ts';
import type { IdSource } from '../../base/ids.ts';
import type { Address } from '../../model/address.ts';
import type { DeliverOn } from '../compose.ts';
import type { BackgroundWriter } from '../background-writer.ts';
import type { PublicationChange, PublicationStore } from '../ports.ts';
import type { Presentities } from '../presentities.ts';
import { withoutTag, type PresentityRecord } from '../presentity-record.ts';
import {
  decidePublication,
  publicationsMax,
  type PublicationDecision,
  type PublicationRefusal,
  type PublicationRequest,
} from './publication-state.ts';
import { decideElsewhere, elsewhereTag, type ElsewhereWord } from './presence-elsewhere.ts';
import { reviseStandingWords, type StandingRevision } from './standing-words.ts';

export interface PublishRequest extends PublicationRequest {
  readonly presentity: Address;
  /** Who asks, as authenticated. */
  readonly publisher: Address;
}

export type PublishOutcome =
  /** `expires` in seconds; 0 after a removal. The tag is new every time (RFC 3903 6 step 6). */
  | { readonly kind: 'published'; readonly entityTag: string; readonly expires: number }
  /** 403: nobody publishes for somebody else. */
  | { readonly kind: 'not-allowed' }
  /** 503: as many wait their turn as may; nothing was changed. */
  | { readonly kind: 'too-fast' }
  /** 503: nothing was changed. Seconds. */
  | { readonly kind: 'store-unavailable'; readonly retryAfter: number }
  | PublicationRefusal;

/** An outcome, and what listeners do about the change before the answer may go. */
export interface Published {
  readonly outcome: PublishOutcome;
  readonly heard: readonly Promise<void>[];
}

export interface PublisherSurroundings {
  readonly store: PublicationStore;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly deliverOn: DeliverOn;
  readonly presentities: Presentities;
  readonly writer: BackgroundWriter;
}

const entityTagBits = 80;

export class Publisher {
  readonly #surroundings: PublisherSurroundings;

  constructor(surroundings: PublisherSurroundings) {
    this.#surroundings = surroundings;
  }

  /** One at a time for one presentity. Rejects with the store's `StoreFault`. */
  publish(request: PublishRequest): Promise<Published> {
    const { presentities, ids } = this.#surroundings;
    const record = presentities.recordOf(request.presentity);
    const { length: size } = record.publications;
    const decision = decidePublication(request, { has: (tag) => record.hasTag(tag), size });
    return this.#carryOut(decision, record, ids.randomToken(entityTagBits));
  }

  /** One commit for all words. One at a time for one presentity. Rejects with the store's `StoreFault`. */
  async revise(revision: StandingRevision): Promise<Published> {
    const { presentities, ids } = this.#surroundings;
    const record = presentities.recordOf(revision.presentity);
    const version = presentities.nextVersion(record);
    const token = ids.randomToken(entityTagBits);
    const changes = reviseStandingWords(record.publications, revision, { namedAt: version, token });
    const grown = changes?.filter(({ replaces }) => replaces === undefined).length ?? 0;
    if (changes === undefined || record.publications.length + grown > publicationsMax) {
      return { outcome: { kind: 'too-many' }, heard: [] };
    }
    const outcome = { kind: 'published', entityTag: token, expires: 0 } as const;
    return changes.length === 0 ? { outcome, heard: [] } : this.#commit(record, version, changes, outcome);
  }

  /** What another presence server says. One at a time for one presentity. Rejects with the store's `StoreFault`. */
  async hearElsewhere(word: ElsewhereWord): Promise<Published> {
    const { presentities, ids } = this.#surroundings;
    const { presentity, expiresAt } = word;
    const record = presentities.recordOf(presentity);
    const decision = decideElsewhere(record.publications, word);
    const entityTag = elsewhereTag(ids.randomToken(entityTagBits));
    if (decision.kind === 'prolong') return this.#prolong(record, decision.entityTag, entityTag, expiresAt);
    const outcome = { kind: 'published', entityTag, expires: 0 } as const;
    if (decision.kind !== 'change') return { outcome, heard: [] };
    const { replaces, content } = decision;
    const namedAt = presentities.nextVersion(record);
    const publication =
      content === undefined
        ? {}
        : {
            publication: {
              presentity,
              entityTag,
              expiresAt,
              namedAt,
              ...content,
              document: ownCopy(content.document),
            },
          };
    const replaced = replaces === undefined ? {} : { replaces };
    return this.#commit(record, namedAt, [{ ...replaced, ...publication }], outcome);
  }

  #carryOut(decision: PublicationDecision, record: PresentityRecord, entityTag: string): Promise<Published> {
    switch (decision.kind) {
      case 'create':
      case 'modify': {
        const { expires, content } = decision;
        const version = this.#surroundings.presentities.nextVersion(record);
        const publication = {
          presentity: record.presentity,
          entityTag,
          expiresAt: this.#expiresAt(expires),
          state: content.state,
          namedAt: version,
          document: ownCopy(content.document),
        };
        const replaced = decision.kind === 'modify' ? { replaces: decision.entityTag } : {};
        return this.#commit(record, version, [{ ...replaced, publication }], { kind: 'published', entityTag, expires });
      }
      case 'refresh':
        return this.#refresh(record, decision, entityTag);
      case 'remove': {
        const version = this.#surroundings.presentities.nextVersion(record);
        const outcome = { kind: 'published', entityTag, expires: 0 } as const;
        return this.#commit(record, version, [{ replaces: decision.entityTag }], outcome);
      }
      case 'nothing':
        return Promise.resolve({ outcome: { kind: 'published', entityTag, expires: 0 }, heard: [] });
      default:
        return Promise.resolve({ outcome: decision, heard: [] });
    }
  }

  /** One commit that replaces, adds or removes publications, with the values that are known after it. */
  async #commit(
    record: PresentityRecord,
    version: number,
    changes: readonly Pick<PublicationChange, 'replaces' | 'publication'>[],
    outcome: PublishOutcome,
  ): Promise<Published> {
    const { store, deliverOn, clock, presentities, writer } = this.#surroundings;
    const { presentity } = record;
    let after = record.publications;
    for (const { replaces, publication } of changes) {
      const rest = replaces === undefined ? after : withoutTag(after, replaces);
      after = publication === undefined ? rest : [...rest, publication];
    }
    const foresight = record.foresee(deliverOn, clock.wall(), version, after);
    const { lastKnown } = foresight.snapshot;
    await store.change(changes.map((change) => ({ ...change, presentity, version, lastKnown })));
    for (const { replaces, publication } of changes) {
      // The account went while this was on its way: a new one of the name inherits nothing.
      if (record.isForgotten && publication !== undefined) writer.add(record, publication.entityTag);
      if (record.isForgotten) continue;
      if (replaces !== undefined) record.removePublication(replaces);
      if (publication !== undefined) presentities.add(record, publication);
    }
    if (record.isForgotten) return { outcome, heard: [] };
    record.savedLastKnown = lastKnown;
    return { outcome, heard: presentities.update(record, foresight) };
  }

  async #refresh(
    record: PresentityRecord,
    decision: { readonly entityTag: string; readonly expires: number },
    entityTag: string,
  ): Promise<Published> {
    const { expires } = decision;
    const prolonged = await this.#prolong(record, decision.entityTag, entityTag, this.#expiresAt(expires));
    const { outcome } = prolonged;
    return outcome.kind === 'published' ? { ...prolonged, outcome: { ...outcome, expires } } : prolonged;
  }

  async #prolong(record: PresentityRecord, oldTag: string, entityTag: string, expiresAt: Millis): Promise<Published> {
    const old = record.publications.find((publication) => publication.entityTag === oldTag);
    if (old === undefined) return { outcome: { kind: 'unknown-tag' }, heard: [] };
    await this.#surroundings.store.refresh(record.presentity, oldTag, entityTag, expiresAt);
    if (record.isForgotten) return { outcome: { kind: 'unknown-tag' }, heard: [] };
    record.removePublication(oldTag);
    this.#surroundings.presentities.add(record, { ...old, entityTag, expiresAt });
    // A change only when the publication had run out while this was on its way to the store.
    return {
      outcome: { kind: 'published', entityTag, expires: 0 },
      heard: this.#surroundings.presentities.update(record),
    };
  }

  #expiresAt(expires: number): Millis {
    return this.#surroundings.clock.wall() + expires * 1_000;
  }
}

/** Documents arrive as views of large buffers, which a kept view would keep whole. */
function ownCopy(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
}
