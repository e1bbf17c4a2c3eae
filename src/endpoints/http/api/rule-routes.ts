/** Who may see what of the caller, who asks to, and whom the caller blocks (contract section 7). */
import { hash } from 'node:crypto';
import type { z } from 'zod';
import { attributeFault } from '../../../conditions/attribute-words.ts';
import type { Address } from '../../../model/address.ts';
import { canonicalWord } from '../../../model/presence-state.ts';
import type { WatcherRule } from '../../../presence/ports.ts';
import { type Attributes, decideWatcher, usualAttributes } from '../../../presence/rule-edits.ts';
import { ProblemFault } from '../problem.ts';
import type { ApiApp } from './api.ts';
import type { ApiSurroundings } from './api-surroundings.ts';
import { readAddress } from './read-words.ts';
import { malformed, storeUnavailable } from './refusals.ts';
import { commonProblems } from './schemas/shared-shapes.ts';
import * as shapes from './schemas/people.ts';
import { callerOf } from './sign-in.ts';

const storeRetryMs = 5000;

export function addRuleRoutes(app: ApiApp, surroundings: ApiSurroundings): void {
  addRules(app, surroundings);
  addRequests(app, surroundings);
  addBlocks(app, surroundings);
}

function addRules(app: ApiApp, surroundings: ApiSurroundings): void {
  const { presence } = surroundings;
  app.get(
    '/v1/rules',
    { schema: { summary: 'Who may see what of me', response: { 200: shapes.watcherRules, ...commonProblems } } },
    async (request, reply) => {
      const rules = presence.rulesOf(callerOf(request).address);
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
      const rules = request.body.map(readRule);
      const { 'if-match': wanted } = request.headers;
      if (wanted !== undefined && !matches(wanted, tagOf(presence.rulesOf(address)))) {
        const detail = 'the rules were changed since you read them';
        throw new ProblemFault({ status: 412, name: 'rules-changed', title: 'Precondition failed', detail });
      }
      await setRules(surroundings, address, rules);
      return reply.header('etag', tagOf(rules)).send(rules.map(shownRule));
    },
  );
}

function addRequests(app: ApiApp, surroundings: ApiSurroundings): void {
  const { presence, requests, settings } = surroundings;
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
      const rules = decideWatcher(presence.rulesOf(address), watcher, allowed);
      await setRules(surroundings, address, rules);
      return reply.header('etag', tagOf(rules)).send(rules.map(shownRule));
    },
  );
}

function addBlocks(app: ApiApp, { ownBlocks }: ApiSurroundings): void {
  app.get(
    '/v1/blocks',
    { schema: { summary: 'Whom I block', response: { 200: shapes.blockedAddresses, ...commonProblems } } },
    async (request) => ({ items: [...(await ownBlocks.list(callerOf(request).address))] }),
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

async function setRules({ presence }: ApiSurroundings, owner: Address, rules: WatcherRule[]): Promise<void> {
  const outcome = await presence.setRules(owner, rules);
  if (outcome.kind === 'store-unavailable') throw new ProblemFault(storeUnavailable(storeRetryMs));
  if (outcome.kind === 'too-many') {
    throw new ProblemFault({ status: 409, name: 'too-many-rules', title: 'Too many rules, or names in them' });
  }
}

type Rule = z.output<typeof shapes.watcherRules>[number];

function readRule({ watchers, attributes = [], action }: Rule, index = 0): WatcherRule {
  const where = `rule ${index + 1}`;
  const addresses = watchers === '*' ? watchers : watchers.map((text) => readAddress(text, `${where}, watchers`));
  return { watchers: addresses, attributes: readAttributes(attributes, `${where}, attributes`), action };
}

function readAttributes(attributes: Attributes, where: string): Attributes {
  if (attributes === '*') return attributes;
  for (const name of attributes) {
    const fault = attributeFault(canonicalWord(name));
    if (fault !== undefined) throw malformed('malformed-request', `${where}: ${fault}`);
  }
  return attributes.map(canonicalWord);
}

function shownRule({ watchers, attributes, action }: WatcherRule): Rule {
  return {
    watchers: watchers === '*' ? watchers : [...watchers],
    ...(action === 'allow' ? { attributes: attributes === '*' ? attributes : [...attributes] } : {}),
    action,
  };
}

function tagOf(rules: readonly WatcherRule[]): string {
  return `"${hash('sha256', JSON.stringify(rules.map(shownRule)), 'base64url').slice(0, 22)}"`;
}

/** RFC 9110 13.1.1. */
function matches(ifMatch: string, tag: string): boolean {
  return ifMatch.trim() === '*' || ifMatch.split(',').some((one) => one.trim() === tag);
}
