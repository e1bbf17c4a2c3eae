/** The faults: a piece of a source of the server that stands there once, and what takes its place. */
export interface PlantedFault {
  readonly name: string;
  /** What a reader is told. */
  readonly words: string;
  readonly file: string;
  readonly is: string;
  readonly becomes: string;
}

const mailbox = 'src/delivery/mailbox';

export const plantedFaults: readonly PlantedFault[] = [
  {
    name: 'answer-before-commit',
    words: 'a sender is told that a message is kept before it is durable',
    file: `${mailbox}/new-row.ts`,
    is: 'outcome = await writing;',
    becomes: `writing.catch(() => undefined);
      const fresh = { sequence: 1, acceptedState: row.state, attempts: 0, messageFailures: 0 };
      outcome = { kind: 'stored', entry: { ...row, ...fresh, isAside: false, refusedBy: [] } };`,
  },
  {
    name: 'expiry-at-attempt',
    words: 'the end of validity is not looked at when a message is sent',
    file: 'src/delivery/decide-delivery.ts',
    is: `function decideStart(facts: EntryFacts): Decision {
  if (facts.isExpired) return expired;`,
    becomes: 'function decideStart(facts: EntryFacts): Decision {',
  },
  {
    name: 'authorisation-on-release',
    words: 'a condition is authorised when it comes, and not any more when it is evaluated again',
    file: 'src/conditions/evaluate-condition.ts',
    is: 'for (const attribute of condition.attributes) if (!view.mayRead(attribute)) return false;',
    becomes: '',
  },
  {
    name: 'one-view-for-all',
    words: 'what one sender may see decides for all senders',
    file: `${mailbox}/entry-evaluation.ts`,
    is: 'let view = this.#views.get(sender);',
    becomes: 'let view = [...this.#views.values()][0];',
  },
  {
    name: 'cseq-after-restart',
    words: 'attempts are numbered from the beginning after a restart',
    file: 'src/stores/memory/memory-stores.ts',
    is: 'attempts: entry.attempts + attemptsPerRun',
    becomes: 'attempts: 0',
  },
  {
    name: 'quota-by-one',
    words: 'the quota of a recipient is one too large',
    file: 'src/stores/quota-rule.ts',
    is: 'usage.messages + 1 > quotas.recipientMessages',
    becomes: 'usage.messages > quotas.recipientMessages',
  },
  {
    name: 'overtaking',
    words: 'a new message is sent on at once though earlier ones wait',
    file: `${mailbox}/acceptance.ts`,
    is: 'return counts.waiting > 0 || writing > 0 || this.#row.hasLatch;',
    becomes: 'return (counts.waiting > 0 && writing < 0) || this.#row.hasLatch;',
  },
  {
    name: 'page-backwards',
    words: 'a page of what waits is sent from its end',
    file: `${mailbox}/release.ts`,
    is: 'for (const { id, sequence } of page) {',
    becomes: 'for (const { id, sequence } of [...page].reverse()) {',
  },
  {
    name: 'told-by-order',
    words: 'what waited for a client goes before what that client makes true',
    file: `${mailbox}/release.ts`,
    is: 'if (this.#mailbox.turnstile.isBusy) await this.#mailbox.changesPassed();',
    becomes: '',
  },
  {
    name: 'window-and-one',
    words: 'a client gets one message more at once than it can take',
    file: `${mailbox}/lane.ts`,
    is: 'while (this.isUp && this.#open.length < this.target.window) {',
    becomes: 'while (this.isUp && this.#open.length <= this.target.window) {',
  },
  {
    name: 'no-back-off',
    words: 'a client that failed is tried again after five seconds',
    file: `${mailbox}/lane.ts`,
    is: 'this.#resume = this.#time.timers.at(this.#time.monotonic() + pause, () => {',
    becomes: 'this.#resume = this.#time.timers.at(this.#time.monotonic() + Math.min(pause, 5000), () => {',
  },
  {
    name: 'forgetful-latch',
    words: 'that a change was seen is not written down',
    file: `${mailbox}/entry-evaluation.ts`,
    is: 'if (latches !== entry.latches) changes.latches = latches;',
    becomes: '',
  },
  {
    name: 'ready-for-good',
    words: 'what was ready once stays so though its condition ceased to hold, and is not asked any more',
    file: 'src/delivery/decide-delivery.ts',
    is: "  if (!facts.holds) return { kind: 'hold' };\n  if (!facts.isBlocked) return { kind: 'attempt' };",
    becomes: "  if (facts.state === 'waiting' && !facts.isBlocked) return { kind: 'attempt' };",
  },
  {
    name: 'blocked-later',
    words: 'who is blocked after acceptance is not asked for',
    file: `${mailbox}/mailbox-ledger.ts`,
    is: '      isBlocked,\n      blockedAnswer: policy.blockedAnswer,',
    becomes: '      isBlocked: isBlocked && false,\n      blockedAnswer: policy.blockedAnswer,',
  },
  {
    name: 'date-of-release',
    words: 'Date of a kept message is a little later than that of its acceptance',
    file: 'src/endpoints/sip/messaging/write-pager-message.ts',
    is: "rows.push(['Date', formatSipDate(message.sentAt)]);",
    becomes: "rows.push(['Date', formatSipDate(outgoing.isDeferred ? message.sentAt + 2000 : message.sentAt)]);",
  },
  {
    name: 'same-message-twice',
    words: 'a message that is kept already is not known again',
    file: 'src/stores/memory/memory-history.ts',
    is: 'if (entry !== undefined) return knownOf(entry, entry.acceptedState);',
    becomes: '',
  },
  {
    name: 'documents-for-all',
    words: 'watchers see attributes that they may not see',
    file: 'src/presence/visible-presence.ts',
    is: 'if (maySee(attributes, name)) (visible',
    becomes: 'if (maySee(attributes, name) || attributes.size > 0) (visible',
  },
  {
    name: 'lost-refusals',
    words: 'a client that refused a message for good gets it again',
    file: `${mailbox}/open-delivery.ts`,
    is: 'return this.refusedBy.some((refusal) => refusal.targetId === lane.target.device);',
    becomes: 'return this.refusedBy.some((refusal) => refusal.targetId === lane.target.device && this.isRecalled);',
  },
  {
    name: 'acknowledged-too-early',
    words: 'an acknowledgement over HTTP of what has no row yet is answered though one is being written',
    file: 'src/delivery/desks/inbox.ts',
    is: '      await closed;\n      const { entry',
    becomes:
      "      if (delivery.entry === undefined) return { kind: 'done' };\n      await closed;\n      const { entry",
  },
  {
    name: 'turned-away-elsewhere',
    words: 'what its recipient turned away goes to another client in whose line it stands',
    file: `${mailbox}/open-delivery.ts`,
    is: 'this.isRecalled || this.isTurnedAway) return false;',
    becomes: 'this.isRecalled) return false;',
  },
  {
    name: 'hasty-recall',
    words: 'a recall does not wait for the attempt that is open',
    file: 'src/delivery/desks/second-thoughts.ts',
    is: '      await closed;',
    becomes: '',
  },
  {
    name: 'recall-of-the-ended',
    words: 'a recall takes back an attempt that has ended and whose row is about to wait again',
    file: 'src/delivery/desks/second-thoughts.ts',
    is: 'if (hasEnded) return this.recall(sender, id);',
    becomes: '',
  },
  {
    name: 'recall-reported',
    words: 'a recall is reported as a failure',
    file: 'src/delivery/report-policy.ts',
    is: "    case 'recalled':\n",
    becomes: "    case 'recalled':\n      return wanted({ id, message, state, at }, ['failed']);\n",
  },
  {
    name: 'lost-reports',
    words: 'reports are taken for told when no stream was there',
    file: 'src/endpoints/http/events/own-events.ts',
    is: '.includes(true)) break;',
    becomes: '.includes(true) && page.length > 99) break;',
  },
  {
    name: 'list-of-all',
    words: 'a plain list over HTTP shows what is held',
    file: 'src/stores/memory/memory-mailbox-reads.ts',
    is: "entry.state === 'waiting' : entry.message.sender",
    becomes: "entry.state !== 'expired' : entry.message.sender",
  },
  {
    name: 'content-with-time',
    words: 'a message over HTTP tells when it was released',
    file: 'src/endpoints/http/message-words.ts',
    is: 'deferred: isDeferred,',
    becomes: 'deferred: isDeferred,\n    ...(isDeferred ? { released: true } : {}),',
  },
  {
    name: 'gap-in-events',
    words: 'events that wait for an acknowledgement take two numbers',
    file: 'src/endpoints/http/events/event-stream.ts',
    is: 'event: this.#position.event + 1 }',
    becomes: "event: this.#position.event + (name === 'message' ? 2 : 1) }",
  },
  {
    name: 'short-lease',
    words: 'what a stream does not acknowledge within five seconds is offered again',
    file: 'src/endpoints/http/events/stream-target.ts',
    is: 'export const leaseMs: Millis = 30_000;',
    becomes: 'export const leaseMs: Millis = 5_000;',
  },
  {
    name: 'key-forgotten',
    words: 'a message with an Idempotency-Key is taken twice',
    file: 'src/endpoints/http/api/sending/message-terms.ts',
    is: 'return { duplicateKeys: [name, contentKey], contentKey };',
    becomes: 'return { duplicateKeys: [] };',
  },
];
