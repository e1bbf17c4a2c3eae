/** The embedded store keeps what the port of the mailbox promises. */
import { describeMailboxStore } from '../describe-stores.ts';
import { openSqliteSubject } from './sqlite-subject.ts';

describeMailboxStore('the SQLite adapter', openSqliteSubject);
