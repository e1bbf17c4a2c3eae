/** Attributes and their values while a document is read; the same value twice is one. Knows no format. */
import { canonicalWord, includesWord, type AttributeName } from '../../model/presence-state.ts';

export class AttributeBag {
  readonly values = new Map<AttributeName, string[]>();

  add(name: string, value: string): void {
    const key = canonicalWord(name);
    if (value === '') return;
    const known = this.values.get(key);
    if (known === undefined) this.values.set(key, [value]);
    else if (!includesWord(known, value)) known.push(value);
  }

  get(name: AttributeName): readonly string[] {
    return this.values.get(name) ?? [];
  }

  /** Takes over from `other` what is not known here. */
  addMissing(other: AttributeBag): void {
    for (const [name, values] of other.values) if (!this.values.has(name)) this.values.set(name, values);
  }
}
