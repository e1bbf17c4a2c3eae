/**
 * Changes of accounts, blocks and rules, each with its line in the journal in the same transaction; and documents, of which
 * one belongs to the rules.
 */
import type { DatabaseSync } from 'node:sqlite';
import {
  type AccessToken,
  type Account,
  type AdministrationChange,
  changedListsUse,
  type ClientDelivery,
  type ListsChange,
  type ListsUse,
  type PasswordHashes,
  tokensPerAccountMax,
  usualListsUse,
} from '../../../accounts/ports.ts';
import type { Address } from '../../../model/address.ts';
import { documentsPerOwnerMax } from '../../../endpoints/http/xcap/ports.ts';
import type { RulesDocumentChange, WatcherRule } from '../../../presence/ports.ts';
import { rulesWithoutWatcher } from '../../removed-watcher.ts';
import { actedChangesMax } from '../../store-limits.ts';
import { listsUseOfOwner, readListsUse } from '../lists-use-row.ts';
import { addressAt, numberAt, prepare, textAt, type Statement } from '../row-values.ts';
import type { BlockRequest, DocumentRequest, RulesRequest } from '../writer/operations.ts';

export class AdministrationWrites {
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #documents: DocumentWrites;
  /** Everything that an account takes with it. */
  readonly #belongings: readonly Statement[];

