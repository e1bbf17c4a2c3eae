/** What the sender of a letter may see of its recipient now, in every way that is possible, and what that makes of a wish. */
import type { Glimpse } from '../model/change-memory.ts';
import type { Person, View } from '../model/person.ts';
import { type Sharing, shares } from '../model/sharing.ts';
import { attributesIn, type ChangeWish, truthOf, type Values, type Wish } from '../model/wish.ts';
import type { Books, Instance } from './books.ts';

/** Somebody who is politely blocked sees this and nothing else. */
const fake: ReadonlyMap<string, Values> = new Map([
  ['online', ['false']],
  ['availability', ['not-available']],
]);

export interface Holding {
  /** It may hold, under some possibility. */
  readonly can: boolean;
  /** It holds under every possibility. */
  readonly must: boolean;
}

const always: Holding = { can: true, must: true };

/** Whether the condition of this instance holds as things are; at another time, if its tests of time are to be asked for that. */
export function holding(books: Books, instance: Instance, wall = books.time.wall()): Holding {
  const { wish, sender, recipient } = instance.letter;
  if (wish === undefined) return always;
  return holdingOf(books, wish, { sender, recipient, wall }, instance);
}

export interface Asking {
  readonly sender: string;
  readonly recipient: string;
  /** Now, unless it is said. */
  readonly wall?: number;
}

export function holdingOf(
  books: Books,
  wish: Wish,
  { sender, recipient, wall = books.time.wall() }: Asking,
  instance?: Instance,
): Holding {
  const person = books.person(recipient);
  const now = books.time.monotonic();
  let can = false;
  let must = true;
  for (const sharing of person.sharings(sender)) {
    const mayAsk = attributesIn(wish).every((attribute) => shares(sharing, attribute));
    for (const view of mayAsk ? person.viewsWithin(now) : [undefined]) {
      for (const changed of possibleChanges(instance)) {
        const holds = view !== undefined && holdsIn(wish, { view, sharing, wall, changed });
        can ||= holds;
        must &&= holds;
      }
    }
  }
  return { can, must };
}

interface Possibility {
  readonly view: View;
  readonly sharing: Sharing;
  readonly wall: number;
  readonly changed: ReadonlySet<ChangeWish>;
}

function holdsIn(wish: Wish, { view, sharing, wall, changed }: Possibility): boolean {
  const isFake = sharing === 'fake';
  const sight = {
    wall,
    isSettled: isFake || view.isSettled,
    value: (attribute: string) => (isFake ? fake : view.values).get(attribute),
    hasChanged: (test: ChangeWish) => changed.has(test),
  };
  return truthOf(wish, sight) === 'yes';
}

/** Every combination of answers that the memories of this instance allow. */
function possibleChanges(instance: Instance | undefined): readonly ReadonlySet<ChangeWish>[] {
  let sets: ReadonlySet<ChangeWish>[] = [new Set()];
  for (const memory of instance?.memories ?? []) {
    sets = sets.flatMap((set) => memory.answers.map((hasCome) => (hasCome ? new Set([...set, memory.test]) : set)));
  }
  return sets;
}

/** Of one attribute, as `sender` may see it. */
export function glimpses(person: Person, sender: string, attribute: string): Glimpse[] {
  return person.sharings(sender).flatMap((sharing): Glimpse[] => {
    if (sharing === 'fake') return [{ isHidden: false, values: fake.get(attribute) }];
    if (!shares(sharing, attribute)) return [{ isHidden: true, values: undefined }];
    return person.views.map(({ values }) => ({ isHidden: false, values: values.get(attribute) }));
  });
}

/** What the attribute was when it was last known, as far as `sender` may know. */
export function lastKnownTo(person: Person, sender: string, attribute: string): readonly (Values | undefined)[] {
  return person.sharings(sender).flatMap((sharing) => {
    if (sharing === 'fake') return [fake.get(attribute)];
    return shares(sharing, attribute) ? person.lastKnown(attribute) : [undefined];
  });
}
