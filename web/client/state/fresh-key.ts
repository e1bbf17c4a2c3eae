/** A key that nobody else makes; also in a page that came over plain HTTP, where browsers offer no randomUUID. */

export function freshKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