  constructor(database: DatabaseSync) {
    this.#documents = new DocumentWrites(database);
    this.#statements = prepareStatements(database);
    this.#belongings = [
      'DELETE FROM rule WHERE owner = ?',
      'DELETE FROM document WHERE owner = ?',
      'DELETE FROM transcript WHERE owner = ?',
      'DELETE FROM transcript_keeper WHERE owner = ?',
      'DELETE FROM block WHERE owner = ?',
      'DELETE FROM lists_use WHERE owner = ?',
      'DELETE FROM publication WHERE presentity = ?',
      'DELETE FROM known_presence WHERE presentity = ?',
      'DELETE FROM binding WHERE address_of_record = ?',
      'DELETE FROM waiting_watcher WHERE owner = ?',
      'DELETE FROM imps_session WHERE owner = ?',
      'DELETE FROM token WHERE address = ?',
      'DELETE FROM report WHERE owner = ?',
      'DELETE FROM report_owner WHERE owner = ?',
    ].map((sql) => prepare(database, sql));
  }

  addAccounts(accounts: readonly Account[]): ('added' | 'exists')[] {
    const outcomes: ('added' | 'exists')[] = [];
    for (const { address, id, isOperator, passwords, createdAt, sealedPassword = null } of accounts) {
      const values = [address, id, isOperator ? 1 : 0, passwords.md5, passwords.sha256, createdAt, sealedPassword];
      const result = this.#statements.addAccount.run(...values);
      outcomes.push(didChange(result) ? 'added' : 'exists');
      if (didChange(result)) this.#journal(address, 'account-added');
    }
    return outcomes;
  }

  removeAccount(address: Address): boolean {
    if (!didChange(this.#statements.removeAccount.run(address))) return false;
    for (const statement of this.#belongings) statement.run(address);
    // A JSON text that does not contain the address has no rule for it.
    for (const row of this.#statements.rulesContaining.all(address)) {
      const rules = JSON.parse(textAt(row, 1)) as WatcherRule[];
      const left = rulesWithoutWatcher(rules, address);
      if (left !== undefined) this.setRules({ owner: addressAt(row, 0), rules: left });
    }
    for (const row of this.#statements.grantsContaining.all(address)) {
      const owner = addressAt(row, 0);
      const grants = this.#statements.listsUseOf.get(owner);
      if (grants === undefined || !readListsUse(grants).granted.includes(address)) continue;
      this.changeLists(owner, {
        blocks: { removed: [], added: [] },
        grants: { removed: [address], added: [] },
      });
    }
    this.#journal(address, 'account-removed');
    return true;
  }

  setPasswords(address: string, { md5, sha256 }: PasswordHashes, sealedPassword: string | undefined): boolean {
    const result = this.#statements.setPasswords.run(md5, sha256, sealedPassword ?? null, address);
    if (!didChange(result)) return false;
    this.#statements.removeTokens.run(address);
    this.#journal(address, 'password');
    return true;
  }

  setHttpDelivery(address: string, method: ClientDelivery): boolean {
    return didChange(this.#statements.setHttpDelivery.run(method, address));
  }

  setReportsInWords(address: string, isOn: boolean): boolean {
    return didChange(this.#statements.setReportsInWords.run(isOn ? 1 : 0, address));
  }

  addToken({ hash, address, createdAt, expiresAt }: AccessToken, now: number): boolean {
    this.#statements.removeExpired.run(address, now);
    return didChange(this.#statements.addToken.run(hash, address, createdAt, expiresAt, tokensPerAccountMax));
  }

  removeToken(hash: string): boolean {
    return didChange(this.#statements.removeToken.run(hash));
  }

  addBlock({ owner, blocked }: BlockRequest): boolean {
    const isAdded = didChange(this.#statements.addBlock.run(owner, blocked));
    const isPutInUse = didChange(this.#statements.putBlocksInUse.run(owner));
    if (isAdded || isPutInUse) this.#journal(owner, 'blocks');
    return isAdded || isPutInUse;
  }

  removeBlock({ owner, blocked }: BlockRequest): boolean {
    const result = this.#statements.removeBlock.run(owner, blocked);
    if (didChange(result)) this.#journal(owner, 'blocks');
    return didChange(result);
  }

  changeLists(owner: Address, change: ListsChange): void {
    for (const address of change.blocks.removed) this.#statements.removeBlock.run(owner, address);
    for (const address of change.blocks.added) this.#statements.addBlock.run(owner, address);
    const row = this.#statements.listsUseOf.get(owner);
    this.#setListsUse(owner, changedListsUse(row === undefined ? usualListsUse : readListsUse(row), change));
  }

  #setListsUse(owner: Address, { isBlocking, isGranting, granted }: ListsUse): void {
    this.#statements.setListsUse.run(owner, isBlocking ? 1 : 0, isGranting ? 1 : 0, JSON.stringify(granted));
    this.#journal(owner, 'blocks');
  }

  setRules({ owner, rules, before, document }: RulesRequest): boolean {
    if (before !== undefined) {
      const row = this.#statements.rulesOf.get(owner);
      if ((row === undefined ? '[]' : textAt(row, 0)) !== JSON.stringify(before)) return false;
    }
    if (document !== undefined) {
      if (!this.#documents.areRulesOf(owner, document)) return false;
      this.#documents.setRules(owner, document);
    }
    if (rules.length === 0) this.#statements.removeRules.run(owner);
    else this.#statements.setRules.run(owner, JSON.stringify(rules));
    this.#journal(owner, 'rules');
    return true;
  }

  writeDocument(request: DocumentRequest): 'written' | 'outdated' | 'full' {
    return this.#documents.write(request);
  }

  setActed(number: number): void {
    this.#statements.setActed.run(number);
    this.#statements.trimJournal.run(number - actedChangesMax);
  }

  #journal(address: string, what: AdministrationChange['what']): void {
    this.#statements.journal.run(address, what);
  }
}

/** Each write says what it rests on, and is nothing where that is no longer so. */
class DocumentWrites {
  readonly #statements: ReturnType<typeof prepareDocuments>;

  constructor(database: DatabaseSync) {
    this.#statements = prepareDocuments(database);
  }

  write({ place, change }: DocumentRequest): 'written' | 'outdated' | 'full' {
    const { owner, application, name } = place;
    if (this.#read(owner, application, name) !== change.before) return 'outdated';
    if (change.before === undefined && change.after !== undefined && this.#isFull(owner, application)) return 'full';
    this.#set([owner, application, name], change.after);
    return 'written';
  }

  /** Whether the document that somebody's rules came in is as it must be. */
  areRulesOf(owner: Address, { before }: RulesDocumentChange): boolean {
    return this.#read(owner, 'pres-rules', 'index') === before;
  }

  setRules(owner: Address, { after }: RulesDocumentChange): void {
    this.#set([owner, 'pres-rules', 'index'], after);
  }

  #read(owner: Address, application: string, name: string): string | undefined {
    const row = this.#statements.read.get(owner, application, name);
    return row === undefined ? undefined : textAt(row, 0);
  }

  #isFull(owner: Address, application: string): boolean {
    const row = this.#statements.count.get(owner, application);
    const isAccount = this.#statements.account.get(owner) !== undefined;
    return !isAccount || (row !== undefined && numberAt(row, 0) >= documentsPerOwnerMax);
  }

  #set(key: readonly [string, string, string], content: string | undefined): void {
    if (content === undefined) this.#statements.remove.run(...key);
    else this.#statements.set.run(...key, content);
  }
}

function didChange(result: { readonly changes: number | bigint }): boolean {
  return Number(result.changes) > 0;
}

function prepareStatements(database: DatabaseSync) {
  return {
    addAccount: prepare(
      database,
      `INSERT OR IGNORE INTO account (address, id, is_operator, md5, sha256, created_at, sealed_password)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    removeAccount: prepare(database, 'DELETE FROM account WHERE address = ?'),
    setPasswords: prepare(database, 'UPDATE account SET md5 = ?, sha256 = ?, sealed_password = ? WHERE address = ?'),
    setHttpDelivery: prepare(database, 'UPDATE account SET http_delivery = ? WHERE address = ?'),
    setReportsInWords: prepare(database, 'UPDATE account SET reports_in_words = ? WHERE address = ?'),
    addToken: prepare(
      database,
      `INSERT INTO token (hash, address, created_at, expires_at) SELECT ?1, ?2, ?3, ?4
       WHERE EXISTS (SELECT 1 FROM account WHERE address = ?2)
         AND (SELECT count(*) FROM token WHERE address = ?2) < ?5`,
    ),
    removeToken: prepare(database, 'DELETE FROM token WHERE hash = ?'),
    removeTokens: prepare(database, 'DELETE FROM token WHERE address = ?'),
    removeExpired: prepare(database, 'DELETE FROM token WHERE address = ? AND expires_at <= ?'),
    addBlock: prepare(database, 'INSERT OR IGNORE INTO block (owner, blocked) VALUES (?, ?)'),
    removeBlock: prepare(database, 'DELETE FROM block WHERE owner = ? AND blocked = ?'),
    putBlocksInUse: prepare(database, 'UPDATE lists_use SET is_blocking = 1 WHERE owner = ? AND is_blocking = 0'),
    setListsUse: prepare(
      database,
      'INSERT OR REPLACE INTO lists_use (owner, is_blocking, is_granting, granted) VALUES (?, ?, ?, ?)',
    ),
    listsUseOf: prepare(database, listsUseOfOwner),
    grantsContaining: prepare(database, 'SELECT owner FROM lists_use WHERE instr(granted, ?) > 0 ORDER BY owner'),
    rulesOf: prepare(database, 'SELECT rules FROM rule WHERE owner = ?'),
    setRules: prepare(database, 'INSERT OR REPLACE INTO rule (owner, rules) VALUES (?, ?)'),
    removeRules: prepare(database, 'DELETE FROM rule WHERE owner = ?'),
    rulesContaining: prepare(database, 'SELECT owner, rules FROM rule WHERE instr(rules, ?) > 0 ORDER BY owner'),
    journal: prepare(database, 'INSERT INTO journal (address, what) VALUES (?, ?)'),
    setActed: prepare(database, "INSERT OR REPLACE INTO counter (name, value) VALUES ('acted', ?)"),
    trimJournal: prepare(database, 'DELETE FROM journal WHERE number <= ?'),
  };
}

function prepareDocuments(database: DatabaseSync) {
  return {
    read: prepare(database, 'SELECT content FROM document WHERE owner = ? AND application = ? AND name = ?'),
    count: prepare(database, 'SELECT count(*) FROM document WHERE owner = ? AND application = ?'),
    account: prepare(database, 'SELECT 1 FROM account WHERE address = ?'),
    set: prepare(database, 'INSERT OR REPLACE INTO document (owner, application, name, content) VALUES (?, ?, ?, ?)'),
    remove: prepare(database, 'DELETE FROM document WHERE owner = ? AND application = ? AND name = ?'),
  };
}
