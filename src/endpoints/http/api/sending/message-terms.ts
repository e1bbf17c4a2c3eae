/** What a sender says of a message however its content comes: validity, the wait for a delivery, and its name. */
import { hash } from 'node:crypto';
import type { Millis } from '../../../../base/time/clock.ts';
import type { Submission } from '../../../../delivery/submission.ts';
import { senderWidePrefix } from '../../../../model/submission-name.ts';
import { malformed } from '../refusals.ts';

/** How long a POST waits for a delivery, and how long `Prefer: wait` may make it wait. */
export const deliveryWaitMs: Millis = 500;
export const deliveryWaitMsMax: Millis = 60_000;

export interface Sending {
  readonly now: Millis;
  readonly waitMs: Millis;
  readonly key?: string;
}

/** RFC 7240 4.3; undefined where it is not asked for. */
export function waitOf(prefer: string | undefined): Millis | undefined {
  const seconds = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,9})"?/i.exec(prefer ?? '')?.[1];
  return seconds === undefined ? undefined : Math.min(Number(seconds) * 1000, deliveryWaitMsMax);
}

export interface ValidityWords {
  readonly expiresIn?: number | undefined;
  readonly expiresAt?: string | undefined;
}

/** Throws the 400 that says what is wrong with it. */
export function validityOf({ expiresIn, expiresAt }: ValidityWords, now: Millis): Millis | undefined {
  if (expiresIn !== undefined) return Math.floor(expiresIn * 1000);
  if (expiresAt === undefined) return undefined;
  const validityMs = Date.parse(expiresAt) - now;
  if (!(validityMs >= 0)) throw malformed('malformed-request', `expiresAt: ${expiresAt} is over`);
  return validityMs;
}

/** The key names the message among all of its sender's; with the content it tells a repetition from another message. */
export function namesOf(key: string | undefined, content: unknown): Pick<Submission, 'duplicateKeys' | 'contentKey'> {
  if (key === undefined) return { duplicateKeys: [] };
  const name = nameOf(key);
  const contentKey = `${name} ${hash('sha256', JSON.stringify(content), 'base64url')}`;
  return { duplicateKeys: [name, contentKey], contentKey };
}

export function nameOf(key: string): string {
  return `${senderWidePrefix}http ${key}`;
}
