/** Everything that the ports of the stores promise, for one adapter. A test file calls it with a way to open that adapter. */
import { describe, expect, it } from 'vitest';
import { StoreFault } from '../../src/base/store-fault.ts';
import type { Stores } from '../../src/stores/stores.ts';
import { describeAdministration } from './administration.ts';
import { describeBindings } from './bindings.ts';
import { describeDocuments, listOf } from './documents.ts';
import { describeImpsSessions } from './imps-sessions.ts';
import { describeMailboxChanges } from './mailbox/mailbox-changes.ts';
import { describeMailboxCollecting } from './mailbox/mailbox-collecting.ts';
import { describeMailboxHistory } from './mailbox/mailbox-history.ts';
import { describeMailboxLarge } from './mailbox/mailbox-large.ts';
import { describeMailboxPuts } from './mailbox/mailbox-puts.ts';
import { describeMailboxQuotas } from './mailbox/mailbox-quotas.ts';
import { describeMailboxReads } from './mailbox/mailbox-reads.ts';
import { describePresence } from './presence.ts';
import { describeReports } from './reports.ts';
import { describeTranscripts } from './transcripts.ts';
import { describeWatchers } from './watchers.ts';
import { binding, generous, newEntry, someone } from './samples.ts';
import type { OpenSubject } from './subject.ts';

export function describeMailboxStore(name: string, open: OpenSubject): void {
  describe(`mailboxes of ${name}`, () => {
    describeMailboxPuts(open);
    describeMailboxQuotas(open);
    describeMailboxLarge(open);
    describeMailboxChanges(open);
    describeMailboxReads(open);
    describeMailboxHistory(open);
    describeMailboxCollecting(open);
  });
}

export function describeOtherStores(name: string, open: OpenSubject): void {
  describe(`the other stores of ${name}`, () => {
    describeAdministration(open);
    describePresence(open);
    describeDocuments(open);
    describeTranscripts(open);
    describeReports(open);
    describeBindings(open);
    describeImpsSessions(open);
    describeWatchers(open);
  });
  describe(`the end of ${name}`, () => {
    itCompletesWhatWasIssued(open);
    itRefusesWhatComesLater(open);
  });
}

function itCompletesWhatWasIssued(open: OpenSubject): void {
  it('waits for what was issued before', async () => {
    const subject = await open();
    const entries = Array.from({ length: 50 }, () => newEntry());
    const puts = Promise.all(entries.map((entry) => subject.stores.mailbox.put(entry, generous)));
    await subject.reopen();
    expect((await puts).map((outcome) => outcome.kind)).toEqual(Array(50).fill('stored'));
    for (const { id, message } of entries) {
      expect(await subject.stores.mailbox.find(message.recipient, id)).toBeDefined();
    }
    await subject.dispose();
  });
}

function itRefusesWhatComesLater(open: OpenSubject): void {
  const calls: readonly (readonly [string, (stores: Stores) => Promise<unknown>])[] = [
    ['a put', ({ mailbox }) => mailbox.put(newEntry(), generous)],
    ['a mailbox read', ({ mailbox }) => mailbox.nextDueAt()],
    ['an account', ({ accounts }) => accounts.find(someone('tom'))],
    ['a report', ({ reports }) => reports.reports({ owner: someone('tom'), protocol: 'http', limit: 1 })],
    ['a token', ({ tokens }) => tokens.find('00')],
    ['a block', ({ blocks }) => blocks.addBlock(someone('mary'), someone('tom'))],
    ['the journal', ({ journal }) => journal.latest()],
    ['a publication', ({ publications }) => publications.publications(undefined, 1)],
    ['a rule', ({ rules }) => rules.setRules(someone('mary'), [])],
    ['a document', ({ documents }) => documents.read(listOf(someone('mary')))],
    ['a transcript', ({ transcripts }) => transcripts.isKept(someone('mary'))],
    ['a subscription', ({ subscriptions }) => subscriptions.change([{ kind: 'remove', id: 'a' }])],
    ['a watcher who waits', ({ waitingWatchers }) => waitingWatchers.waiting(undefined, 1)],
    ['an IMPS session', ({ impsSessions }) => impsSessions.sessions(undefined, 1)],
    ['a binding', ({ bindings }) => bindings.change([{ kind: 'put', binding: binding('mary@example.com', 'k') }])],
  ];
  it('rejects every call that comes afterwards, for good', async () => {
    const subject = await open();
    await subject.stores.close();
    const answers: [string, boolean][] = [];
    for (const [name, call] of calls) {
      const fault: unknown = await call(subject.stores).catch((error: unknown) => error);
      answers.push([name, fault instanceof StoreFault && !fault.isTemporary]);
    }
    expect(answers).toEqual(calls.map(([name]) => [name, true]));
    await subject.dispose();
  });
}
