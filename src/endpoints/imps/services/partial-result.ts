/** What became of a request that names several: done, done in part, or not, with who failed for what. */
import { type CspResult, makeResult } from '../../../imps/primitives/results.ts';
import { type StatusCode, statusWords } from '../../../imps/status-codes.ts';

export interface Failed {
  readonly code: StatusCode;
  readonly userId?: string;
  readonly groupId?: string;
  readonly contactList?: string;
  readonly screenName?: CspDetail['screenNames'][number];
}

type CspDetail = CspResult['details'][number];

/** 200 when all could be done, one code when all failed alike, else what failed in details. */
export function partialResult(failed: readonly Failed[], isAnyDone: boolean): CspResult {
  const codes = [...new Set(failed.map(({ code }) => code))];
  const [code] = codes;
  if (code === undefined) return makeResult(200);
  if (codes.length === 1 && !isAnyDone) return makeResult(code);
  const details = codes.map((each) =>
    detailOf(
      each,
      failed.filter((one) => one.code === each),
    ),
  );
  return { ...makeResult(isAnyDone ? 201 : 900), details };
}

function detailOf(code: StatusCode, failed: readonly Failed[]): CspDetail {
  return {
    code,
    description: statusWords[code],
    userIds: failed.flatMap(({ userId }) => userId ?? []),
    groupIds: failed.flatMap(({ groupId }) => groupId ?? []),
    screenNames: failed.flatMap(({ screenName }) => screenName ?? []),
    messageIds: [],
    contactLists: failed.flatMap(({ contactList }) => contactList ?? []),
    domains: [],
  };
}
