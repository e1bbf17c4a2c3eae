/** The embedded store keeps what the other ports promise. */
import { describeOtherStores } from '../describe-stores.ts';
import { openSqliteSubject } from './sqlite-subject.ts';

describeOtherStores('the SQLite adapter', openSqliteSubject);
