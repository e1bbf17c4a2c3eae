/** What is kept, filtered and put together by what an operator looks for. Pure. */
import type { QueuedMessage } from '../api/shapes.ts';

export type Grouping = 'none' | 'recipient' | 'sender' | 'condition' | 'age';

export interface QueueFilter {
  /** A part of the condition. */
  readonly condition: string;
  /** Milliseconds; younger ones are left out. */
  readonly olderThan: number;
}

export interface QueueGroup {
  readonly name: string;
  readonly messages: readonly QueuedMessage[];
}

const hourMs = 3_600_000;
const ages: readonly (readonly [name: string, upTo: number])[] = [
  ['less than 5 minutes', 300_000],
  ['less than an hour', hourMs],
  ['less than a day', 24 * hourMs],
  ['less than a week', 168 * hourMs],
  ['a week and more', Infinity],
];

export function filterQueue(items: readonly QueuedMessage[], filter: QueueFilter, now: number): QueuedMessage[] {
  const wanted = filter.condition.trim().toLowerCase();
  return items.filter(
    ({ deliverWhen = '', acceptedAt }) =>
      deliverWhen.toLowerCase().includes(wanted) && ageOf(acceptedAt, now) >= filter.olderThan,
  );
}

/** Milliseconds; what came since the clock was looked at is new. */
export function ageOf(acceptedAt: string, now: number): number {
  return Math.max(0, now - Date.parse(acceptedAt));
}

/** The largest groups first; ages in their order. */
export function groupQueue(items: readonly QueuedMessage[], grouping: Grouping, now: number): readonly QueueGroup[] {
  if (grouping === 'none') return [{ name: '', messages: items }];
  const groups = new Map<string, QueuedMessage[]>();
  for (const item of items) {
    const name = groupOf(item, grouping, now);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [item]);
    else group.push(item);
  }
  const found = [...groups].map(([name, messages]) => ({ name, messages }));
  if (grouping !== 'age') return found.toSorted((a, b) => b.messages.length - a.messages.length);
  const place = (name: string): number => ages.findIndex(([each]) => each === name);
  return found.toSorted((a, b) => place(a.name) - place(b.name));
}

function groupOf(item: QueuedMessage, grouping: Exclude<Grouping, 'none'>, now: number): string {
  switch (grouping) {
    case 'recipient':
      return item.to;
    case 'sender':
      return item.from;
    case 'condition':
      return item.deliverWhen ?? 'no condition';
    case 'age':
      return ages.find(([, upTo]) => now - Date.parse(item.acceptedAt) < upTo)?.[0] ?? '';
    default:
      return grouping satisfies never;
  }
}
