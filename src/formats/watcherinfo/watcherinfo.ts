/** A watcher information document (RFC 3858) as a value, written as XML. */
import { escapeXml, xmlElement } from '../xml-writer.ts';

export const watcherinfoContentType = 'application/watcherinfo+xml';
const namespace = 'urn:ietf:params:xml:ns:watcherinfo';

/** RFC 3858 4. */
export interface WatcherRecord {
  /** Unique in the document and the same in the next ones. */
  readonly id: string;
  readonly uri: string;
  readonly displayName?: string | undefined;
  readonly status: 'pending' | 'active' | 'waiting' | 'terminated';
  readonly event: string;
  /** Seconds; `expiration` from now, where it is known. */
  readonly durationSubscribed: number;
  readonly expiration?: number | undefined;
}

export interface WatcherInformation {
  readonly version: number;
  /** `partial`: those who are not named are as they were. */
  readonly state: 'full' | 'partial';
  readonly resource: string;
  readonly packageName: string;
  readonly watchers: readonly WatcherRecord[];
}

/** Octets of one document, so that a NOTIFY with it fits a datagram, whatever its headers. */
export const watcherinfoBytesMax = 49_152;

export interface WrittenWatchers {
  readonly body: Uint8Array;
  /** How many are in it: the first ones, as many as have room. */
  readonly named: number;
}

export function formatWatcherinfo({ watchers, ...frame }: WatcherInformation): WrittenWatchers {
  const rows: string[] = [];
  // An empty list is written shorter.
  let room = watcherinfoBytesMax - (formatFrame(frame, ' ').length - 1);
  for (const watcher of watchers) {
    const row = formatWatcher(watcher);
    room -= encoder.encode(row).length;
    if (room < 0) break;
    rows.push(row);
  }
  return { body: formatFrame(frame, rows.join('')), named: rows.length };
}

function formatFrame(
  { version, state, resource, packageName }: Omit<WatcherInformation, 'watchers'>,
  rows: string,
): Uint8Array {
  const list = xmlElement('watcher-list', rows, { resource, package: packageName });
  const root = xmlElement('watcherinfo', list, { xmlns: namespace, version: String(version), state });
  return encoder.encode(`<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`);
}

const encoder = new TextEncoder();

function formatWatcher({ id, uri, displayName, status, event, durationSubscribed, expiration }: WatcherRecord): string {
  return xmlElement('watcher', escapeXml(uri), {
    id,
    status,
    event,
    ...(displayName === undefined ? {} : { 'display-name': displayName }),
    'duration-subscribed': String(durationSubscribed),
    ...(expiration === undefined ? {} : { expiration: String(expiration) }),
  });
}
