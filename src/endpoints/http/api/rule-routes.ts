/** Who may see what of the caller, who asks to, and whom the caller blocks (contract section 7). */
import { hash } from 'node:crypto';
import type { Address } from '../../../model/address.ts';
import type { WatcherRule } from '../../../model/watcher-rule.ts';
import { decideWatcher, usualAttributes } from '../../../presence/rule-edits.ts';
import type { SetRulesOutcome } from '../../../presence/watcher-rule-book.ts';
import { ProblemFault } from '../problem.ts';
import { readAttributes, readRules, shownRule } from './schemas/rule-words.ts';
import type { ApiApp, ApiSurroundings } from './api-surroundings.ts';
import { readAddress } from './read-words.ts';
import { storeUnavailable } from './refusals.ts';
import { commonProblems } from './schemas/shared-shapes.ts';
import * as shapes from './schemas/people.ts';
import { callerOf } from './sign-in.ts';

const storeRetryMs = 5000;

export function addRuleRoutes(app: ApiApp, surroundings: ApiSurroundings): void {
  addRules(app, surroundings);
  addRequests(app, surroundings);
  addBlocks(app, surroundings);
  addGrants(app, surroundings);
}

function addRules(app: ApiApp, surroundings: ApiSurroundings): void {
  const { presence } = surroundings;
  app.get(
    '/v1/rules',
    { schema: { summary: 'Who may see what of me', response: { 200: shapes.watcherRules, ...commonProblems } } },
    async (request, reply) => {
      const { rules } = await presence.storedRules(callerOf(request).address);
      void reply.header('etag', tagOf(rules));
      return rules.map(shownRule);
    },
  );
  app.put(
    '/v1/rules',
    {
      schema: {
        summary: 'All rules anew',
        headers: shapes.rulesHeaders,
        body: shapes.watcherRules,
        response: { 200: shapes.watcherRules, ...commonProblems },
      },
    },
    async (request, reply) => {
      const { address } = callerOf(request);
      const rules = readRules(request.body);
      const { 'if-match': wanted } = request.headers;
      // What is stored and not what is in memory, which does not know yet what another process has just changed.
      const before = wanted === undefined ? undefined : (await presence.storedRules(address)).rules;
      if (wanted !== undefined && before !== undefined && !matches(wanted, tagOf(before))) throw rulesChanged();
      checkOutcome(await presence.setRules(address, rules, before === undefined ? {} : { before }));
      return reply.header('etag', tagOf(rules)).send(rules.map(shownRule));
    },
  );
}

function addRequests(app: ApiApp, surroundings: ApiSurroundings): void {
  const { requests, settings } = surroundings;
  app.get(
    '/v1/rules/requests',
    { schema: { summary: 'Who asks to watch me', response: { 200: shapes.watcherRequests, ...commonProblems } } },
    (request) => ({ items: requests.pendingFor(callerOf(request).address).map((address) => ({ address })) }),
  );
  app.post(
    '/v1/rules/requests/:address',
    {
      schema: {
        summary: 'Let somebody watch me, or not',
        params: shapes.addressParams,
        body: shapes.watcherDecision,
        response: { 200: shapes.watcherRules, ...commonProblems },
      },
    },
    async (request, reply) => {
      const { address } = callerOf(request);
      const watcher = readAddress(request.params.address, 'address');
      const { allow, attributes = usualAttributes(settings.visibleByDefault) } = request.body;
      const allowed = allow ? readAttributes(attributes, 'attributes') : 'nothing';
      const rules = await changeRules(surroundings, address, (old) => decideWatcher(old, watcher, allowed));
      return reply.header('etag', tagOf(rules)).send(rules.map(shownRule));
    },
  );
}

