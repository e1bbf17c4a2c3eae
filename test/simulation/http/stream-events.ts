/** Server-sent events as a client reads them (WHATWG HTML 9.2), as far as a correct server writes them. */
export interface StreamEvent {
  readonly id: string;
  readonly name: string;
  /** Of JSON. */
  readonly data: unknown;
  /** The same as it was written. */
  readonly text: string;
}

/** Comments are passed over; what is no event at all is an event without a name. */
export function readEvents(text: string): StreamEvent[] {
  return text
    .split('\n\n')
    .filter((block) => block !== '' && !block.startsWith(':'))
    .map((block) => {
      const match = /^id: (\d+-\d+)\nevent: (\w+)\ndata: (.*)$/.exec(block);
      const [, id = '', name = '', data = 'null'] = match ?? [];
      return { id, name, data: JSON.parse(data), text: data };
    });
}
