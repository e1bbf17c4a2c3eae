/** `rules`, `blocks`: who may see what of a person, and from whom they take nothing. */
import { readFileSync } from 'node:fs';
import { complain, type ExitCode } from '../cli-io.ts';
import { reasonOf } from '../setting-flags.ts';
import { show, tellFault, type ClientSession } from './client-session.ts';

interface Rule {
  readonly watchers: '*' | readonly string[];
  readonly attributes?: '*' | readonly string[];
  readonly action: string;
  readonly domains?: readonly string[];
  readonly except?: { readonly watchers?: readonly string[]; readonly domains?: readonly string[] };
  readonly otherUris?: readonly string[];
  readonly spheres?: readonly string[];
  readonly validity?: readonly { readonly from: string; readonly until: string }[];
  readonly unknownConditions?: readonly string[];
}

export async function getRules(session: ClientSession): Promise<ExitCode> {
  const answer = await session.api.call({ method: 'GET', path: '/v1/rules' });
  if (!answer.ok) return tellFault(session, answer.error);
  return show(session, answer.value, () => sayRules(answer.value as Rule[]));
}

/** JSON as `rules get --json` writes it, from a file; `-` is standard input. */
export async function setRules(file: string, session: ClientSession): Promise<ExitCode> {
  let rules: unknown;
  try {
    rules = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
  } catch (fault) {
    const why = fault instanceof SyntaxError ? `is not JSON: ${fault.message}` : reasonOf(fault);
    complain(session.io, `${file}: ${why}`);
    return 2;
  }
  const answer = await session.api.call({ method: 'PUT', path: '/v1/rules', body: rules });
  if (!answer.ok) return tellFault(session, answer.error);
  return show(session, answer.value, () => sayRules(answer.value as Rule[]));
}

export async function listBlocks(session: ClientSession): Promise<ExitCode> {
  const answer = await session.api.call({ method: 'GET', path: '/v1/blocks' });
  if (!answer.ok) return tellFault(session, answer.error);
  const { items } = answer.value as { readonly items: readonly string[] };
  return show(session, answer.value, () => (items.length === 0 ? 'nobody\n' : `${items.join('\n')}\n`));
}

export async function changeBlock(
  method: 'PUT' | 'DELETE',
  address: string,
  session: ClientSession,
): Promise<ExitCode> {
  const answer = await session.api.call({ method, path: `/v1/blocks/${encodeURIComponent(address)}` });
  if (!answer.ok) return tellFault(session, answer.error);
  const words = method === 'PUT' ? `you block ${address}` : `you no longer block ${address}`;
  return show(session, { address, blocked: method === 'PUT' }, () => `${words}\n`);
}

function sayRules(rules: readonly Rule[]): string {
  if (rules.length === 0) return 'no rules: members of your domain see what the server shows by default\n';
  return rules.map((rule) => `${sayRule(rule)}\n`).join('');
}

function sayRule(rule: Rule): string {
  const { attributes, action } = rule;
  const [who, when] = [sayWho(rule), sayWhen(rule)];
  const what = attributes === '*' ? 'everything' : (attributes ?? []).join(', ');
  if (action === 'allow') return `allow ${who} to see ${what === '' ? 'nothing' : what}${when}`;
  if (action === 'none') return `${who}, where they may see anything: also ${what === '' ? 'nothing' : what}${when}`;
  return `${action} ${who}${when}`;
}

function sayWho({ watchers, domains = [], except = {}, otherUris = [] }: Rule): string {
  const groups = domains.map((domain) => (domain === '*' ? 'everybody' : `everybody of ${domain}`));
  const who = [...(watchers === '*' ? ['everybody'] : watchers), ...otherUris, ...groups].join(', ');
  const out = [...(except.watchers ?? []), ...(except.domains ?? []).map((domain) => `everybody of ${domain}`)];
  return out.length === 0 ? who : `${who} but ${out.join(', ')}`;
}

function sayWhen({ spheres, validity, unknownConditions }: Rule): string {
  if (unknownConditions !== undefined) return ` (never: ${unknownConditions.join(', ')} is not known here)`;
  const where = spheres === undefined ? '' : `, in the sphere ${spheres.join(' or ')}`;
  const ranges = (validity ?? []).map(({ from, until }) => `from ${from} until ${until}`);
  return ranges.length === 0 ? where : `${where}, ${ranges.join(' or ')}`;
}
