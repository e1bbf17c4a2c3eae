/** What an owner says of their block list and grant list, as a row. */
import type { ListsUse } from '../../accounts/ports.ts';
import type { Address } from '../../model/address.ts';
import { jsonAt, numberAt, type Row } from './row-values.ts';

export const listsUseOfOwner = 'SELECT is_blocking, is_granting, granted FROM lists_use WHERE owner = ?';

export function readListsUse(row: Row): ListsUse {
  return {
    isBlocking: numberAt(row, 0) === 1,
    isGranting: numberAt(row, 1) === 1,
    granted: jsonAt(row, 2) as Address[],
  };
}
