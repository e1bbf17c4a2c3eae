/**
 * To the letter what a recipient may read of a message over HTTP: written anew from the letter by contract sections 4 and 7,
 * so that nothing in it can tell why it waited.
 */
import type { Books, Instance } from '../checks/books.ts';
import { findMarkFault, isDatedRight, type Sending } from '../checks/wire-check.ts';

/** What `POST …/delivered` acknowledges, as a stream tells of it or as it is fetched. */
export interface ReadMessage {
  readonly id: string;
  readonly at: string;
  readonly deferred: boolean;
  readonly text?: string;
  readonly body?: string;
}

/** The content as it came, for a reader who looks for the letter in it. */
export function contentOf({ text, body }: Pick<ReadMessage, 'text' | 'body'>): string {
  return text ?? Buffer.from(body ?? '', 'base64').toString('latin1');
}

/** In words; undefined when all is as it must be. */
export function findEventFault(books: Books, sending: Sending, text: string): string | undefined {
  const read = JSON.parse(text) as ReadMessage;
  return findContentFault(sending.instance, text, read.deferred) ?? findMarkFault(books, sending, read.deferred);
}

/** What is fetched by itself is deferred always. */
export function findContentFault(instance: Instance, text: string, isDeferred: boolean): string | undefined {
  const { letter, id } = instance;
  const { at } = JSON.parse(text) as ReadMessage;
  if (!isDatedRight(instance, Date.parse(at))) return `at is ${at}`;
  const isPlain = letter.contentType.startsWith('text/plain');
  const wanted = {
    id,
    from: letter.sender,
    at,
    deferred: isDeferred,
    contentType: letter.contentType,
    ...(letter.plainBody === undefined ? {} : { text: letter.plainBody }),
    ...(isPlain ? {} : { body: Buffer.from(letter.body, 'latin1').toString('base64') }),
  };
  return differs(text, JSON.stringify(wanted));
}

/** What waits is told of without its content, and is deferred always. */
export function findNoticeWordsFault(instance: Instance, text: string): string | undefined {
  const { letter, id } = instance;
  const { at } = JSON.parse(text) as ReadMessage;
  if (!isDatedRight(instance, Date.parse(at))) return `at is ${at}`;
  const wanted = { id, from: letter.sender, at, deferred: true, contentType: letter.contentType };
  return differs(text, JSON.stringify(wanted));
}

/** A line of a list. */
export function findItemFault(instance: Instance, item: { readonly at: string }): string | undefined {
  const { letter, id } = instance;
  const { at } = item;
  if (!isDatedRight(instance, Date.parse(at))) return `at is ${at}`;
  const size = Buffer.byteLength(letter.body, 'latin1');
  const wanted = { id, from: letter.sender, at, contentType: letter.contentType, size };
  return differs(JSON.stringify(item), JSON.stringify(wanted));
}

function differs(given: string, wanted: string): string | undefined {
  return given === wanted ? undefined : `it reads ${given} and not ${wanted}`;
}
