/** Server-sent events out of text that comes in pieces (WHATWG HTML 9.2.6). */

export interface ServerEvent {
  readonly name: string;
  readonly data: string;
  /** Of this event or of the last one that had one. */
  readonly id: string;
}

export class EventText {
  #rest = '';
  #id = '';

  /** The events that end in this piece. */
  add(piece: string): ServerEvent[] {
    this.#rest = (this.#rest + piece).replaceAll('\r\n', '\n');
    const events: ServerEvent[] = [];
    for (let end = this.#rest.indexOf('\n\n'); end >= 0; end = this.#rest.indexOf('\n\n')) {
      const event = this.#read(this.#rest.slice(0, end));
      this.#rest = this.#rest.slice(end + 2);
      if (event !== undefined) events.push(event);
    }
    return events;
  }

  #read(block: string): ServerEvent | undefined {
    let name = 'message';
    const data: string[] = [];
    for (const line of block.split('\n')) {
      const colon = line.indexOf(':');
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (field === 'event') name = value;
      else if (field === 'data') data.push(value);
      else if (field === 'id') this.#id = value;
    }
    return data.length === 0 ? undefined : { name, data: data.join('\n'), id: this.#id };
  }
}
