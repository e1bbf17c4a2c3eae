/** Changes of accounts, blocks and rules, each with its line in the journal in the same transaction. */
import type { DatabaseSync } from 'node:sqlite';
import {
  type AccessToken,
  type Account,
  type AdministrationChange,
  type ClientDelivery,
  type PasswordHashes,
  tokensPerAccountMax,
} from '../../../accounts/ports.ts';
import type { Address } from '../../../model/address.ts';
import type { WatcherRule } from '../../../presence/ports.ts';
import { rulesWithoutWatcher } from '../../removed-watcher.ts';
import { actedChangesMax } from '../../store-limits.ts';
import { addressAt, prepare, textAt, type Statement } from '../row-values.ts';
import type { BlockRequest, RulesRequest } from '../writer/operations.ts';

export class AdministrationWrites {
  readonly #statements: ReturnType<typeof prepareStatements>;
  /** Everything that an account takes with it. */
  readonly #belongings: readonly Statement[];

  constructor(database: DatabaseSync) {
    this.#statements = prepareStatements(database);
    this.#belongings = [
      'DELETE FROM rule WHERE owner = ?',
      'DELETE FROM block WHERE owner = ?',
      'DELETE FROM publication WHERE presentity = ?',
      'DELETE FROM known_presence WHERE presentity = ?',
      'DELETE FROM binding WHERE address_of_record = ?',
      'DELETE FROM token WHERE address = ?',
      'DELETE FROM report WHERE owner = ?',
      'DELETE FROM report_owner WHERE owner = ?',
    ].map((sql) => prepare(database, sql));
  }

  addAccounts(accounts: readonly Account[]): ('added' | 'exists')[] {
    const outcomes: ('added' | 'exists')[] = [];
    for (const { address, id, isOperator, passwords, createdAt } of accounts) {
      const { md5, sha256 } = passwords;
      const result = this.#statements.addAccount.run(address, id, isOperator ? 1 : 0, md5, sha256, createdAt);
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
    this.#journal(address, 'account-removed');
    return true;
  }

  setPasswords(address: string, passwords: PasswordHashes): boolean {
    const result = this.#statements.setPasswords.run(passwords.md5, passwords.sha256, address);
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
    const result = this.#statements.addBlock.run(owner, blocked);
    if (didChange(result)) this.#journal(owner, 'blocks');
    return didChange(result);
  }

  removeBlock({ owner, blocked }: BlockRequest): boolean {
    const result = this.#statements.removeBlock.run(owner, blocked);
    if (didChange(result)) this.#journal(owner, 'blocks');
    return didChange(result);
  }

  setRules({ owner, rules, before }: RulesRequest): boolean {
    if (before !== undefined) {
      const row = this.#statements.rulesOf.get(owner);
      if ((row === undefined ? '[]' : textAt(row, 0)) !== JSON.stringify(before)) return false;
    }
    if (rules.length === 0) this.#statements.removeRules.run(owner);
    else this.#statements.setRules.run(owner, JSON.stringify(rules));
    this.#journal(owner, 'rules');
    return true;
  }

  setActed(number: number): void {
    this.#statements.setActed.run(number);
    this.#statements.trimJournal.run(number - actedChangesMax);
  }

  #journal(address: string, what: AdministrationChange['what']): void {
    this.#statements.journal.run(address, what);
  }
}

function didChange(result: { readonly changes: number | bigint }): boolean {
  return Number(result.changes) > 0;
}

function prepareStatements(database: DatabaseSync) {
  return {
    addAccount: prepare(
      database,
      'INSERT OR IGNORE INTO account (address, id, is_operator, md5, sha256, created_at) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    removeAccount: prepare(database, 'DELETE FROM account WHERE address = ?'),
    setPasswords: prepare(database, 'UPDATE account SET md5 = ?, sha256 = ? WHERE address = ?'),
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
    rulesOf: prepare(database, 'SELECT rules FROM rule WHERE owner = ?'),
    setRules: prepare(database, 'INSERT OR REPLACE INTO rule (owner, rules) VALUES (?, ?)'),
    removeRules: prepare(database, 'DELETE FROM rule WHERE owner = ?'),
    rulesContaining: prepare(database, 'SELECT owner, rules FROM rule WHERE instr(rules, ?) > 0 ORDER BY owner'),
    journal: prepare(database, 'INSERT INTO journal (address, what) VALUES (?, ?)'),
    setActed: prepare(database, "INSERT OR REPLACE INTO counter (name, value) VALUES ('acted', ?)"),
    trimJournal: prepare(database, 'DELETE FROM journal WHERE number <= ?'),
  };
}
