/**
 * A media type with its parameters (RFC 2045 5.1, RFC 3261 20.15). Reads what it can: a parameter that is malformed is
 * left out, a type that is malformed is none.
 */
export interface ContentType {
  /** `type/subtype` in lower case. */
  readonly type: string;
  /** Names in lower case, values without quotes as they came; the first of a name counts. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Parameters after the 16th are left out. */
export const contentTypeParametersMax = 16;

const TYPE = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+$/;

export function parseContentType(text: string): ContentType | undefined {
  const type = mediaTypeOf(text);
  if (!TYPE.test(type)) return undefined;
  return { type, parameters: parseParameters(text, text.indexOf(';')) };
}

/** Only the type in lower case, unchecked; for a quick look. */
export function mediaTypeOf(text: string): string {
  const end = text.indexOf(';');
  return (end < 0 ? text : text.slice(0, end)).trim().toLowerCase();
}

function parseParameters(text: string, start: number): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let at = start;
  while (at >= 0 && at < text.length && found.size < contentTypeParametersMax) {
    const end = endOfParameter(text, at + 1);
    const parameter = text.slice(at + 1, end);
    const equals = parameter.indexOf('=');
    const name = parameter.slice(0, Math.max(equals, 0)).trim().toLowerCase();
    if (name !== '' && !found.has(name)) found.set(name, unquote(parameter.slice(equals + 1).trim()));
    at = end;
  }
  return found;
}

/** The next semicolon that stands outside quotes, or the end. */
function endOfParameter(text: string, start: number): number {
  let isQuoted = false;
  for (let at = start; at < text.length; at++) {
    const sign = text[at];
    if (sign === '"') isQuoted = !isQuoted;
    else if (sign === '\\' && isQuoted) at += 1;
    else if (sign === ';' && !isQuoted) return at;
  }
  return text.length;
}

function unquote(value: string): string {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value;
  return value.slice(1, -1).replace(/\\(.)/gs, '$1');
}
