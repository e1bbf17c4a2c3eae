/** MSRP frames (RFC 4975 9) in rows of several, for a session that there is, and session descriptions (RFC 4566, RFC 4975 8). */
import fc from 'fast-check';
import { host, joined, junk, listed, mostly, number, oneOf, perhaps, quoted, type Texts, word } from './pieces.ts';

/** The one that the target knows. */
export const knownUri = 'msrp://us.example:2855/abcdefghijklmnop;tcp';

const uri = mostly(
  oneOf(knownUri),
  joined(
    oneOf('msrp', 'msrps', 'MSRP'),
    '://',
    perhaps(joined(word, '@')),
    host,
    ':',
    number,
    '/',
    word,
    ';',
    oneOf('tcp', 'ws', 'x'),
  ),
  joined('msrp://', host, ';', word),
  junk,
);
const uris = mostly(uri, listed(uri, ' '));
const ident = mostly(oneOf('abcd', 'abcd1', 'msg00001', 'msg00002'), word, oneOf('', 'a', 'x'.repeat(33)));
const range = mostly(
  joined(oneOf('1', '2', '4', '6', '0', '99'), '-', oneOf('*', '3', '5', '0'), '/', oneOf('*', '5', '9', '0')),
  joined(number, '-', number, '/', number),
  junk,
);
const row = mostly(
  fc.oneof(
    joined('Message-ID: ', ident),
    joined('Byte-Range: ', range),
    joined('Success-Report: ', oneOf('yes', 'no')),
    joined('Failure-Report: ', oneOf('yes', 'no', 'partial')),
    joined('Status: ', oneOf('000 200 OK', '000 413', '001 200', '200')),
    joined('Content-Type: ', oneOf('text/plain', 'message/cpim', 'a/b')),
  ),
  joined(word, ': ', junk),
  junk,
);
const content = fc
  .array(
    fc.oneof(
      oneOf('\r\n', '\r', '-------', '-------abcd', '\r\n-------abcd', '\r\n-------abcd1$', '$', '+\r\n', '#'),
      word,
    ),
    {
      maxLength: 6,
    },
  )
  .map((parts) => parts.join(''));

const frame: Texts = fc
  .record({
    id: ident,
    what: mostly(oneOf('SEND'), oneOf('REPORT', '200 OK', '413', 'AUTH', 'send', '')),
    to: uris,
    rows: fc.array(row, { maxLength: 5 }),
    body: fc.option(content, { nil: undefined }),
    flag: mostly(oneOf('$', '+'), oneOf('#', '', '!')),
  })
  .map(({ id, what, to, rows, body, flag }) => {
    const typed =
      body === undefined || rows.some((one) => one.startsWith('Content-Type')) ? rows : [...rows, 'Content-Type: a/b'];
    const head = [`MSRP ${id} ${what}`, `To-Path: ${to}`, 'From-Path: msrp://them.example:9/qrstuvwxyz;tcp', ...typed];
    return `${head.join('\r\n')}\r\n${body === undefined ? '' : `\r\n${body}\r\n`}-------${id}${flag}\r\n`;
  });

export const msrpFrames: Texts = fc.array(frame, { minLength: 1, maxLength: 5 }).map((all) => all.join(''));

const connection = mostly(joined('IN ', oneOf('IP4', 'IP6'), ' ', host), junk);
const attribute = mostly(
  fc.oneof(
    joined('path:', uris),
    joined('accept-types:', listed(oneOf('*', 'text/plain', 'message/cpim', 'a/*'), ' ')),
    joined('accept-wrapped-types:', listed(oneOf('*', 'text/plain'), ' ')),
    joined('max-size:', number),
    joined('setup:', oneOf('active', 'passive', 'actpass', 'holdconn')),
    oneOf('sendonly', 'recvonly', 'inactive', 'sendrecv'),
    joined(
      'file-selector:',
      listed(fc.oneof(joined('name:', quoted), joined('size:', number), oneOf('type:a/b', 'hash:sha-1:00')), ' '),
    ),
    joined(word, ':', word),
  ),
  junk,
);
const medium = joined(
  'm=',
  oneOf('message', 'audio', 'MESSAGE'),
  ' ',
  mostly(oneOf('9', '2855'), number),
  ' ',
  oneOf('TCP/MSRP', 'TCP/TLS/MSRP', 'TCP/WS/MSRP', 'RTP/AVP'),
  ' *\r\n',
  perhaps(joined('c=', connection, '\r\n')),
  fc.array(attribute, { maxLength: 7 }).map((all) => all.map((one) => `a=${one}\r\n`).join('')),
);

export const sessionDescriptions: Texts = joined(
  'v=0\r\n',
  mostly(joined('o=- ', number, ' ', number, ' ', connection, '\r\n'), oneOf('')),
  's=',
  perhaps(word),
  '\r\n',
  perhaps(joined('c=', connection, '\r\n')),
  't=0 0\r\n',
  perhaps(joined('a=', attribute, '\r\n')),
  fc.array(medium, { maxLength: 3 }).map((all) => all.join('')),
);
