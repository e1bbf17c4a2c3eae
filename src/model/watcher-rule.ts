/**
 * Access rules of a presentity (RFC 2778 2.2; common policy, RFC 4745; presence authorisation, RFC 5025): for whom, when,
 * and what they may see. Values alone; what follows from them is decided elsewhere.
 */
import type { Millis } from '../base/time/clock.ts';
import type { Address } from './address.ts';
import type { AttributeName } from './presence-state.ts';

/** `none` says nothing of a subscription: its attributes count where another rule, or the default, allows it. */
export type RuleAction = 'allow' | 'block' | 'polite-block' | 'confirm' | 'none';

/**
 * Who may see, and set conditions on, what (contract section 7). It applies while all that is given holds. What may be
 * absent is absent where it says nothing.
 */
export interface WatcherRule {
  /** `*` is everybody without exception; nothing else of whom it is for is given beside it. */
  readonly watchers: readonly Address[] | '*';
  /** Counts with `allow` and `none`. */
  readonly attributes: readonly AttributeName[] | '*';
  readonly action: RuleAction;
  /** Its name in a document; of one owner's rules no two have the same. */
  readonly id?: string;
  /** Everybody of a domain besides `watchers`; `*` is every domain. */
  readonly domains?: readonly string[];
  /** Who is taken out of `domains`; never of `watchers`. */
  readonly except?: RuleExceptions;
  /** URIs that name nobody who could ask here (`tel:`); nobody matches them. */
  readonly otherUris?: readonly string[];
  /** One of these words must be the presentity's sphere. */
  readonly spheres?: readonly string[];
  /** One of these must cover the time. */
  readonly validity?: readonly ValidityRange[];
  /** Names of conditions that nobody here knows, which never hold (RFC 4745 7). */
  readonly unknownConditions?: readonly string[];
  /** How much of user-input may be seen, where that is not all; nothing beyond `bare` is ever shown. */
  readonly userInput?: 'bare' | 'thresholds';
}

export interface RuleExceptions {
  readonly watchers?: readonly Address[];
  readonly domains?: readonly string[];
}

/** Wall time: `from` is in it, `until` is not. */
export interface ValidityRange {
  readonly from: Millis;
  readonly until: Millis;
}

/** The same rule with its members in one order and none that says nothing, so that equal rules read alike as JSON. */
export function orderRule(rule: WatcherRule): WatcherRule {
  const { watchers, attributes, action, id, domains, except, otherUris, spheres, validity, unknownConditions } = rule;
  return {
    watchers,
    attributes,
    action,
    ...(id === undefined ? {} : { id }),
    ...listed('domains', domains),
    ...orderedExceptions(except),
    ...listed('otherUris', otherUris),
    ...listed('spheres', spheres),
    ...(validity === undefined || validity.length === 0
      ? {}
      : { validity: validity.map(({ from, until }) => ({ from, until })) }),
    ...listed('unknownConditions', unknownConditions),
    ...(rule.userInput === undefined ? {} : { userInput: rule.userInput }),
  };
}

/** Whether it says no more than for whom, which attributes, and which action. */
export function isPlainRule(rule: WatcherRule): boolean {
  const { domains, except, otherUris, spheres, validity, unknownConditions } = rule;
  return [domains, except, otherUris, spheres, validity, unknownConditions].every((part) => part === undefined);
}

function orderedExceptions(except: RuleExceptions | undefined): { readonly except?: RuleExceptions } {
  const parts = { ...listed('watchers', except?.watchers), ...listed('domains', except?.domains) };
  return Object.keys(parts).length === 0 ? {} : { except: parts };
}

function listed<K extends string, V>(name: K, values: readonly V[] | undefined): { readonly [P in K]?: readonly V[] } {
  return values === undefined || values.length === 0 ? {} : ({ [name]: values } as { [P in K]: readonly V[] });
}
