/** Presence documents (PIDF with RPID and foreign elements), reports (IMDN), registrations: with XML that is odd or wrong. */
import fc from 'fast-check';
import { junk, mostly, oneOf, perhaps, type Texts, word } from './pieces.ts';

const text: Texts = mostly(
  fc.oneof(
    word,
    oneOf('', ' ', 'open', 'closed', '&lt;', '&#65;', '&#x10ffff;', '<![CDATA[x]]>', '<!-- x -->', '<?x y?>', 'é'),
  ),
  oneOf('&nbsp;', '&', ']]>', '<', '&#0;', '&#xd800;'),
  junk,
);
const attribute = mostly(
  oneOf(
    ' id="1"',
    ' xmlns:r="urn:x"',
    " class='1'",
    ' x:a="1"',
    ' p:mustUnderstand="1"',
    ' from="2026-01-01T00:00:00Z"',
    ' until="2020-01-01T00:00:00Z"',
    ' until="never"',
    ' xml:lang="en"',
    ' a="&lt;"',
  ),
  oneOf(' xmlns=""', ' u:a="1"', ' id=1', ' id="1" id="2"', ' 1="1"'),
);
const attributes = fc.array(attribute, { maxLength: 2 }).map((all) => all.join(''));

function element(name: Texts, content: Texts): Texts {
  return fc
    .tuple(
      name,
      fc.oneof(fc.constant(''), attributes),
      content,
      mostly(oneOf('right'), oneOf('empty', 'open', 'other')),
    )
    .map(([tag, more, inner, end]) => {
      if (end === 'empty') return `<${tag}${more}/>`;
      return `<${tag}${more}>${inner}${end === 'open' ? '' : `</${end === 'other' ? 'z' : tag}>`}`;
    });
}

function several(part: Texts, maxLength: number): Texts {
  return fc.array(part, { maxLength }).map((all) => all.join(''));
}

const moodWord = oneOf('r:angry', 'r:in_love', 'r:other', 'r:unknown', 'r:happy', 'x:odd', 'angry');
const rpid = fc.oneof(
  element(
    oneOf('r:mood', 'r:activities', 'r:place-type', 'r:privacy', 'r:sphere'),
    several(element(moodWord, perhaps(text)), 4),
  ),
  element(
    oneOf('r:place-is'),
    several(element(oneOf('r:audio', 'r:video', 'r:z'), element(oneOf('r:noisy', 'r:ok'), fc.constant(''))), 2),
  ),
  element(oneOf('r:user-input', 'r:class', 'r:time-offset', 'r:status-icon', 'r:relationship', 'r:zz'), text),
  element(oneOf('availability', 'online', 'mood'), text).map((xml) =>
    xml.replace('>', ' xmlns="urn:restante:presence">'),
  ),
  element(
    oneOf('o:overriding-willingness', 'o:willingness'),
    element(oneOf('o:basic', 'basic'), oneOf('open', 'closed', 'x')),
  ),
  element(
    oneOf('c:servcaps'),
    element(oneOf('c:languages'), element(oneOf('c:supported'), several(element(oneOf('c:l'), word), 3))),
  ),
  element(oneOf('x:seat', 'x:dnd', 'x:x-a'), fc.oneof(text, element(oneOf('x:inner'), text))),
  element(oneOf('note', 'd:note'), text),
);
const status = element(
  oneOf('status'),
  several(fc.oneof(element(oneOf('basic'), oneOf('open', 'closed', 'OPEN', '')), rpid), 3),
);
const part = fc.oneof(
  element(oneOf('tuple'), several(fc.oneof(status, rpid, element(oneOf('contact'), text)), 4)),
  element(oneOf('d:person', 'd:device'), several(rpid, 5)),
  rpid,
  text,
);
const declaration = mostly(
  oneOf('', '<?xml version="1.0" encoding="UTF-8"?>\n'),
  oneOf(
    '<?xml version="1.0" encoding="latin1"?>',
    '<!DOCTYPE presence>',
    '<!DOCTYPE p [<!ENTITY a "b">]>',
    '\u{feff}',
    ' ',
  ),
);
const namespaces = [
  'xmlns="urn:ietf:params:xml:ns:pidf" xmlns:p="urn:ietf:params:xml:ns:pidf" xmlns:d="urn:ietf:params:xml:ns:pidf:data-model"',
  'xmlns:r="urn:ietf:params:xml:ns:pidf:rpid" xmlns:c="urn:ietf:params:xml:ns:pidf:caps" xmlns:x="urn:x"',
  'xmlns:o="urn:oma:xml:prs:pidf:oma-pres"',
].join(' ');
const entity = oneOf('sip:mary@localhost', 'pres:a@b', 'mary@h:5060;x=y', '', 'x');

export const presenceDocuments: Texts = fc
  .tuple(declaration, entity, several(part, 4), mostly(oneOf('</presence>'), oneOf('', '</presence>x', '</p>')))
  .map(([head, who, content, end]) => `${head}<presence ${namespaces} entity="${who}">${content}${end}`);

const imdnStatus = element(
  oneOf('status'),
  perhaps(element(oneOf('delivered', 'failed', 'displayed', 'error', 'x:y'), fc.constant(''))),
);
const imdnPart = fc.oneof(
  element(oneOf('message-id', 'datetime', 'recipient-uri', 'original-recipient-uri', 'subject', 'disposition'), text),
  element(oneOf('delivery-notification', 'display-notification', 'processing-notification'), several(imdnStatus, 2)),
);
export const imdnDocuments: Texts = fc
  .tuple(declaration, several(imdnPart, 6), mostly(oneOf('</imdn>'), oneOf('', '</imdn>x')))
  .map(([head, content, end]) => {
    const id = '<message-id>34jk324j</message-id>';
    return `${head}<imdn xmlns="urn:ietf:params:xml:ns:imdn" xmlns:x="urn:x">${id}${content}${end}`;
  });

const registrationAttributes = oneOf(
  'aor="sip:mary@localhost" id="a7" state="active"',
  'aor="sip:mary@localhost" id="a7" state="init" x:y="1"',
  'aor="" id="" state="terminated"',
  'aor="x" id="&#9;" state="gone"',
);
const contactAttributes = oneOf(
  'id="76" state="active" event="registered" duration-registered="7322" q="0.8"',
  'id="77" state="terminated" event="expired" expires="0" callid="a@b" cseq="2" q="-1.000"',
  'id="78" state="active" event="expired" expires="99999999999999999999" retry-after=" 5 "',
  'id="" state="active"',
);
const contactPart = fc.oneof(
  element(oneOf('uri', 'display-name', 'unknown-param', 'x:pub-gruu'), text),
  text.map((value) => `<unknown-param name="+sip.instance">${value}</unknown-param>`),
);
const contact = fc
  .tuple(contactAttributes, several(contactPart, 4))
  .map(([attributes, content]) => `<contact ${attributes}><uri>sip:mary@h</uri>${content}</contact>`);
const registration = fc
  .tuple(registrationAttributes, several(contact, 4))
  .map(([attributes, content]) => `<registration ${attributes}>${content}</registration>`);
export const reginfoDocuments: Texts = fc
  .tuple(
    declaration,
    mostly(
      oneOf('version="0" state="full"', 'version="4294967295" state="partial"'),
      oneOf('version="-1"', 'state="x"'),
    ),
    several(registration, 3),
    mostly(oneOf('</reginfo>'), oneOf('', '</reginfo>x')),
  )
  .map(([head, attributes, content, end]) => {
    return `${head}<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" xmlns:x="urn:x" ${attributes}>${content}${end}`;
  });
