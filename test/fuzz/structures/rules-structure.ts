/** Presence authorisation documents (RFC 4745, RFC 5025) that are nearly right. */
import fc from 'fast-check';
import { joined, junk, mostly, oneOf, perhaps, type Texts, word } from './pieces.ts';

const several = (part: Texts, maxLength: number): Texts => fc.array(part, { maxLength }).map((all) => all.join(''));
const inside = (tag: string, content: Texts): Texts =>
  mostly(joined(`<${tag}>`, content, `</${tag}>`), joined(`<${tag}>`, content), oneOf(`<${tag}/>`));

const uri = mostly(
  oneOf('sip:tom@localhost', 'sip:mary@localhost', 'tel:+1', 'pres:a@b', 'mailto:a@b', 'sip:m%C3%A4ry@h'),
  word,
  oneOf('', ' ', 'a&amp;b', 'x&#10;y', '&#133;', '%zz@a'),
  junk,
);
const domain = mostly(oneOf('a.org', 'b.org', 'A.ORG'), oneOf('', '*', ' '), word);
const except = mostly(
  joined('<except id="', uri, '"/>'),
  joined('<except domain="', domain, '"/>'),
  oneOf('<except/>'),
);
const many = fc.oneof(
  inside('many', several(except, 3)),
  joined('<many domain="', domain, '">', several(except, 2), '</many>'),
);
const identity = inside(
  'identity',
  several(fc.oneof(joined('<one id="', uri, '"/>'), many, mostly(many, oneOf('<y xmlns="urn:x"/>', '<y/>'))), 4),
);
const time = mostly(
  oneOf('2026-01-01T00:00:00Z', '2026-06-01T00:00:00.5+02:00', '2026-01-01T00:00:00'),
  oneOf('now', ''),
);
const range = joined('<from>', time, '</from><until>', time, '</until>');
const condition = fc.oneof(
  identity,
  joined('<sphere value="', mostly(oneOf('work', 'home work', ''), junk), '"/>'),
  inside('validity', several(range, 2)),
  mostly(
    oneOf('<x:y xmlns:x="urn:x"/>'),
    oneOf('<x:y xmlns:x="a b"/>', '<y xmlns=""/>', '<o:z xmlns:o="urn:oma:xml:xdm:common-policy"/>'),
  ),
);
const handling = mostly(oneOf('allow', 'block', 'polite-block', 'confirm'), oneOf('', 'ALLOW'));
const yes = mostly(oneOf('true', '1', 'false'), oneOf('', 'yes'));
const permission = fc.oneof(
  oneOf(
    '<pr:provide-services><pr:all-services/></pr:provide-services>',
    '<pr:provide-persons><pr:all-persons/></pr:provide-persons>',
  ),
  oneOf('<pr:provide-devices><pr:all-devices/></pr:provide-devices>', '<pr:provide-all-attributes/>'),
  joined('<pr:provide-services><pr:service-uri>', uri, '</pr:service-uri></pr:provide-services>'),
  fc
    .tuple(oneOf('mood', 'activities', 'class', 'note', 'deviceID', 'sphere', 'aura'), yes)
    .map(([name, text]) => `<pr:provide-${name}>${text}</pr:provide-${name}>`),
  joined(
    '<pr:provide-user-input>',
    mostly(oneOf('bare', 'thresholds', 'full', 'false'), word),
    '</pr:provide-user-input>',
  ),
  joined(
    '<pr:provide-unknown-attribute ns="',
    oneOf('urn:x', 'urn:restante:presence', 'urn:ietf:params:xml:ns:pidf:rpid'),
    '" name="',
    mostly(oneOf('mood', 'foo', 'x-foo', 'activities'), junk),
    '">',
    yes,
    '</pr:provide-unknown-attribute>',
  ),
);
const rule = fc
  .tuple(
    fc.nat(5),
    perhaps(inside('conditions', several(condition, 3))),
    handling,
    several(permission, 4),
    mostly(oneOf(''), oneOf(' ', '<!-- x -->', 'text')),
  )
  .map(([id, conditions, action, permissions, between]) => {
    const actions = `<actions><pr:sub-handling>${action}</pr:sub-handling></actions>`;
    return `<rule id="r${id}">${conditions}${between}${actions}<transformations>${permissions}</transformations></rule>`;
  });

export const ruleDocuments: Texts = fc.array(rule, { maxLength: 3 }).map((rules) => {
  const names = 'xmlns="urn:ietf:params:xml:ns:common-policy" xmlns:pr="urn:ietf:params:xml:ns:pres-rules"';
  return `<ruleset ${names}>${rules.join('\n')}</ruleset>`;
});
