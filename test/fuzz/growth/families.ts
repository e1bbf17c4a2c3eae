/** Inputs of one kind in any size: a written seed with one piece repeated at one place. */
import { readSeeds } from '../corpus.ts';
import type { FuzzTarget } from '../targets.ts';

export interface Family {
  readonly name: string;
  /** Of about so many bytes. */
  make(bytes: number): Buffer;
}

/** `#` stands for a number that is another one each time. */
const pieces = [
  [
    'a',
    ' ',
    '\t',
    '\r\n',
    '\r\n ',
    ',',
    ';',
    ':',
    '=',
    '"',
    '\\',
    '\\"',
    '<',
    '>',
    '(',
    ')',
    '@',
    '%',
    '/',
    '.',
    '-',
    '[',
    '\0',
  ],
  [
    ';a',
    ';a#',
    ';a#=b',
    ';a="',
    ', <sip:a@b>',
    '<a',
    'X: y\r\n',
    'X#: y\r\n',
    'Via: SIP/2.0/UDP h;branch=z9hG4bK#\r\n',
    '\r\n\r\n',
  ],
  [
    '<a>',
    '<a/>',
    '</a>',
    '<a#/>',
    '<r:other>#</r:other>',
    '<x:seat>#</x:seat>',
    '<x:s#>1</x:s#>',
    ' a#="1"',
    ' xmlns:a#="u"',
  ],
  ['&lt;', '&', '<![CDATA[', ']]>', '<!--', '-->', '<note>#</note>', '<?', '?>', 'xmlns:a#="u#" a#:b="1" '],
  ['not ', '(not ', ' and online', ' or mood is #', 'a#, ', '"a" ', ' on mon', ',mon', 'é', '\u{1f600}'],
  [
    'a#=b, ',
    'a#="b", ',
    'a="\\',
    ',,',
    '= ',
    'OPTIONS sip:x SIP/2.0\r\n',
    'Content-Length: 0\r\n',
    'NS: a# <urn:#>\r\n',
  ],
].flat();

/** Places in a seed: its ends and, of its middle, some that lie behind a sign. */
const placesMax = 24;

export function* familiesOf(target: FuzzTarget): Generator<Family> {
  for (const [number, seed] of readSeeds(target.seeds).entries()) {
    for (const place of placesIn(seed)) {
      for (const piece of pieces) {
        yield {
          name: `seed ${number}, at ${place}, ${JSON.stringify(piece)}`,
          make: (bytes) => Buffer.concat([seed.subarray(0, place), repeated(piece, bytes), seed.subarray(place)]),
        };
      }
    }
  }
}

function repeated(piece: string, bytes: number): Buffer {
  const parts: string[] = [];
  for (let length = 0; length < bytes; length += parts.at(-1)?.length ?? 1) {
    parts.push(piece.replaceAll('#', parts.length.toString(36)));
  }
  return Buffer.from(parts.join(''));
}

function placesIn(seed: Buffer): number[] {
  const behindSigns = [...seed.entries()]
    .filter(([, byte]) => !/\w/.test(String.fromCharCode(byte)))
    .map(([at]) => at + 1);
  const step = Math.max(1, Math.ceil(behindSigns.length / placesMax));
  return [0, ...behindSigns.filter((_, index) => index % step === 0), seed.length];
}
