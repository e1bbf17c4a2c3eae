/** What must be true of everything that leaves on an event stream: numbers without gaps, messages as attempts, reports. */
import type { AttemptChecks } from '../checks/attempt-checks.ts';
import type { Books } from '../checks/books.ts';
import type { PresenceIntake } from '../checks/presence-intake.ts';
import type { Lane } from '../model/lane.ts';
import { StreamClient } from './http-client.ts';
import type { StreamLine } from './http-network.ts';
import { contentOf, findEventFault, type ReadMessage } from './message-words.ts';
import { ReportChecks } from './report-checks.ts';
import { readEvents, type StreamEvent } from './stream-events.ts';
import { type StyleArgs, Styles } from './styles.ts';
import { findNoticeFault } from './waiting-notices.ts';

/** From an event to the acknowledgement of its message (docs/http-api.md section 5). */
const leaseMs = 30_000;

interface Watched {
  client: StreamClient;
  /** What it was told of, so that it is told once. */
  told: Set<string>;
  report: number;
  event: number;
}

export interface StreamHearers {
  readonly presence: PresenceIntake;
  readonly attempts: AttemptChecks;
}

export class StreamChecks {
  readonly reports: ReportChecks;
  readonly styles = new Styles();
  readonly #books: Books;
  readonly #hearers: StreamHearers;
  readonly #streams = new Map<StreamLine, Watched>();
  #attempts = 0;

  constructor(books: Books, hearers: StreamHearers) {
    this.#books = books;
    this.#hearers = hearers;
    this.reports = new ReportChecks(books);
  }

  opened(line: StreamLine): void {
    const { caller, ask } = line.call;
    const [report = 0, event = 0] = (ask.headers['last-event-id'] ?? '0-0').split('-').map(Number);
    const client = new StreamClient(caller, line);
    this.#streams.set(line, { client, report, event, told: new Set() });
    this.#books.story.tell(caller.name, () => 'has its stream');
    this.#hearers.presence.streamOpened(client, this.#styleOf(client));
  }

  sent(line: StreamLine, text: string): void {
    const stream = this.#streams.get(line);
    if (stream === undefined) {
      this.#books.fail('nothing is written to a stream that is not open', text);
      return;
    }
    for (const event of readEvents(text)) this.#sent(stream, event);
  }

  /** The server may take its client for silent until it hears that the stream is closed. */
  ending(line: StreamLine): void {
    const client = this.#streams.get(line)?.client;
    const lane = client === undefined ? undefined : this.#laneOf(client);
    if (lane !== undefined) this.#hearers.presence.laneInDoubt(lane);
  }

  closed(line: StreamLine): void {
    const client = this.#streams.get(line)?.client;
    if (client === undefined) return;
    this.#streams.delete(line);
    this.#letGo(client);
    this.#hearers.presence.streamClosed(client);
  }

  /** In effect at once, for streams that are open; they stay clients all the while. */
  styleChanged([owner, style]: StyleArgs): void {
    this.#books.story.tell('server', () => `sends to ${owner} over HTTP by ${style}`);
    this.styles.inEffect([owner, style]);
    for (const [line, stream] of this.#streams) {
      const { client } = stream;
      if (client.owner !== owner || this.#laneOf(client)?.style === this.#styleOf(client)) continue;
      stream.client = new StreamClient(line.call.caller, line, client.contact);
      stream.told = new Set();
      this.#letGo(client);
      this.#hearers.presence.streamOpened(stream.client, this.#styleOf(client), client);
    }
  }

  /** Where nothing is kept there is nothing to fetch. */
  #styleOf({ owner }: StreamClient): Lane['style'] {
    return this.#books.config.isStoreOffline ? this.styles.of(owner) : 'push';
  }

  #letGo(client: StreamClient): void {
    for (const attempt of this.#books.attempts.values()) {
      if (attempt.device !== client || !attempt.isOpen) continue;
      attempt.left = 'yes';
      this.#hearers.attempts.failed(attempt);
    }
  }

  killed(): void {
    this.styles.restarted();
    this.#streams.clear();
  }

  #laneOf({ owner, contact }: StreamClient) {
    return this.#books.person(owner).lanes.get(contact);
  }

  #sent(stream: Watched, event: StreamEvent): void {
    const { client } = stream;
    this.#books.story.tell(client.name, () => `<- event ${event.id} ${event.name} ${event.text}`);
    this.#checkNumber(stream, event);
    if (event.name === 'message') this.#message(client, event);
    else if (event.name === 'waiting') this.#notice(stream, event);
    else if (event.name === 'report') this.reports.told(client.owner, stream.report, event);
    else if (event.name !== 'presence' && !this.#isWatcherAsking(event)) {
      this.#books.fail('nothing is told that nobody asked for', event.text);
    }
  }

  /** Somebody who watches and waits to be let. */
  #isWatcherAsking({ name, data }: StreamEvent): boolean {
    return name === 'subscription' && this.#books.people.has((data as { readonly address: string }).address);
  }

  /** REPORT-EVENT, the latter without gaps (docs/http-api.md section 5, Resuming). */
  #checkNumber(stream: Watched, { id, name }: StreamEvent): void {
    const [report = 0, number = 0] = id.split('-').map(Number);
    if (name === 'report') stream.report = report;
    stream.event += 1;
    if (number === stream.event && report === stream.report) return;
    this.#books.fail('events are numbered without gaps', `${id} instead of ${stream.report}-${stream.event}`);
  }

  #notice({ client, told }: Watched, { data, text }: StreamEvent): void {
    const { id } = data as ReadMessage;
    const fault = told.has(id) ? 'it was told of that' : findNoticeFault(this.#books, client, text);
    told.add(id);
    if (fault !== undefined)
      this.#books.fail('a notice is of what is ready, and tells nothing else', `${text}: ${fault}`);
  }

  #message(client: StreamClient, { data, text }: StreamEvent): void {
    const read = data as ReadMessage;
    const { attempts } = this.#hearers;
    const instance = attempts.instanceOf(read.id, contentOf(read), text);
    if (instance === undefined) return;
    if (instance.letter.recipient !== client.owner) this.#books.fail('a message goes to its recipient', text);
    if (instance.attempts.some(({ device, isOpen, left }) => device === client && isOpen && left === 'no')) {
      this.#books.fail('what was offered is not offered again before its lease is over', text);
    }
    const sending = { instance, device: client, connection: undefined };
    this.#attempts += 1;
    attempts.begin({
      sending,
      key: `event ${this.#attempts}`,
      text,
      cseq: undefined,
      wireFault: findEventFault(this.#books, sending, text),
      isPlainAgain: false,
      lastsMs: leaseMs,
      onTimeOver: (attempt, at) => attempts.setBack(attempt, at),
    });
  }
}
