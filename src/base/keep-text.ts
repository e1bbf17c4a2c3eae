/**
 * A copy for text that outlives the packet it was cut from: engines let a piece share the characters of the whole, and
 * would keep the whole packet in memory for it.
 */
export function keepText(text: string): string {
  // Shorter pieces are always copied.
  if (text.length < 13) return text;
  // Joining writes every character into one new string; cutting and adding would only point at the old one.
  const first = text.charAt(0);
  return text.split(first).join(first);
}