function addBlocks(app: ApiApp, { ownBlocks }: ApiSurroundings): void {
  app.get(
    '/v1/blocks',
    { schema: { summary: 'Whom I block', response: { 200: shapes.blockedAddresses, ...commonProblems } } },
    async (request) => {
      const { blocked, isBlocking } = await ownBlocks.lists(callerOf(request).address);
      return isBlocking ? { items: [...blocked] } : { items: [], notInUse: [...blocked] };
    },
  );
  const change = (method: 'put' | 'delete', summary: string) =>
    app[method](
      '/v1/blocks/:address',
      { schema: { summary, params: shapes.addressParams, response: { 204: shapes.nothing, ...commonProblems } } },
      async (request, reply) => {
        const { address } = callerOf(request);
        const other = readAddress(request.params.address, 'address');
        const outcome = await (method === 'put' ? ownBlocks.add(address, other) : ownBlocks.remove(address, other));
        if (outcome === 'full') {
          throw new ProblemFault({ status: 409, name: 'too-many-blocks', title: 'You block too many already' });
        }
        return reply.code(204).send(null);
      },
    );
  change('put', 'Take no messages from somebody');
  change('delete', 'Take them again');
}

function addGrants(app: ApiApp, { ownBlocks }: ApiSurroundings): void {
  const summary = 'Whom alone I let through, while that list is in use';
  const read = async (owner: Address) => {
    const { granted, isGranting } = await ownBlocks.lists(owner);
    return { items: [...granted], inUse: isGranting };
  };
  app.get(
    '/v1/grants',
    { schema: { summary, response: { 200: shapes.grantedAddresses, ...commonProblems } } },
    (request) => read(callerOf(request).address),
  );
  app.put(
    '/v1/grants',
    {
      schema: {
        summary: 'Puts the list in use, or not; with items, all of them anew',
        body: shapes.grantsPut,
        response: { 200: shapes.grantedAddresses, ...commonProblems },
      },
    },
    async (request) => {
      const { address } = callerOf(request);
      const { items, inUse: isInUse } = request.body;
      const replaced = items?.map((text) => readAddress(text, 'items'));
      await ownBlocks.edit(address, { grants: { isInUse, ...(replaced === undefined ? {} : { replaced }) } });
      return read(address);
    },
  );
  const change = (method: 'put' | 'delete', words: string) =>
    app[method](
      '/v1/grants/:address',
      {
        schema: { summary: words, params: shapes.addressParams, response: { 204: shapes.nothing, ...commonProblems } },
      },
      async (request, reply) => {
        const others = [readAddress(request.params.address, 'address')];
        const grants = method === 'put' ? { added: others } : { removed: others };
        const { ungranted } = await ownBlocks.edit(callerOf(request).address, { grants });
        if (ungranted.length > 0) {
          throw new ProblemFault({ status: 409, name: 'too-many-grants', title: 'You grant too many already' });
        }
        return reply.code(204).send(null);
      },
    );
  change('put', 'Let somebody through while the list is in use');
  change('delete', 'Let them through no more');
}

function rulesChanged(): ProblemFault {
  const detail = 'the rules were changed since you read them';
  return new ProblemFault({ status: 412, name: 'rules-changed', title: 'Precondition failed', detail });
}

/** What was set otherwise, or meanwhile, stays. */
async function changeRules(
  { presence }: ApiSurroundings,
  owner: Address,
  edit: (rules: readonly WatcherRule[]) => WatcherRule[],
): Promise<readonly WatcherRule[]> {
  const { outcome, rules } = await presence.changeRules(owner, edit);
  checkOutcome(outcome);
  return rules;
}

function checkOutcome({ kind }: SetRulesOutcome): void {
  if (kind === 'store-unavailable') throw new ProblemFault(storeUnavailable(storeRetryMs));
  if (kind === 'too-many') {
    throw new ProblemFault({ status: 409, name: 'too-many-rules', title: 'Too many rules, or names in them' });
  }
  if (kind === 'outdated') throw rulesChanged();
}

function tagOf(rules: readonly WatcherRule[]): string {
  return `"${hash('sha256', JSON.stringify(rules.map(shownRule)), 'base64url').slice(0, 22)}"`;
}

/** RFC 9110 13.1.1. */
function matches(ifMatch: string, tag: string): boolean {
  return ifMatch.trim() === '*' || ifMatch.split(',').some((one) => one.trim() === tag);
}
