/** `restante allow`, `disallow`, `block`, `unblock`: the operator's hand on the rules and blocks of one account. */
import { BlockLists, blocksPerOwnerMax } from '../accounts/block-lists.ts';
import { err, ok, type Result } from '../base/result.ts';
import { parseAttributes } from '../conditions/attribute-words.ts';
import { parseAddress, type Address } from '../model/address.ts';
import type { WatcherRule } from '../presence/ports.ts';
import * as edits from '../presence/rule-edits.ts';
import type { Attributes, Watcher } from '../presence/rule-edits.ts';
import { areTooManyRules, ruleNamesMax, watcherRulesMax } from '../presence/watcher-rules.ts';
import { complain, remark, type ExitCode } from './cli-io.ts';
import { refuse, reportMissing, type StoreWork } from './user.ts';

/** How often a change is made anew because the rules are others by then. */
export const ruleTriesMax = 100;

export interface AccessRequest {
  readonly owner: string;
  /** An address; for rules also `*`, everybody. */
  readonly other: string;
  /** Empty: all of them. */
  readonly attributes: readonly string[];
}

export async function allow(request: AccessRequest, work: StoreWork): Promise<ExitCode> {
  let blocked: Watcher | undefined;
  const code = await changeRules(request, work, (rules, watcher, attributes) => {
    blocked = edits.isBlockedByRule(rules, watcher) ? watcher : undefined;
    return ok(edits.allowAttributes(rules, watcher, attributes));
  });
  if (code === 0 && blocked !== undefined) remark(work.io, `a rule blocks ${blocked}, and that beats this one`);
  return code;
}

export async function disallow(request: AccessRequest, work: StoreWork): Promise<ExitCode> {
  return changeRules(request, work, edits.disallowAttributes);
}

export async function block(request: AccessRequest, work: StoreWork): Promise<ExitCode> {
  return changeBlock(request, work, async (owner, other) => {
    const outcome = await new BlockLists(work.stores.blocks).add(owner, other);
    if (outcome === 'full') return err(`${owner} blocks ${blocksPerOwnerMax} addresses already; unblock one first`);
    return ok(outcome === 'done' ? `${owner} blocks ${other}` : `${owner} blocked ${other} already`);
  });
}

export async function unblock(request: AccessRequest, work: StoreWork): Promise<ExitCode> {
  return changeBlock(request, work, async (owner, other) =>
    ok(
      (await work.stores.blocks.removeBlock(owner, other))
        ? `${owner} no longer blocks ${other}`
        : `${owner} did not block ${other}`,
    ),
  );
}

type RuleEdit = (
  rules: readonly WatcherRule[],
  watcher: Watcher,
  attributes: Attributes,
) => Result<WatcherRule[], string>;

async function changeRules(request: AccessRequest, work: StoreWork, edit: RuleEdit): Promise<ExitCode> {
  const { io, stores } = work;
  const owner = parseAddress(request.owner);
  if (!owner.ok) return refuse(io, request.owner, owner.error);
  const watcher = request.other === '*' ? ok<Watcher>('*') : parseAddress(request.other);
  if (!watcher.ok) return refuse(io, request.other, watcher.error);
  const attributes = parseAttributes(request.attributes.length === 0 ? ['*'] : request.attributes);
  if (!attributes.ok) return refuse(io, request.attributes.join(' '), attributes.error);
  if ((await stores.accounts.find(owner.value)) === undefined) return reportMissing(io, owner.value);

  for (let tries = 0; tries < ruleTriesMax; tries += 1) {
    const before = await stores.rules.rulesOf(owner.value);
    const changed = edit(before, watcher.value, attributes.value);
    if (!changed.ok) return refuse(io, request.attributes.join(' '), changed.error);
    if (areTooManyRules(changed.value)) {
      const limit = `at most ${watcherRulesMax} rules with ${ruleNamesMax} watchers and attributes in them`;
      return refuse(io, owner.value, limit);
    }
    // Somebody else may be at them as well: another command, or their owner over the API.
    if (!(await stores.rules.setRules(owner.value, changed.value, before))) continue;
    io.stdout.write(`${sayRules(owner.value, watcher.value, changed.value)}\n`);
    return 0;
  }
  complain(io, `the rules of ${owner.value} were changed by others ${ruleTriesMax} times meanwhile; try again`);
  return 1;
}

async function changeBlock(
  request: AccessRequest,
  work: StoreWork,
  change: (owner: Address, other: Address) => Promise<Result<string, string>>,
): Promise<ExitCode> {
  const { io, stores } = work;
  const owner = parseAddress(request.owner);
  if (!owner.ok) return refuse(io, request.owner, owner.error);
  const other = parseAddress(request.other);
  if (!other.ok) return refuse(io, request.other, other.error);
  if ((await stores.accounts.find(owner.value)) === undefined) return reportMissing(io, owner.value);
  const changed = await change(owner.value, other.value);
  if (changed.ok) io.stdout.write(`${changed.value}\n`);
  else complain(io, changed.error);
  return changed.ok ? 0 : 1;
}

/** What the rules that name this watcher allow now. */
function sayRules(owner: Address, watcher: Watcher, rules: readonly WatcherRule[]): string {
  const allowed = rules
    .filter(
      ({ action, watchers }) =>
        action === 'allow' && (watchers === '*' ? watcher === '*' : watchers.includes(watcher as Address)),
    )
    .flatMap(({ attributes }) => (attributes === '*' ? ['everything'] : attributes));
  const who = watcher === '*' ? 'everybody' : watcher;
  return allowed.length === 0
    ? `${owner} has no rule that lets ${who} see anything`
    : `${owner} lets ${who} see ${[...new Set(allowed)].join(', ')}`;
}
