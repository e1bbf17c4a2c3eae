/**
 * The door to the assistant: what is sent to `inbox@DOMAIN` is answered as delivered when it was taken in, then read, done,
 * and answered in words. Never answers what no person wrote (RFC 3834), so that two machines never talk to each other.
 */
import { isReservedAddress } from '../accounts/new-account.ts';
import type { Counters } from '../base/counters.ts';
import type { IdSource } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import { StoreFault } from '../base/store-fault.ts';
import type { Millis } from '../base/time/clock.ts';
import type { Timers } from '../base/time/timers.ts';
import { relayedRememberedMs } from '../delivery/delivery-policy.ts';
import { nextTurn } from '../delivery/pacing/next-turn.ts';
import { RateLimiter } from '../delivery/checks/rate-limiter.ts';
import { RecentKeys } from '../delivery/checks/recent-keys.ts';
import type { Submission, SubmissionOutcome, SubmissionRefusal } from '../delivery/submission.ts';
import { type Address, domainOf, userOf } from '../model/address.ts';
import type { InstantMessage } from '../model/instant-message.ts';
import { submissionName } from '../model/submission-name.ts';
import { Turns } from '../presence/turns.ts';
import type { Asking, Lines, Rooms } from './acts/asking.ts';
import { obey, sayFault } from './acts/obey.ts';
import { sayRefusal } from './acts/refusal-words.ts';
import { cutAnswer } from './answer-text.ts';
import { Conversations } from './conversation.ts';
import type { ReadText } from './ports.ts';
import { parseCommand } from './reading/parse-command.ts';

/** Commands of one asker in `commandsPerMs`, whoever vouches for them: what loops past every other check ends here. */
export const commandsMax = 60;
export const commandsPerMs: Millis = 60_000;
/** How long an answer waits that the client which asked did not take. */
export const answerKeptMs: Millis = 600_000;

const assistantUser = 'inbox';

export interface AssistantWiring extends Rooms {
  readonly timers: Timers;
  readonly ids: IdSource;
  readonly log: Log;
  readonly counters: Counters;
  readonly readText: ReadText;
}

export class Assistant {
  readonly #wiring: AssistantWiring;
  readonly #conversations = new Conversations();
  readonly #turns = new Turns();
  readonly #rates = new RateLimiter({ requests: commandsMax, perMs: commandsPerMs });
  readonly #heard: RecentKeys;

  constructor(wiring: AssistantWiring) {
    this.#wiring = wiring;
    this.#heard = new RecentKeys(relayedRememberedMs, wiring.clock.monotonic());
  }

  isMeant(recipient: Address): boolean {
    return userOf(recipient) === assistantUser && this.#wiring.directory.serves(domainOf(recipient));
  }

  /** `clients`: ids of the targets that an answer goes to. What is asked for is done after the answer to it. */
  async hear(submission: Submission, clients: readonly string[]): Promise<SubmissionOutcome> {
    const { message } = submission;
    const refusal = this.#checkAtOnce(submission) ?? (await this.#checkSender(message.sender));
    if (refusal !== undefined) return { kind: 'refused', refusal };
    if (submission.isTransient || submission.isAutomatic === true || isReservedAddress(message.sender)) return dropped;
    const text = message.body.length === 0 ? '' : this.#wiring.readText(message);
    if (text === undefined) return { kind: 'refused', refusal: noText };
    if (text.trim() === '') return dropped;
    return this.#repeated(submission) ?? this.#take(submission, clients, text);
  }

  /** The account is gone; whoever has its name next continues nothing. */
  forget(owner: Address): void {
    this.#conversations.forget(owner);
  }

