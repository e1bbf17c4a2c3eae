/**
 * One RPID element (RFC 4480 3) as values of the attribute of its name. `unknown` says nothing and is no value; a range
 * of time that does not cover the moment leaves the element out.
 */
import type { Millis } from '../../base/time/clock.ts';
import { childElements, textOf, type XmlElement } from '../xml-reader.ts';
import type { AttributeBag } from './attribute-bag.ts';
import { renamedElements } from './names.ts';

export function readRpidElement(element: XmlElement, bag: AttributeBag, moment: Moment): void {
  if (!moment.isCoveredBy(element)) return;
  const name = renamedElements.get(element.name) ?? element.name;
  if (element.name === 'place-is') {
    for (const part of childElements(element)) {
      for (const word of childElements(part)) addWord(bag, name, word, `${part.name}-`);
    }
    return;
  }
  const children = childElements(element).filter((child) => child.name !== 'note');
  for (const child of children) addWord(bag, name, child, '');
  // Words where the schema wants an element (RFC 4480 itself prints <sphere>bowling league</sphere>), and plain values.
  if (children.length === 0) bag.add(name, textOf(element));
}

/** The moment at which a document is read, and the next at which it would read differently (RFC 4480 3.1). */
export class Moment {
  readonly #now: Millis;
  #turnsAt: Millis | undefined;

  /** Wall time. */
  constructor(now: Millis) {
    this.#now = now;
  }

  /** When the first range that was asked for begins or ends; undefined when none will. */
  get turnsAt(): Millis | undefined {
    return this.#turnsAt;
  }

  /** Whether `from` and `until`, where given and readable, cover it. */
  isCoveredBy(element: XmlElement): boolean {
    const from = Date.parse(element.attributes.get('from') ?? '');
    const until = Date.parse(element.attributes.get('until') ?? '');
    for (const instant of [from, until]) {
      if (instant > this.#now) this.#turnsAt = Math.min(instant, this.#turnsAt ?? instant);
    }
    return !(from > this.#now) && !(until <= this.#now);
  }
}

function addWord(bag: AttributeBag, name: string, word: XmlElement, prefix: string): void {
  if (word.name === 'unknown') return;
  // Drafts of RPID wrote <activity>busy</activity>.
  const text = word.name === 'other' || word.name === 'activity' ? textOf(word) : '';
  bag.add(name, prefix + (text === '' ? word.name : text));
}
