/**
 * Presence documents (PIDF, RFC 3863, with the person of RFC 4479 and moods and activities of RFC 4480) as a phone
 * writes them, and a plain reading of those it gets. Reads by pattern, not by grammar: good for a phone that shows,
 * not for a server that decides.
 */
export interface PhonePresence {
  readonly availability?: string;
  /** Element names of RFC 4480; a hyphen becomes the underscore of `in_love`. */
  readonly mood?: string | readonly string[];
  readonly activity?: string | readonly string[];
  readonly placeType?: string;
  readonly note?: string;
  /** `open` when absent. */
  readonly basic?: 'open' | 'closed';
}

/** `entity` is the address of the presentity, with or without scheme. */
export function formatPidf(entity: string, presence: PhonePresence): string {
  const uri = entity.includes(':') ? entity : `sip:${entity}`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" ` +
      `xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="${escapeXml(uri)}">`,
    `<tuple id="phone"><status><basic>${presence.basic ?? 'open'}</basic></status></tuple>`,
    `<dm:person id="self">${personContent(presence)}</dm:person>`,
    '</presence>',
    '',
  ].join('\n');
}

/** What a received document says, as far as a phone shows it; lists are in document order. */
export interface ReadPresence {
  readonly entity: string;
  readonly basic: readonly string[];
  readonly availability: string | undefined;
  readonly mood: readonly string[];
  readonly activity: readonly string[];
  readonly notes: readonly string[];
}

export function readPidf(document: string): ReadPresence {
  return {
    entity: unescapeXml(/<(?:\w+:)?presence\b[^>]*?\sentity\s*=\s*["']([^"']*)["']/.exec(document)?.[1] ?? ''),
    basic: contents(document, 'basic'),
    availability: contents(document, 'availability')[0],
    mood: childNames(contents(document, 'mood')),
    activity: childNames(contents(document, 'activities')),
    notes: contents(document, 'note').map(unescapeXml),
  };
}

function personContent(presence: PhonePresence): string {
  const moods = [presence.mood ?? []].flat().map((name) => `<rpid:${name.replaceAll('-', '_')}/>`);
  const activities = [presence.activity ?? []].flat().map((name) => `<rpid:${name}/>`);
  return [
    activities.length > 0 ? `<rpid:activities>${activities.join('')}</rpid:activities>` : '',
    moods.length > 0 ? `<rpid:mood>${moods.join('')}</rpid:mood>` : '',
    presence.placeType === undefined ? '' : `<rpid:place-type><rpid:${presence.placeType}/></rpid:place-type>`,
    presence.availability === undefined
      ? ''
      : `<availability xmlns="urn:restante:presence">${escapeXml(presence.availability)}</availability>`,
    presence.note === undefined ? '' : `<dm:note>${escapeXml(presence.note)}</dm:note>`,
  ].join('');
}

function contents(document: string, name: string): string[] {
  const pattern = new RegExp(`<(?:[\\w-]+:)?${name}(?:\\s[^>]*)?>([\\s\\S]*?)</(?:[\\w-]+:)?${name}\\s*>`, 'g');
  return [...document.matchAll(pattern)].map((match) => (match[1] ?? '').trim());
}

function childNames(inner: readonly string[]): string[] {
  return inner.flatMap((text) => [...text.matchAll(/<(?:[\w-]+:)?([\w-]+)[^>]*>/g)].map((match) => match[1] ?? ''));
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

const namedEntities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

function unescapeXml(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    return namedEntities[name ?? ''] ?? whole;
  });
}
