/** Contents of any size that are known again, and CPIM around a few words. */

export function octets(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at += 1) bytes[at] = (at * 31 + (at >> 9)) & 255;
  return bytes;
}

export function cpim(from: string, to: string, text: string, more: readonly string[] = []): string {
  return [
    `From: <sip:${from}@localhost>`,
    `To: <sip:${to}@localhost>`,
    'DateTime: 2026-11-28T12:00:00Z',
    'NS: imdn <urn:ietf:params:imdn>',
    ...more,
    '',
    'Content-Type: text/plain;charset=UTF-8',
    '',
    text,
  ].join('\r\n');
}
