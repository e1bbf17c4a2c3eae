/** Accounts, blocks and the journal over SQLite. */
import {
  type AccountStore,
  type Account,
  type AdministrationJournal,
  type BlockStore,
  type ClientDelivery,
  type TokenStore,
  usualListsUse,
} from '../../accounts/ports.ts';
import type { AdministrationChange } from '../../accounts/ports.ts';
import { listsUseOfOwner, readListsUse } from './lists-use-row.ts';
import type { Reader } from './reader.ts';
import {
  addressAt,
  numberAt,
  optionalNumberAt,
  optionalTextAt,
  prepare,
  textAt,
  type Row,
  type Statement,
} from './row-values.ts';
import type { Writer } from './writer/writer.ts';

const accountColumns =
  'address, id, is_operator, md5, sha256, created_at, http_delivery, reports_in_words, sealed_password';

export function sqliteAccounts(writer: Writer, reader: Reader): AccountStore {
  const find = prepare(reader.database, `SELECT ${accountColumns} FROM account WHERE address = ?`);
  const page = prepare(
    reader.database,
    `SELECT ${accountColumns} FROM account WHERE address > ? ORDER BY address LIMIT +?`,
  );
  return {
    find: (address) =>
      reader.read(() => {
        const row = find.get(address);
        return row === undefined ? undefined : readAccount(row);
      }),
    list: (after, limit) => reader.read(() => page.all(after ?? '', limit).map(readAccount)),
    add: (accounts) => writer.submit('addAccounts', accounts),
    remove: (address) => writer.submit('removeAccount', address),
    setPasswords: (address, passwords, sealedPassword) =>
      writer.submit('setPasswords', { address, passwords, sealedPassword }),
    setHttpDelivery: (address, method) => writer.submit('setHttpDelivery', { address, method }),
    setReportsInWords: (address, isOn) => writer.submit('setReportsInWords', { address, isOn }),
  };
}

function readAccount(row: Row): Account {
  const httpDelivery = optionalTextAt(row, 6) as ClientDelivery | undefined;
  const reportsInWords = optionalNumberAt(row, 7);
  const sealedPassword = optionalTextAt(row, 8);
  return {
    address: addressAt(row, 0),
    id: textAt(row, 1),
    isOperator: numberAt(row, 2) === 1,
    passwords: { md5: textAt(row, 3), sha256: textAt(row, 4) },
    createdAt: numberAt(row, 5),
    ...(sealedPassword === undefined ? {} : { sealedPassword }),
    ...(httpDelivery === undefined ? {} : { httpDelivery }),
    ...(reportsInWords === undefined ? {} : { wantsReportsInWords: reportsInWords === 1 }),
  };
}

export function sqliteTokens(writer: Writer, reader: Reader): TokenStore {
  const find = prepare(reader.database, 'SELECT hash, address, created_at, expires_at FROM token WHERE hash = ?');
  return {
    find: (hash) =>
      reader.read(() => {
        const row = find.get(hash);
        if (row === undefined) return undefined;
        return {
          hash: textAt(row, 0),
          address: addressAt(row, 1),
          createdAt: numberAt(row, 2),
          expiresAt: numberAt(row, 3),
        };
      }),
    add: (token, now) => writer.submit('addToken', { token, now }),
    remove: (hash) => writer.submit('removeToken', hash),
  };
}

export function sqliteBlocks(writer: Writer, reader: Reader): BlockStore {
  const ofOwner = prepare(reader.database, 'SELECT blocked FROM block WHERE owner = ? ORDER BY blocked');
  const useOf = prepare(reader.database, listsUseOfOwner);
  return {
    listsOf: (owner) =>
      reader.read(() => {
        const row = useOf.get(owner);
        const blocked = ofOwner.all(owner).map((each) => addressAt(each, 0));
        return { ...(row === undefined ? usualListsUse : readListsUse(row)), blocked };
      }),
    addBlock: (owner, blocked) => writer.submit('addBlock', { owner, blocked }),
    removeBlock: (owner, blocked) => writer.submit('removeBlock', { owner, blocked }),
    changeLists: (owner, change) => writer.submit('changeLists', { owner, change }),
  };
}

export function sqliteJournal(writer: Writer, reader: Reader): AdministrationJournal {
  // Not the greatest number in the table, which is trimmed.
  const latest = prepare(reader.database, "SELECT seq FROM sqlite_sequence WHERE name = 'journal'");
  const acted = prepare(reader.database, "SELECT value FROM counter WHERE name = 'acted'");
  const after = prepare(
    reader.database,
    'SELECT number, address, what FROM journal WHERE number > ? ORDER BY number LIMIT +?',
  );
  return {
    latest: () => reader.read(() => numberOrZero(latest)),
    changesAfter: (number, limit) => reader.read(() => after.all(number, limit).map(readChange)),
    acted: () => reader.read(() => numberOrZero(acted)),
    setActed: (number) => writer.submit('setActed', number),
  };
}

function numberOrZero(statement: Statement): number {
  const row = statement.get();
  return row === undefined ? 0 : numberAt(row, 0);
}

function readChange(row: Row): AdministrationChange {
  return { number: numberAt(row, 0), address: addressAt(row, 1), what: textAt(row, 2) as AdministrationChange['what'] };
}
