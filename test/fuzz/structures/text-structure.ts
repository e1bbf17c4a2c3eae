/** Conditions (contract's grammar), digest credentials (RFC 7616 3.4), CPIM envelopes (RFC 3862), media types (RFC 2045). */
import fc from 'fast-check';
import { host, joined, junk, listed, mostly, oneOf, perhaps, quoted, type Texts, word } from './pieces.ts';

const gap = mostly(oneOf(' '), oneOf('', '  ', '\t', '\n'));
const attribute = mostly(
  oneOf('mood', 'availability', 'activity', 'place-type', 'x-a', 'PLACE_TYPE', 'online'),
  oneOf('moood', 'is', 'time', 'x-', '"mood"', ''),
);
const value = mostly(fc.oneof(word, quoted), oneOf('and', 'not', 'known', 'é', '(', '"', '"a\\'));
const time = mostly(
  oneOf('2026-11-21T09:00:00Z', '2026-11-21T09:00:00.5+01:00', '2026-02-29T00:00:00Z', '0000-01-01T00:00:00-23:59'),
  oneOf('2026-13-01T00:00:00Z', '2026-11-21', '24:00', '9999-12-31T23:59:60Z', ''),
);
const minute = mostly(oneOf('00:00', '18:00', '23:59', '07:30'), oneOf('24:00', '7:30', '12:60', '1200', ''));
const days = mostly(oneOf('mon', 'mon-fri', 'sat,sun', 'fri-mon', 'mon-sun,mon'), oneOf('mon-', 'day', ','));
const zone = mostly(oneOf('Europe/Paris', 'UTC', 'Asia/Kolkata'), oneOf('Europe/Nowhere', '+01:00', 'europe/paris'));

const test: Texts = fc.oneof(
  joined(attribute, gap, 'is', gap, perhaps(oneOf('not ')), value),
  joined(
    attribute,
    ' is ',
    perhaps(oneOf('not ')),
    'one of',
    gap,
    '(',
    gap,
    listed(value, mostly(oneOf(', '), oneOf(',', ' '))),
    ')',
  ),
  joined(attribute, ' is ', perhaps(oneOf('not ')), 'known'),
  joined(attribute, ' changes', perhaps(joined(' from ', value)), perhaps(joined(' to ', value))),
  joined('time ', oneOf('after', 'before'), ' ', time),
  joined('time within ', minute, '-', minute, perhaps(joined(' on ', days)), perhaps(joined(' ', zone))),
  oneOf('online', 'ONLINE', 'not online'),
);
const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    test,
    joined(test, gap, oneOf('and', 'or', 'AND', 'xor'), gap, tie('condition')),
    joined('(', gap, tie('condition'), gap, mostly(oneOf(')'), oneOf('', '))'))),
    joined('not', gap, tie('condition')),
  ),
}));
export const conditions: Texts = mostly(condition, joined(condition, junk));

const equals = mostly(oneOf('='), oneOf(' = ', '', '=='));
const credential = fc.oneof(
  joined(oneOf('username', 'realm', 'nonce', 'uri', 'cnonce', 'opaque'), equals, quoted),
  joined('response', equals, oneOf('"0123456789abcdef0123456789abcdef"', '"x"', '')),
  joined(oneOf('qop', 'QOP'), equals, oneOf('auth', '"auth"', 'auth-int', '')),
  joined('nc', equals, oneOf('00000001', '"00000001"', '1', 'zzzzzzzz')),
  joined('algorithm', equals, oneOf('MD5', 'SHA-256', 'sha-256', '"MD5"', 'MD5-sess')),
  joined('username*', equals, oneOf("UTF-8''t%6Fm", "utf-8'en'%", "latin1''x", "UTF-8''", "UTF-8'%E0%A4%A")),
  joined(word, equals, fc.oneof(word, quoted, junk)),
);
const otherCredential = fc.oneof(
  joined(oneOf('cnonce', 'opaque'), equals, quoted),
  oneOf('nc=00000001', 'nc="00000001"', 'algorithm=SHA-256', 'stale=x', 'x'),
);
const wholeCredentials = fc.constant(
  ['username="tom"', 'realm="localhost"', 'nonce="1.2.3"', 'uri="sip:localhost"', 'response="0"', 'qop=auth'].join(
    ', ',
  ),
);
export const digestCredentials: Texts = joined(
  mostly(oneOf('Digest '), oneOf('digest\t', 'Basic ', 'Digest', 'Digest  ,')),
  fc.oneof(
    listed(credential, mostly(oneOf(', '), oneOf(',', ',,', ' ', ';')), 10),
    joined(wholeCredentials, perhaps(joined(', ', listed(otherCredential, ', ')))),
  ),
);

const cpimName = mostly(
  oneOf('From', 'To', 'cc', 'DateTime', 'Subject', 'NS', 'Require', 'imdn.Message-ID', 'imdn.Disposition-Notification'),
  word,
  joined(word, '.', word),
  oneOf('', '.', 'a.b.c', 'From '),
);
const cpimValue = fc.oneof(
  joined(perhaps(fc.oneof(quoted, word)), ' <im:', word, '@', host, '>'),
  oneOf(
    'imdn <urn:ietf:params:imdn>',
    '<urn:x>',
    '2026-11-21T09:00:00Z',
    'positive-delivery, display',
    'imdn.Message-ID,a',
  ),
  oneOf(String.raw`a\u00e9`, String.raw`\u12`, String.raw`\q\\`, '\\', ''),
  joined(word, junk),
);
const cpimRow = joined(cpimName, mostly(oneOf(': '), oneOf(':', ' ', ':;lang=fr ', ':;a="b c" ')), cpimValue);
const contentRow = fc.oneof(
  oneOf('Content-Type: text/plain; charset=utf-8', 'Content-type: application/im-iscomposing+xml', 'Content-ID: <1@h>'),
  joined(word, mostly(oneOf(': '), oneOf(':', '')), junk),
  joined(word, ': ', word, '\r\n ', word),
);
const lineEnd = mostly(oneOf('\r\n'), oneOf('\n', '\r', '\r\n\r\n'));

function rows(one: Texts): Texts {
  return fc.array(joined(one, lineEnd), { maxLength: 6 }).map((all) => all.join(''));
}

export const cpimEnvelopes: Texts = joined(
  rows(cpimRow),
  mostly(oneOf('\r\n'), oneOf('', '\n')),
  rows(contentRow),
  mostly(oneOf('\r\n'), oneOf('', '\n')),
  fc.oneof(oneOf('', 'hello', '\r\n\r\n'), junk),
);

export const contentTypes: Texts = joined(
  mostly(
    oneOf('text/plain', 'message/CPIM', ' application/pidf+xml '),
    joined(word, '/', word),
    oneOf('', 'text', '/', 'a/b/c'),
  ),
  fc
    .array(joined(';', gap, perhaps(word), equals, fc.oneof(word, quoted, oneOf(''))), { maxLength: 20 })
    .map((all) => all.join('')),
);
