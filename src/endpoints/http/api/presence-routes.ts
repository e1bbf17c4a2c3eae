/** Presence: as much of somebody's as the caller may see, and the caller's own words about themself. */
import { attributeFault, valueFault } from '../../../conditions/attribute-words.ts';
import type { Address } from '../../../model/address.ts';
import type { AttributeName } from '../../../model/presence-state.ts';
import { standingMsDefault } from '../../../presence/publication/standing-words.ts';
import { attributeOf, shownPresence } from '../presence-words.ts';
import { ProblemFault } from '../problem.ts';
import type { ApiApp, ApiSurroundings } from './api-surroundings.ts';
import { readAddress } from './read-words.ts';
import { malformed, problemOfRefusal, storeUnavailable } from './refusals.ts';
import { commonProblems } from './schemas/shared-shapes.ts';
import * as shapes from './schemas/people.ts';
import { callerOf } from './sign-in.ts';

export function addPresenceRoutes(app: ApiApp, surroundings: ApiSurroundings): void {
  const { presence, clock } = surroundings;
  app.get(
    '/v1/presence/:address',
    {
      schema: {
        summary: 'As much of somebody’s presence as I may see',
        params: shapes.addressParams,
        response: { 200: shapes.shownPresence, ...commonProblems },
      },
    },
    async (request) => {
      const watcher = callerOf(request).address;
      const presentity = readAddress(request.params.address, 'address');
      await refuseBlocked(surroundings, presentity, watcher);
      return shownPresence(presentity, presence.visiblePresence(presentity, watcher, presence.current(presentity)));
    },
  );
  app.put(
    '/v1/presence',
    {
      schema: {
        summary: 'What I say of myself',
        body: shapes.ownPresence,
        response: { 200: shapes.shownPresence, ...commonProblems },
      },
    },
    async (request) => {
      const { address } = callerOf(request);
      const { expiresIn, ...members } = request.body;
      const lifeMs = expiresIn === undefined ? standingMsDefault : expiresIn * 1000;
      const words = readWords(members);
      const outcome = await presence.revise({ presentity: address, words, expiresAt: clock.wall() + lifeMs });
      if (outcome.kind === 'store-unavailable') throw new ProblemFault(storeUnavailable(outcome.retryAfter * 1000));
      if (outcome.kind === 'too-fast') {
        throw new ProblemFault(problemOfRefusal({ reason: 'too-many-requests', retryAfterMs: tooFastRetryMs }));
      }
      if (outcome.kind !== 'published') {
        throw new ProblemFault({ status: 409, name: 'too-many-publications', title: 'Too many publications' });
      }
      return shownPresence(address, presence.visiblePresence(address, address, presence.current(address)));
    },
  );
}

/** As many of the caller's own words wait for the store as may. */
const tooFastRetryMs = 1_000;

/** Nobody, or somebody who has blocked the watcher; whoever is deceived politely is shown something. */
async function refuseBlocked(
  { directory, blocks, presence, settings }: ApiSurroundings,
  presentity: Address,
  watcher: Address,
): Promise<void> {
  const standing = await directory.lookUp(presentity);
  if (standing !== 'known') {
    throw new ProblemFault(
      problemOfRefusal({ reason: standing === 'unknown' ? 'unknown-recipient' : 'domain-not-served' }),
    );
  }
  const isBlocked = await blocks.hasBlocked(presentity, watcher);
  const isRefused = isBlocked && presentity !== watcher && settings.blockedAnswer === 'refuse';
  if (isRefused || presence.visibility(presentity, watcher).handling === 'block') {
    throw new ProblemFault(problemOfRefusal({ reason: 'blocked' }));
  }
}

function readWords(
  members: Readonly<Record<string, string | string[] | null | undefined>>,
): ReadonlyMap<AttributeName, readonly string[] | null> {
  const words = new Map<AttributeName, readonly string[] | null>();
  const names = Object.entries(members);
  if (names.length > shapes.publishedNamesMax) {
    throw malformed('malformed-request', `names more than ${shapes.publishedNamesMax} attributes`);
  }
  for (const [member, value] of names) {
    const attribute = attributeOf(member);
    const fault = attribute === 'online' ? 'online is derived, nobody publishes it' : attributeFault(attribute);
    if (fault !== undefined) throw malformed('malformed-request', `${member}: ${fault}`);
    if (value === undefined) continue;
    const values = value === null ? null : Array.isArray(value) ? value : [value];
    for (const one of values ?? []) {
      const wrong = valueFault(attribute, one);
      if (wrong !== undefined) throw malformed('malformed-request', `${member}: ${wrong}`);
    }
    words.set(attribute, values);
  }
  return words;
}
