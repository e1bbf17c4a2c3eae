/** Addresses as people read them. */

/** `Mary` of `mary@example.com`; what does not look like a name stays as it is. */
export function nameOf(address: string): string {
  const user = address.split('@')[0] ?? address;
  return user
    .split(/[._-]/)
    .filter((part) => part !== '')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join(' ');
}

export function initialsOf(address: string): string {
  const parts = nameOf(address).split(' ');
  return parts
    .slice(0, 2)
    .map((part) => Array.from(part)[0] ?? '')
    .join('');
}

/** A number from 0 to 7 that is always the same for an address, so that a person keeps their colour. */
export function toneOf(address: string): number {
  let sum = 0;
  for (const letter of address) sum = (sum * 33 + (letter.codePointAt(0) ?? 0)) % 9973;
  return sum % 8;
}

/** What somebody typed as an address: trimmed, in lower case, with the domain that is meant when there is none. */
export function addressOf(typed: string, domain: string): string | undefined {
  const text = typed
    .trim()
    .toLowerCase()
    .replace(/^(?:sip|sips|im|pres|wv):/, '');
  if (text === '' || /\s/.test(text)) return undefined;
  const address = text.includes('@') ? text : `${text}@${domain}`;
  return /^[^@]+@[^@]+$/.test(address) ? address : undefined;
}
