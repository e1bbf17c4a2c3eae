/** Attributes and their values while a document is read; the same value twice is one. Knows no format. */
import { canonicalWord, includesWord, type AttributeName } from '../../model/presence-state.ts';

/** Values of one attribute in one document; they are compared with each other, so their number is what costs. */
export const attributeValuesMax = 64;
/** Values of all attributes of one document together. */
export const documentValuesMax = 512;

const none: readonly string[] = [];
const noValues: ReadonlyMap<AttributeName, string[]> = new Map();

export class AttributeBag {
  /** Made when it is needed: most places of a document have none. */
  #values: Map<AttributeName, string[]> | undefined;
  #excess: string | undefined;
  #count = 0;

  /** What was too much, in words; nothing is taken after it. */
  get excess(): string | undefined {
    return this.#excess;
  }

  get values(): Map<AttributeName, string[]> {
    return (this.#values ??= new Map());
  }

  delete(name: AttributeName): void {
    this.#values?.delete(name);
  }

  add(name: string, value: string): void {
    if (value === '' || this.#excess !== undefined) return;
    const key = canonicalWord(name);
    const known = this.values.get(key);
    if (known === undefined) this.values.set(key, [value]);
    else if (includesWord(known, value)) return;
    else if (known.length < attributeValuesMax) known.push(value);
    else this.#excess = `an attribute has more than ${attributeValuesMax} values`;
    if (++this.#count > documentValuesMax) this.#excess ??= `there are more than ${documentValuesMax} values`;
  }

  /** Every value of `other` as well, and what was too much there. */
  addAll(other: AttributeBag): void {
    this.#excess ??= other.#excess;
    if (other.#values === undefined) return;
    for (const [name, values] of other.#values) for (const value of values) this.add(name, value);
  }

  get(name: AttributeName): readonly string[] {
    return this.#values?.get(name) ?? none;
  }

  /** Takes over from `other` what is not known here, and what was too much there. */
  addMissing(other: AttributeBag): void {
    this.#excess ??= other.#excess;
    for (const [name, values] of other.#values ?? noValues) {
      if (this.values.has(name)) continue;
      this.values.set(name, values);
      this.#count += values.length;
    }
    if (this.#count > documentValuesMax) this.#excess ??= `there are more than ${documentValuesMax} values`;
  }
}
