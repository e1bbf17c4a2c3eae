/** SIP messages (RFC 3261 25.1): start lines, rows in any order, spelling and folding, lengths that are right and wrong. */
import fc from 'fast-check';
import { host, joined, junk, listed, mostly, number, oneOf, perhaps, quoted, type Texts, word } from './pieces.ts';

const blank = mostly(oneOf(' '), oneOf('', '  ', '\t', '\r\n ', ' \r\n\t', '\r\n\r\n '));
const lineEnd = mostly(oneOf('\r\n'), oneOf('\n', '\r', '\r\n\r\n', ''));
const escaped = mostly(fc.oneof(word, oneOf('%61', '%00', 'a%0d%0ab', '%c3%a9')), oneOf('%', '%zz', 'é', ''));

/** Behind semicolons, each name once; `wrong` ones come seldom and may repeat a name. */
function parametersOf(right: Texts, wrong: Texts): Texts {
  const several = fc
    .uniqueArray(right, { maxLength: 4, selector: (text) => text.split('=')[0]?.toLowerCase() })
    .map((all) => all.map((one) => `;${one}`).join(''));
  return mostly(several, joined(several, ';', wrong));
}

const parameters = parametersOf(
  fc.oneof(
    joined(word, '=', fc.oneof(word, quoted)),
    word,
    oneOf('q=0.5', '+sip.instance="<urn:uuid:0>"', 'methods="A,B"'),
  ),
  oneOf('', '=', 'tag=1;tag=1', 'q=7', 'expires=x', 'a="', 'é', 'a=[::1', 'rport=x;ttl=999'),
);
const uriParameters = parametersOf(
  fc.oneof(
    joined(word, '=', escaped),
    word,
    oneOf('lr', 'transport=tcp', 'maddr=[::1]', 'maddr=h', 'ttl=1', 'user=phone'),
  ),
  oneOf('', '=', 'transport=', 'lr;lr', 'a="b"', 'a=%', 'a b'),
);
const port = mostly(oneOf('5060', '1', '65535'), number);
const scheme = mostly(oneOf('sip', 'sips', 'im', 'pres', 'SIP'), oneOf('tel', 'http', 'x-y', '1', ''));
const uri = mostly(
  joined(
    scheme,
    ':',
    perhaps(joined(escaped, perhaps(joined(':', escaped)), '@')),
    host,
    perhaps(joined(':', port)),
    uriParameters,
  ),
  joined('sip:a@h?', word, '=', escaped),
  junk,
);
const address = mostly(
  joined(perhaps(fc.oneof(quoted, word, joined(word, ' ', word))), blank, '<', uri, '>', parameters),
  joined(uri, parameters),
  joined('<', uri),
  oneOf('*'),
);
const via = joined(
  mostly(oneOf('SIP/2.0/UDP', 'SIP/2.0/TCP', 'SIP / 2.0 / TLS'), oneOf('SIP/3.0/UDP', 'sip/2.0/ws', 'SIP/2.0', 'X')),
  blank,
  host,
  perhaps(joined(':', port)),
  mostly(joined(';branch=z9hG4bK', word, parameters), parameters),
);
const method = mostly(
  oneOf('MESSAGE', 'REGISTER', 'PUBLISH', 'SUBSCRIBE', 'NOTIFY', 'OPTIONS', 'INVITE', 'ACK', 'CANCEL', 'BYE'),
  word,
  oneOf('message', 'MESS AGE', ''),
);

function row(names: readonly string[], value: Texts): Texts {
  return joined(oneOf(...names), mostly(oneOf(': '), oneOf(':', ' : ', '\t:\t', ' ', ':\r\n ')), value, lineEnd);
}

function neededRows(name: Texts): Texts[] {
  return [
    row(['Via', 'v', 'VIA'], listed(via, oneOf(',', ' , ', ', '))),
    row(['From', 'f'], joined(address, ';tag=', word)),
    row(['To', 't'], address),
    row(['Call-ID', 'i', 'call-id'], mostly(joined(word, perhaps(joined('@', host))), junk)),
    row(['CSeq', 'cseq'], joined(number, blank, name)),
  ];
}

const otherRows: Texts = fc.oneof(
  row(['Max-Forwards'], number),
  row(['Contact', 'm'], listed(address, ', ')),
  row(['Route', 'Record-Route', 'Path'], listed(address, ',')),
  row(
    ['Content-Type', 'c'],
    mostly(joined(oneOf('text/plain', 'message/cpim', 'application/pidf+xml'), parameters), junk),
  ),
  row(['Deliver-When', 'Subject', 's', 'X-Other'], fc.oneof(quoted, junk, joined(word, '\r\n ', word))),
  row(['Expires', 'Min-Expires'], number),
  row(['Authorization', 'Proxy-Authorization'], joined('Digest realm=', quoted, ', nonce=', quoted)),
  row(
    ['Event', 'o', 'Accept', 'Require', 'Supported', 'k', 'Allow', 'Warning', 'Date'],
    fc.oneof(word, parameters, junk),
  ),
  joined(junk, lineEnd),
);

const body = fc.oneof(
  oneOf('', 'hello'),
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.toWellFormed()),
);
const wrongLength = oneOf('0', '1', '99', '-1', '4294967296', '+5', '5 5', '0x5', '');

function message(startLine: Texts, needed: readonly Texts[]): Texts {
  const rows = fc
    .tuple(fc.tuple(...needed), fc.array(otherRows, { maxLength: 4 }), fc.nat(30))
    .map(([must, more, choice]) => {
      const all = [...must, ...more];
      // Now and then one is missing, twice there, or at another place.
      const at = choice % all.length;
      if (choice > 27) all.splice(at, 1);
      else if (choice > 24) all.push(all[at] ?? '');
      else if (choice > 16) all.push(...all.splice(at, 1));
      return all.join('');
    });
  return fc
    .tuple(startLine, rows, body, mostly(oneOf('right'), oneOf('none'), wrongLength))
    .map(([line, head, text, kind]) => {
      const length = kind === 'right' ? String(Buffer.byteLength(text)) : kind;
      return `${line}${head}${kind === 'none' ? '' : `Content-Length: ${length}\r\n`}\r\n${text}`;
    });
}

const request = method.chain((name) =>
  message(
    joined(
      perhaps(oneOf('\r\n', '\r\n\r\n')),
      name,
      mostly(oneOf(' '), oneOf('  ', '\t')),
      uri,
      mostly(oneOf(' SIP/2.0\r\n'), oneOf(' SIP/7.0\r\n', ' SIP/2.0 \r\n', '\r\n')),
    ),
    neededRows(mostly(fc.constant(name), word)),
  ),
);
const response = message(
  joined(
    'SIP/2.0 ',
    mostly(oneOf('200', '202', '401', '180'), oneOf('99', '700', '2000', '')),
    ' ',
    junk.map((text) => text.replace(/[\r\n]/g, ' ')),
    '\r\n',
  ),
  neededRows(method),
);

export const sipMessages: Texts = fc.oneof({ weight: 3, arbitrary: request }, response);
