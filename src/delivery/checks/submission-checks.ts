/**
 * What can be said of a message before a mailbox is touched, in the order of contract section 5: rate, condition, size,
 * recipient, repetition, attributes, block. The body need not be there yet.
 */
import type { Millis } from '../../base/time/clock.ts';
import type { Condition } from '../../conditions/condition.ts';
import type { Address } from '../../model/address.ts';
import type { ReportKind } from '../../model/delivery-report.ts';
import { submissionName } from '../../model/submission-name.ts';
import { relayedRememberedMs } from '../delivery-policy.ts';
import type { DeliverySurroundings } from '../mailbox/delivery-surroundings.ts';
import type { RecipientStanding } from '../ports.ts';
import type { Submission, SubmissionOutcome, SubmissionRefusal } from '../submission.ts';
import { RateLimiter } from './rate-limiter.ts';
import { RecentKeys } from './recent-keys.ts';
import { answerRepetition } from './repetition.ts';

export type Checked =
  | { readonly kind: 'refused'; readonly refusal: SubmissionRefusal }
  | { readonly kind: 'repeated'; readonly outcome: SubmissionOutcome }
  | PassedChecks;

export interface PassedChecks {
  readonly kind: 'passed';
  readonly submission: Submission;
  readonly condition: Condition | undefined;
  readonly isBlocked: boolean;
}

/** How large its body is, or may become, and may be. */
export interface BodySize {
  readonly bytes: number;
  readonly bytesMax: number;
}

export class SubmissionChecks {
  readonly #surroundings: DeliverySurroundings;
  readonly #relayed: RecentKeys;
  readonly #rates: RateLimiter;

  constructor(surroundings: DeliverySurroundings) {
    const { policy, clock } = surroundings;
    this.#surroundings = surroundings;
    this.#relayed = new RecentKeys(relayedRememberedMs, clock.monotonic());
    this.#rates = new RateLimiter(policy.rate);
  }

  /** One more message, or report, of this sender. */
  rateOf(sender: Address, isTrusted: boolean): SubmissionRefusal | undefined {
    const waitMs = isTrusted ? 0 : this.#rates.take(sender, this.#surroundings.clock.monotonic());
    return waitMs > 0 ? { reason: 'too-many-requests', retryAfterMs: waitMs } : undefined;
  }

  atOnce(
    { message, condition, isTrusted, prepared }: Submission,
    { bytes, bytesMax }: BodySize,
  ): SubmissionRefusal | undefined {
    const slowedDown = this.rateOf(message.sender, isTrusted || prepared !== undefined);
    if (slowedDown !== undefined) return slowedDown;
    if (condition !== undefined) {
      const parsed = this.#surroundings.conditions.parse(condition);
      if (!parsed.ok) {
        return { reason: 'malformed-condition', position: parsed.error.position, detail: parsed.error.reason };
      }
    }
    return bytes > bytesMax ? { reason: 'too-large', bytesMax } : undefined;
  }

  /** `names`: of the submission, see `keyNames`. Rejects with `StoreFault`. */
  async inTurn(submitted: Submission, names: readonly string[]): Promise<Checked> {
    const { recipient, sender } = submitted.message;
    const { directory } = this.#surroundings;
    const reporting = directory.wantsReportsInWords?.(sender) ?? false;
    const submission = toldInWords(submitted, typeof reporting === 'boolean' ? reporting : await reporting);
    const standing = directory.lookUp(recipient);
    const refusal = standingRefusal(typeof standing === 'string' ? standing : await standing);
    if (refusal !== undefined) return { kind: 'refused', refusal };
    const known = this.#knownOutcome(submission, names);
    if (known !== undefined) {
      const outcome = await known;
      if (outcome !== undefined) return { kind: 'repeated', outcome };
    }
    // Looked up first, since a block may show itself as presence that is not true; acted on last (contract section 5).
    const blocked = directory.hasBlocked(recipient, sender);
    const isBlocked = typeof blocked === 'boolean' ? blocked : await blocked;
    const condition = this.#conditionOf(submission);
    const unauthorised = this.#checkCondition(submission, condition);
    if (unauthorised !== undefined) return { kind: 'refused', refusal: unauthorised };
    return { kind: 'passed', submission, condition, isBlocked };
  }

  /** It was delivered and is written nowhere, or its row says so; the same again is known for a while. */
  delivered(names: readonly string[]): void {
    for (const name of names) this.#relayed.add(name, this.#surroundings.clock.monotonic());
  }

  /** The same message again is answered as the first time. Undefined at once where it is surely new, which is usual. */
  #knownOutcome(
    submission: Submission,
    names: readonly string[],
  ): SubmissionOutcome | Promise<SubmissionOutcome | undefined> | undefined {
    const { message, duplicateKeys, contentKey } = submission;
    const { store, clock } = this.#surroundings;
    const now: Millis = clock.monotonic();
    for (const name of names) {
      if (!this.#relayed.has(name, now)) continue;
      const isSame = contentKey === undefined || this.#relayed.has(contentNameOf(submission), now);
      return isSame ? { kind: 'delivered', id: '', expiresAt: 0 } : usedOtherwise;
    }
    if (!store.mayKnow(message.sender, message.recipient, duplicateKeys)) return undefined;
    return this.#storedOutcome(submission);
  }

  async #storedOutcome(submission: Submission): Promise<SubmissionOutcome | undefined> {
    const { message, duplicateKeys } = submission;
    const { store } = this.#surroundings;
    const known = await store.findDuplicate(message.sender, message.recipient, duplicateKeys);
    if (known === undefined) return undefined;
    return (await answerRepetition(store, submission, known)) ?? this.#storedOutcome(submission);
  }

  #conditionOf({ condition }: Submission): Condition | undefined {
    return condition === undefined ? undefined : this.#surroundings.conditions.compiled(condition);
  }

  #checkCondition({ message }: Submission, condition: Condition | undefined): SubmissionRefusal | undefined {
    if (condition === undefined) return undefined;
    const { policy, presence } = this.#surroundings;
    if (!policy.isConditional) return { reason: 'conditional-delivery-not-supported' };
    const { recipient, sender } = message;
    const visible = presence.visiblePresence(recipient, sender, presence.current(recipient));
    const attributes = condition.attributes.filter((attribute) => !visible.mayRead(attribute));
    return attributes.length > 0 ? { reason: 'attribute-not-authorised', attributes } : undefined;
  }
}

export const usedOtherwise: SubmissionOutcome = { kind: 'refused', refusal: { reason: 'key-used-otherwise' } };

/** Who asked for reports with the message itself is told in that way alone; a program is told nothing that it must read. */
function toldInWords(submission: Submission, isWanted: boolean): Submission {
  const { message, isTransient, isAutomatic = false } = submission;
  if (!isWanted || isTransient || isAutomatic || message.reportsWanted.length > 0) return submission;
  return { ...submission, message: { ...message, reportsWanted: reportKinds, reportsInWords: true } };
}

const reportKinds: readonly ReportKind[] = ['stored', 'delivered', 'displayed', 'failed'];

export function keyNames({ message, duplicateKeys }: Submission): string[] {
  return duplicateKeys.map((key) => submissionName(message.sender, message.recipient, key));
}

function contentNameOf({ message, contentKey = '' }: Submission): string {
  return submissionName(message.sender, message.recipient, contentKey);
}

export function standingRefusal(standing: RecipientStanding): SubmissionRefusal | undefined {
  if (standing === 'known') return undefined;
  return { reason: standing === 'unknown' ? 'unknown-recipient' : 'domain-not-served' };
}
