/**
 * The torture messages of RFC 4475 and RFC 5118, as far as the parser has a say, against the table that goes with
 * them. Our own messages on the same ground are in torture-vectors.test.ts.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseSipMessage } from './parse-message.ts';
import type { ParsedSip } from './parse-message.ts';
import { StreamFramer } from './stream-framer.ts';

const folder = fileURLToPath(new URL('../../../../shared/reference/torture/', import.meta.url));
const isThere = existsSync(`${folder}expected.json`);

interface Expectation {
  readonly name: string;
  readonly file: string;
  readonly message: 'request' | 'response';
  readonly verdict: string;
  readonly preferred: string;
  readonly alternatives: readonly string[];
  readonly bodyBytes: number;
  readonly contentLength: readonly number[];
}

const expectations: readonly Expectation[] = isThere ? JSON.parse(readFileSync(`${folder}expected.json`, 'utf8')) : [];

/** What the parser must say: a status to refuse with, nothing for what is dropped, the length of the body otherwise. */
function expectedOutcome(expectation: Expectation): string {
  const { name, message, verdict, preferred, contentLength, bodyBytes } = expectation;
  if (message === 'response') return verdict === 'invalid' ? 'malformed-response' : `response ${bodyBytes}`;
  if (name === 'mismatch02' || preferred === '400' || preferred === '505') return `malformed-request ${preferred}`;
  return `request ${contentLength[0] ?? bodyBytes}`;
}

function outcomeOf(parsed: ParsedSip): string {
  switch (parsed.kind) {
    case 'request':
    case 'response':
      return `${parsed.kind} ${parsed.message.body.length}`;
    case 'malformed-request':
      return `${parsed.kind} ${parsed.status}`;
    default:
      return parsed.kind;
  }
}

/** The outcome for the first message that a stream of these octets gives. */
function streamOutcome(octets: Uint8Array): string {
  const [event] = new StreamFramer().push(octets);
  if (event?.kind === 'framingLost') return `lost ${outcomeOf(event.malformed)}`;
  return event?.kind === 'message' ? outcomeOf(parseSipMessage(event.bytes)) : 'nothing';
}

describe.skipIf(!isThere)('torture messages (skipped without ../shared/reference/torture)', () => {
  it.each(expectations)('$name: $preferred', (expectation) => {
    const octets = readFileSync(folder + expectation.file);
    const expected = expectedOutcome(expectation);
    expect(outcomeOf(parseSipMessage(octets))).toBe(expected);
    // Two lengths end a stream, whatever else there is to say.
    expect(streamOutcome(octets)).toBe(expectation.name === 'mcl01' ? `lost ${expected}` : expected);
  });
});
