/** What must hold for each reader, whatever it is given. A target throws when something does not. */
import { parseCondition } from '../../src/conditions/parse-condition.ts';
import { parseCpim } from '../../src/formats/cpim.ts';
import { formatPidf, parsePidf } from '../../src/formats/pidf.ts';
import { parseAddress } from '../../src/model/address.ts';
import { parseDigestCredentials } from '../../src/sip/digest/digest-credentials.ts';
import { formatSipRequest } from '../../src/sip/message/format-message.ts';
import { parseSipMessage } from '../../src/sip/message/parse-message.ts';
import { StreamFramer } from '../../src/sip/message/stream-framer.ts';

export interface FuzzTarget {
  readonly name: string;
  /** The folder of its seeds. */
  readonly seeds: string;
  check(bytes: Buffer): void;
}

export const targets: readonly FuzzTarget[] = [
  { name: 'SIP message', seeds: 'sip', check: checkSipMessage },
  { name: 'stream framing', seeds: 'sip', check: checkFraming },
  { name: 'PIDF', seeds: 'pidf', check: checkPidf },
  { name: 'CPIM', seeds: 'cpim', check: (bytes) => void parseCpim(bytes) },
  { name: 'condition', seeds: 'conditions', check: checkCondition },
  { name: 'digest credentials', seeds: 'digest', check: (bytes) => void parseDigestCredentials(bytes.toString()) },
];

/** What is taken for a request can be written and is taken for the same again. */
function checkSipMessage(bytes: Buffer): void {
  const parsed = parseSipMessage(bytes);
  if (parsed.kind !== 'request') return;
  const again = parseSipMessage(formatSipRequest(parsed.message));
  must(again.kind === 'request', `written again it is ${JSON.stringify(again)}`);
  must(again.message.callId === parsed.message.callId, 'its Call-ID changed');
  must(Buffer.compare(again.message.body, parsed.message.body) === 0, 'its body changed');
}

/** The same pieces, whether they come at once, or byte by byte. */
function checkFraming(bytes: Buffer): void {
  const whole = JSON.stringify(framesOf([bytes]));
  const single = JSON.stringify(framesOf(Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))));
  must(whole === single, 'byte by byte it is framed differently');
}

function framesOf(pieces: readonly Buffer[]): unknown[] {
  const framer = new StreamFramer();
  return pieces.flatMap((piece) => [...framer.push(piece)]).map((event) => copyOf(event));
}

/** Events may share memory with the piece that they came in. */
function copyOf(event: object): unknown {
  return Object.fromEntries(
    Object.entries(event).map(([key, value]) => [
      key,
      value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
    ]),
  );
}

/** What is understood of a document can be written, and is understood again. */
function checkPidf(bytes: Buffer): void {
  const parsed = parsePidf(bytes, 0);
  if (!parsed.ok) return;
  const mary = parseAddress('mary@localhost');
  must(mary.ok, 'the address');
  const again = parsePidf(formatPidf(mary.value, parsed.value.state, [bytes]), 0);
  must(again.ok, `written again it is refused: ${again.ok ? '' : again.error}`);
}

function checkCondition(bytes: Buffer): void {
  const text = bytes.toString();
  const parsed = parseCondition(text);
  if (!parsed.ok) {
    must(parsed.error.position >= 0 && parsed.error.position <= text.length, `position ${parsed.error.position}`);
    return;
  }
  const again = parseCondition(parsed.value.text);
  must(again.ok && again.value.text === parsed.value.text, `printed it is ${parsed.value.text}`);
}

function must(holds: boolean, words: string): asserts holds {
  if (!holds) throw new Error(words);
}