  #checkAtOnce({ message, condition }: Submission): SubmissionRefusal | undefined {
    const { isConditional, bodyBytesMax } = this.#wiring.settings;
    if (message.body.length > bodyBytesMax) return { reason: 'too-large', bytesMax: bodyBytesMax };
    if (condition === undefined) return undefined;
    return isConditional ? noCondition : { reason: 'conditional-delivery-not-supported' };
  }

  /** Nobody can be answered who has no account here. */
  async #checkSender(sender: Address): Promise<SubmissionRefusal | undefined> {
    try {
      const standing = await this.#wiring.directory.lookUp(sender);
      return standing === 'known' ? undefined : { reason: 'unknown-recipient' };
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      return { reason: 'store-unavailable', retryAfterMs: 1000 };
    }
  }

  /** The same again, by another way, is done once. */
  #repeated({ message, duplicateKeys, contentKey }: Submission): SubmissionOutcome | undefined {
    const now = this.#wiring.clock.monotonic();
    const nameOf = (key: string): string => submissionName(message.sender, message.recipient, key);
    if (!duplicateKeys.some((key) => this.#heard.has(nameOf(key), now))) return undefined;
    const isSame = contentKey === undefined || this.#heard.has(nameOf(contentKey), now);
    if (!isSame) return { kind: 'refused', refusal: { reason: 'key-used-otherwise' } };
    return { kind: 'delivered', id: '', expiresAt: 0 };
  }

  #take(submission: Submission, clients: readonly string[], text: string): SubmissionOutcome {
    const { clock, timers, ids, counters } = this.#wiring;
    const { sender: owner, recipient: assistant } = submission.message;
    const now = clock.monotonic();
    const waitMs = this.#rates.take(owner, now);
    if (waitMs > 0) return tooMany(waitMs);
    const turn = this.#turns.take(owner, async () => {
      // After the answer to what asks for it has left.
      await nextTurn(timers, clock);
      const conversation = this.#conversations.of(owner, clock.monotonic());
      await this.#serve({ owner, assistant, clients, conversation, submission }, text);
    });
    if (turn === undefined) return tooMany(commandsPerMs / commandsMax);
    for (const key of submission.duplicateKeys) this.#heard.add(submissionName(owner, assistant, key), now);
    counters.add('restante_assistant_commands_total');
    const id = ids.timeOrderedId();
    this.#confirm(id, submission.message);
    return { kind: 'delivered', id, expiresAt: clock.wall() };
  }

  /** Whoever asked to be told is told that it was delivered and read. */
  #confirm(
    messageId: string,
    { sender: owner, recipient, origin, reportsWanted, reportReference }: InstantMessage,
  ): void {
    const { delivery, clock } = this.#wiring;
    const about = { owner, protocol: origin, messageId, recipient, at: clock.wall() };
    const reference = reportReference === undefined ? {} : { reference: reportReference };
    const kinds = (['delivered', 'displayed'] as const).filter((kind) => reportsWanted.includes(kind));
    const reports = kinds.map((kind) => ({ ...about, ...reference, kind, state: kind }));
    if (reports.length > 0) void delivery.reports.addOrLose(reports);
  }

  async #serve(asking: Asking, text: string): Promise<void> {
    const reading = parseCommand(text);
    let lines: Lines;
    try {
      lines = reading.ok ? await obey(reading.value, asking, this.#wiring) : sayFault(reading.error);
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      this.#wiring.log.warn({ asker: asking.owner, fault: fault.message }, 'a command waits for the store');
      lines = [`I could not do that: ${sayRefusal({ reason: 'store-unavailable', retryAfterMs: 1000 })}.`];
    }
    const answer = cutAnswer(lines);
    asking.conversation.rest = answer.rest;
    await this.#answer(asking, answer.text);
  }

  /** To the client that asked; where that does not take it, like any message to the asker, for a while. */
  async #answer({ owner, assistant, clients, submission }: Asking, text: string): Promise<void> {
    const { delivery, clock } = this.#wiring;
    const now = clock.wall();
    const message: InstantMessage = {
      sender: assistant,
      recipient: owner,
      origin: submission.message.origin,
      sentAt: now - (now % 1000),
      contentType: 'text/plain;charset=UTF-8',
      body: new TextEncoder().encode(text),
      autoSubmitted: 'auto-replied',
      reportsWanted: [],
    };
    if ((await delivery.handOuts.tell(message, clients)).kind === 'taken') return;
    const rest = { duplicateKeys: [], isTrusted: true, isTransient: false, isAutomatic: true };
    await delivery.submit({ message, validityMs: answerKeptMs, ...rest });
  }
}

const dropped: SubmissionOutcome = { kind: 'dropped' };
const noText: SubmissionRefusal = { reason: 'refused-by-recipient', status: 'sip 415 Unsupported Media Type' };
const noCondition: SubmissionRefusal = {
  reason: 'malformed-condition',
  position: 0,
  detail: 'the assistant waits for nothing; write to it: when CONDITION to NAME: TEXT',
};

function tooMany(retryAfterMs: Millis): SubmissionOutcome {
  return { kind: 'refused', refusal: { reason: 'too-many-requests', retryAfterMs } };
}
