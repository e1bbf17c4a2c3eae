/**
 * A condition as one sentence of plain English (contract section 1, `check`): what the message waits for, in neutral
 * words. Meant for people; nothing is ever read back from it.
 */
import type { Condition, ConditionNode } from './condition.ts';
import { describeTest, joinWords } from './describe-test.ts';
import type { Clause } from './describe-test.ts';

export function describeCondition(condition: Condition): string {
  return `Wait until ${sayTop(toSaying(condition.root, false))}.`;
}

/** The tree without `not`: people find "not (a or b)" hard, and "not a and not b" easy. */
type Saying = Clause | Joined;

interface Joined {
  readonly kind: 'and' | 'or';
  readonly parts: readonly Saying[];
}

function toSaying(node: ConditionNode, isNegated: boolean): Saying {
  if (node.kind === 'not') return toSaying(node.part, !isNegated);
  if (node.kind !== 'and' && node.kind !== 'or') return describeTest(node, isNegated);
  // De Morgan's laws; they hold in three-valued logic too.
  const kind = (node.kind === 'and') === isNegated ? 'or' : 'and';
  const parts: Saying[] = [];
  for (const part of node.parts) {
    const saying = toSaying(part, isNegated);
    if (saying.kind === kind) parts.push(...saying.parts);
    else parts.push(saying);
  }
  return { kind, parts };
}

function sayTop(saying: Saying): string {
  if (saying.kind === 'clause') return sayClause(saying);
  if (saying.parts.every(isPlainClause)) return joinWords(sayParts(saying), saying.kind);
  return sayParts(saying).join(`, ${saying.kind} `);
}

function isPlainClause(saying: Saying): boolean {
  return saying.kind === 'clause' && !saying.isList;
}

function sayClause({ subject, predicate }: Clause): string {
  return `${subject} ${predicate}`;
}

/** A clause about the same thing as the one before it does not name it again. */
function sayParts(joined: Joined): string[] {
  return joined.parts.map((part, at) => {
    if (part.kind !== 'clause') return sayInner(part);
    const before = joined.parts[at - 1];
    const isSameSubject = before?.kind === 'clause' && before.subject === part.subject;
    return isSameSubject ? part.predicate : sayClause(part);
  });
}

/** The second level says "either … or"; whatever lies deeper is put in parentheses, and so stays unambiguous. */
function sayInner(joined: Joined): string {
  const words = joined.parts.some((part) => part.kind !== 'clause' || part.isList)
    ? joined.parts.map((part) => (isPlainClause(part) ? sayTop(part) : `(${sayTop(part)})`))
    : sayParts(joined);
  return joined.kind === 'or' ? `either ${joinWords(words, 'or')}` : joinWords(words, 'and');
}
