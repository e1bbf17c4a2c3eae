/** Pieces that several grammars share: tokens, quoted strings, hosts, white space that may be folded, and what is wrong. */
import fc from 'fast-check';

export type Texts = fc.Arbitrary<string>;

/** Mostly the first, now and then one of the others. */
export function mostly(usual: Texts, ...rare: readonly Texts[]): Texts {
  return fc.oneof({ weight: 50 * rare.length, arbitrary: usual }, ...rare);
}

export function oneOf(...words: readonly string[]): Texts {
  return fc.constantFrom(...words);
}

/** The parts one behind the other. */
export function joined(...parts: readonly (Texts | string)[]): Texts {
  return fc
    .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
    .map((all) => all.join(''));
}

export function listed(member: Texts, between: Texts | string, maxLength = 3): Texts {
  const gap = typeof between === 'string' ? fc.constant(between) : between;
  return fc
    .array(fc.tuple(member, gap), { minLength: 1, maxLength })
    .map((pairs) => pairs.map(([text, after], at) => (at === pairs.length - 1 ? text : text + after)).join(''));
}

export function perhaps(part: Texts): Texts {
  return fc.oneof(fc.constant(''), part);
}

export const junk: Texts = fc.string({ unit: 'binary', maxLength: 8 }).map((text) => text.toWellFormed());
export const word: Texts = fc.string({
  unit: fc.constantFrom(...Array.from('abcxyzABC019-_.!~+')),
  minLength: 1,
  maxLength: 10,
});
export const number: Texts = mostly(
  fc.nat(9999).map(String),
  oneOf('0', '00', '4294967295', '4294967296', '99999999999999999999', '-1', '1e3', '0x10', ''),
);
export const host: Texts = mostly(
  oneOf('example.com', 'h', 'localhost', '192.0.2.1', '[2001:db8::1]'),
  oneOf('a..b', '-h', 'h.', '999.1.1.1', '[::1', '[::ffff:1.2.3.4]', '1.2.3', 'é.example', ''),
);
export const quoted: Texts = fc
  .string({ unit: fc.constantFrom(...Array.from('abc é,;<>@\\"=%')), maxLength: 12 })
  .chain((text) => mostly(fc.constant(`"${text.replace(/["\\]/g, String.raw`\$&`)}"`), fc.constant(`"${text}`)));
