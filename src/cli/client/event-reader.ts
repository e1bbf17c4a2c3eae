/** Server-sent events (WHATWG HTML 9.2.6) out of the octets of an answer, as far as this server sends them. */

export interface ServerSentEvent {
  readonly name: string;
  readonly data: unknown;
  readonly id: string;
}

/** Characters of an event that has not ended; a server that sends more is not one of ours. */
const eventLengthMax = 16 * 1024 * 1024;

export async function* readEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const octets of body) {
    rest += decoder.decode(octets, { stream: true });
    let end = rest.indexOf('\n\n');
    while (end >= 0) {
      const event = parseEvent(rest.slice(0, end));
      rest = rest.slice(end + 2);
      if (event !== undefined) yield event;
      end = rest.indexOf('\n\n');
    }
    if (rest.length > eventLengthMax) throw new Error('an event without an end');
  }
}

function parseEvent(text: string): ServerSentEvent | undefined {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) fields.set(name, value);
  }
  const data = fields.get('data');
  if (data === undefined) return undefined;
  return { name: fields.get('event') ?? 'message', data: JSON.parse(data) as unknown, id: fields.get('id') ?? '' };
}
