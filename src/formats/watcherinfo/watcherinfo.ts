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

export function formatWatcherinfo({ version, state, resource, packageName, watchers }: WatcherInformation): Uint8Array {
  const list = xmlElement('watcher-list', watchers.map(formatWatcher).join(''), { resource, package: packageName });
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
