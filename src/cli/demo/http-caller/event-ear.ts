/** Hears server-sent events (WHATWG HTML 9.2.6) as they come and keeps those that nobody asked for yet. */

export interface HeardEvent {
  readonly name: string;
  readonly id: string;
  readonly data: unknown;
}

export interface EventEarPlan {
  close(): void;
  onEvent(event: HeardEvent): void;
}

export class EventEar {
  /** Everything that came, in order. */
  readonly heard: HeardEvent[] = [];
  readonly #plan: EventEarPlan;
  #wake: (() => void) | undefined;
  #taken = 0;

  constructor(body: AsyncIterable<Uint8Array>, plan: EventEarPlan) {
    this.#plan = plan;
    // A stream that breaks has nothing more to say; whoever waits for an event hears that none came.
    this.#read(body).catch(() => undefined);
  }

  close(): void {
    this.#plan.close();
  }

  /** The next event of this name after those that were asked for; rejects when none comes in time. */
  async next(name: string, withinMs: number): Promise<HeardEvent> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const found = this.heard.findIndex((event, at) => at >= this.#taken && event.name === name);
      const event = this.heard[found];
      if (event !== undefined) {
        this.#taken = found + 1;
        return event;
      }
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) throw new Error(`no event ${name} within ${withinMs} ms`);
      await this.#somethingOr(leftMs);
    }
  }

  async #somethingOr(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #read(body: AsyncIterable<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let fields = new Map<string, string>();
    let rest = '';
    for await (const octets of body) {
      const lines = (rest + decoder.decode(octets, { stream: true })).split(/\r\n|\n|\r/);
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line === '') {
          this.#dispatch(fields);
          fields = new Map();
        } else addField(fields, line);
      }
    }
  }

  /** An event without data is none. */
  #dispatch(fields: ReadonlyMap<string, string>): void {
    const data = fields.get('data');
    if (data === undefined) return;
    const event = {
      name: fields.get('event') ?? 'message',
      id: fields.get('id') ?? '',
      data: JSON.parse(data) as unknown,
    };
    this.heard.push(event);
    this.#plan.onEvent(event);
    this.#wake?.();
  }
}

/** A line that begins with a colon is a comment, such as a heartbeat. */
function addField(fields: Map<string, string>, line: string): void {
  const colon = line.indexOf(':');
  if (colon === 0) return;
  const name = colon < 0 ? line : line.slice(0, colon);
  const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
  const before = fields.get(name);
  fields.set(name, name === 'data' && before !== undefined ? `${before}\n${value}` : value);
}
