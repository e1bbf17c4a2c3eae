import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../model/address.ts';
import { orderRule, type WatcherRule } from '../../model/watcher-rule.ts';
import { parseXmlText, xmlLimits } from '../xml-reader.ts';
import { formatPresRules } from './format-pres-rules.ts';
import { mergePresRules } from './merge-pres-rules.ts';
import { crowdsMax } from './read-identity.ts';
import { parsePresRules } from './parse-pres-rules.ts';

const mary = 'mary@example.com' as Address;
const tom = 'tom@example.com' as Address;
const ann = 'ann@example.org' as Address;
const root = 'xmlns="urn:ietf:params:xml:ns:common-policy" xmlns:pr="urn:ietf:params:xml:ns:pres-rules"';

function read(text: string): readonly WatcherRule[] | string {
  const source = parseXmlText(text, xmlLimits);
  if (!source.ok) return source.error.words;
  const rules = parsePresRules(source.value.root, mary);
  return rules.ok ? rules.value.map(({ rule }) => rule) : `${rules.error.kind}: ${rules.error.words}`;
}

const readRule = (content: string): unknown => {
  const rules = read(`<ruleset ${root}><rule id="a">${content}</rule></ruleset>`);
  return typeof rules === 'string' ? rules : rules[0];
};
const conditions = (content: string): unknown => readRule(`<conditions>${content}</conditions>`);
const shown = (content: string): unknown => {
  const rule = readRule(`<transformations>${content}</transformations>`);
  return typeof rule === 'string' ? rule : (rule as WatcherRule).attributes;
};

describe('conditions', () => {
  const bare = { attributes: [], action: 'none', id: 'a' };

  it.each([
    ['none', '', { watchers: '*' }],
    [
      'one',
      '<identity><one id="sip:Tom@example.com"/><one id="pres:ann@example.org"/></identity>',
      { watchers: [tom, ann] },
    ],
    [
      'one of another kind',
      '<identity><one id="tel:+1-212"/><one id="mailto:a@b.c"/></identity>',
      { watchers: [], otherUris: ['tel:+1-212', 'mailto:a@b.c'] },
    ],
    ['many', '<identity><many/></identity>', { watchers: '*' }],
    ['a domain', '<identity><many domain="Example.org"/></identity>', { watchers: [], domains: ['example.org'] }],
    [
      'many with exceptions',
      '<identity><many><except domain="x.org"/><except id="sip:tom@example.com"/><except id="tel:1"/></many></identity>',
      { watchers: [], domains: ['*'], except: { watchers: [tom], domains: ['x.org'] } },
    ],
    [
      'an exception that another many takes in',
      '<identity><many><except domain="example.com"/></many><many domain="example.com"><except id="sip:tom@example.com"/></many></identity>',
      { watchers: [], domains: ['*'], except: { watchers: [tom] } },
    ],
    [
      'exceptions of two that cancel each other',
      '<identity><many><except id="sip:tom@example.com"/></many><many><except id="sip:ann@example.org"/></many></identity>',
      { watchers: '*' },
    ],
    [
      'one and many',
      '<identity><one id="sip:tom@example.com"/><many/></identity>',
      { watchers: [tom], domains: ['*'] },
    ],
    ['spheres', '<sphere value=" home  work "/>', { watchers: '*', spheres: ['home', 'work'] }],
    [
      'validity',
      '<validity><from>2003-12-24T17:00:00+01:00</from><until>2003-12-24T19:00:00</until></validity>',
      { watchers: '*', validity: [{ from: Date.UTC(2003, 11, 24, 16), until: Date.UTC(2003, 11, 24, 19) }] },
    ],
    ['an unknown one', '<x:y xmlns:x="urn:x"/>', { watchers: '*', unknownConditions: ['{urn:x}y'] }],
    [
      'an unknown identity',
      '<identity><y xmlns="urn:x"/></identity>',
      { watchers: '*', unknownConditions: ['{urn:x}y'] },
    ],
    [
      'an unknown narrowing',
      '<identity><one id="sip:tom@example.com"><y xmlns="urn:x"/></one><many domain="a.org"/></identity>',
      { watchers: [], domains: ['a.org'], otherUris: ['sip:tom@example.com'] },
    ],
  ])('%s', (_what, content, expected) => {
    expect(conditions(content)).toEqual({ ...bare, ...expected });
  });

  it.each([
    ['<identity/>', 'schema-validation-error: identity holds nothing'],
    ['<identity><one/></identity>', 'schema-validation-error: one has no id'],
    ['<identity><two/></identity>', 'schema-validation-error: two is no part of identity'],
    ['<sphere/>', 'schema-validation-error: sphere has no value'],
    ['<validity/>', 'schema-validation-error: validity holds nothing'],
    ['<validity><from>2003-12-24T17:00:00Z</from></validity>', 'schema-validation-error: validity lacks until'],
    [
      '<validity><from>yesterday</from><until>2003-12-24T17:00:00Z</until></validity>',
      'schema-validation-error: "yesterday" is not a date and time',
    ],
    [
      '<validity><from>9999-12-31T23:59:59-14:00</from><until>2003-12-24T17:00:00Z</until></validity>',
      'constraint-failure: a time is not within the years 0000 to 9999',
    ],
    ['<weather/>', 'schema-validation-error: weather is no condition'],
    ['<y xmlns=""/>', 'schema-validation-error: y has no namespace'],
    [
      '<identity><many/></identity><identity><many/></identity>',
      'constraint-failure: conditions hold more than one identity',
    ],
    [
      '<o:external-list xmlns:o="urn:oma:xml:xdm:common-policy"/>',
      'constraint-failure: external-list is not supported as a condition',
    ],
    [
      '<o:other-identity xmlns:o="urn:oma:xml:xdm:common-policy"/>',
      'constraint-failure: other-identity is not supported as a condition',
    ],
    [
      '<identity><o:anonymous-request xmlns:o="urn:oma:xml:xdm:common-policy"/></identity>',
      'constraint-failure: anonymous-request is not supported as a condition',
    ],
  ])('%s is refused', (content, words) => {
    expect(conditions(content)).toBe(words);
  });

  it('takes so many many and no more', () => {
    const crowd = (count: number): unknown =>
      conditions(`<identity>${'<many domain="a.org"/>'.repeat(count)}</identity>`);
    expect(crowd(crowdsMax)).toMatchObject({ domains: ['a.org'] });
    expect(crowd(crowdsMax + 1)).toBe('constraint-failure: identity holds more than 64 many');
  });

  it('keeps URIs of 1,000 characters and none of 1,001', () => {
    const one = (length: number): unknown => conditions(`<identity><one id="${'u'.repeat(length)}"/></identity>`);
    expect(one(1000)).toMatchObject({ otherUris: ['u'.repeat(1000)] });
    expect(one(1001)).toMatch(/^constraint-failure: id cannot be kept: at most 1000 characters/);
    expect(conditions('<identity><one id="a&#x85;b"/></identity>')).toMatch(/^constraint-failure/);
  });
});

describe('actions', () => {
  const action = (content: string): unknown => {
    const rule = readRule(`<actions>${content}</actions>`);
    return typeof rule === 'string' ? rule : (rule as WatcherRule).action;
  };

  it.each([
    ['', 'none'],
    ['<pr:sub-handling> polite-block </pr:sub-handling>', 'polite-block'],
    ['<pr:sub-handling>allow</pr:sub-handling><pr:sub-handling>block</pr:sub-handling>', 'allow'],
    ['<x:do xmlns:x="urn:x"/>', 'none'],
    [
      '<pr:sub-handling>forbid</pr:sub-handling>',
      'schema-validation-error: "forbid" is none of block, confirm, polite-block, allow',
    ],
    ['<sub-handling>allow</sub-handling>', 'schema-validation-error: sub-handling is no action'],
  ])('%s', (content, expected) => {
    expect(action(content)).toBe(expected);
  });
});

describe('transformations', () => {
  const persons = '<pr:provide-persons><pr:all-persons/></pr:provide-persons>';
  const services = '<pr:provide-services><pr:all-services/></pr:provide-services>';
  const devices = '<pr:provide-devices><pr:all-devices/></pr:provide-devices>';
  const unknown = (ns: string, name: string): string =>
    `<pr:provide-unknown-attribute ns="${ns}" name="${name}">true</pr:provide-unknown-attribute>`;

  it.each([
    ['nothing', '', []],
    ['services', services, ['online', 'availability']],
    [
      'our service by its URI',
      '<pr:provide-services><pr:service-uri>sip:mary@example.com</pr:service-uri></pr:provide-services>',
      ['online', 'availability'],
    ],
    [
      'somebody else’s service',
      '<pr:provide-services><pr:service-uri>sip:tom@example.com</pr:service-uri><pr:class>x</pr:class></pr:provide-services>',
      [],
    ],
    ['mood without a person', '<pr:provide-mood>true</pr:provide-mood>', []],
    [
      'mood with one',
      `${persons}<pr:provide-mood>1</pr:provide-mood><pr:provide-sphere>false</pr:provide-sphere>`,
      ['mood'],
    ],
    ['user input', `${persons}<pr:provide-user-input>full</pr:provide-user-input>`, ['user-input']],
    ['no user input', `${persons}<pr:provide-user-input>false</pr:provide-user-input>`, []],
    ['a class of the person', `${persons}<pr:provide-class>true</pr:provide-class>`, ['class']],
    ['a class of devices', `${devices}<pr:provide-class>true</pr:provide-class>`, ['client-type']],
    ['everything', `${services}${persons}${devices}<pr:provide-all-attributes/>`, '*'],
    [
      'all of services',
      `${services}<pr:provide-all-attributes/>`,
      ['online', 'availability', 'willingness', 'language', 'service-class'],
    ],
    ['one of our own', unknown('urn:restante:presence', 'availability'), ['availability']],
    ['one that nobody knows', unknown('urn:restante:presence', 'availabilty'), []],
    ['a foreign one', persons + unknown('urn:vendor-specific:foo-namespace', 'Foo'), ['x-foo']],
    ['a foreign one of nothing', unknown('urn:vendor-specific:foo-namespace', 'foo'), []],
    ['one of RPID by its name', persons + unknown('urn:ietf:params:xml:ns:pidf:rpid', 'activities'), ['activity']],
    [
      'willingness',
      `${persons}<o:provide-willingness xmlns:o="urn:oma:xml:prs:pres-rules">true</o:provide-willingness>`,
      ['willingness'],
    ],
    ['what nobody knows', `<pr:provide-aura>true</pr:provide-aura><x:y xmlns:x="urn:x"/>`, []],
    [
      'neither',
      `${persons}<pr:provide-mood>yes</pr:provide-mood>`,
      'schema-validation-error: provide-mood is neither true nor false',
    ],
    [
      'a level that is none',
      '<pr:provide-user-input>some</pr:provide-user-input>',
      'schema-validation-error: provide-user-input is none of false, bare, thresholds and full',
    ],
    [
      'all and one',
      '<pr:provide-persons><pr:all-persons/><pr:class>a</pr:class></pr:provide-persons>',
      'schema-validation-error: all-persons does not stand alone',
    ],
    [
      'a stray part',
      '<pr:provide-persons><pr:deviceID>a</pr:deviceID></pr:provide-persons>',
      'schema-validation-error: deviceID is no part of provide-persons',
    ],
    [
      'no name',
      '<pr:provide-unknown-attribute ns="a">true</pr:provide-unknown-attribute>',
      'schema-validation-error: provide-unknown-attribute lacks ns or name',
    ],
  ])('%s', (_what, content, expected) => {
    expect(shown(content)).toEqual(expected);
  });

  it('keeps how much of user input was given', () => {
    const rule = readRule(
      `<transformations>${persons}<pr:provide-user-input>bare</pr:provide-user-input></transformations>`,
    );
    expect(rule).toMatchObject({ attributes: ['user-input'], userInput: 'bare' });
  });
});

describe('a document', () => {
  it.each([
    ['<rules/>', 'the document is not a ruleset'],
    [`<ruleset ${root}>text</ruleset>`, 'ruleset holds text'],
    [`<ruleset ${root} version="1"/>`, 'ruleset cannot have version'],
    [`<ruleset ${root}><rule/></ruleset>`, 'no id that is a name'],
    [`<ruleset ${root}><rule id="1a"/></ruleset>`, 'no id that is a name'],
    [`<ruleset ${root}><rule id="a"/><rule id="a"/></ruleset>`, 'two rules have the id a'],
    [`<ruleset ${root}><role id="a"/></ruleset>`, 'role is no part'],
    [`<ruleset ${root}><rule id="a"><actions/><conditions/></rule></ruleset>`, 'conditions cannot stand here'],
    [`<ruleset ${root}><rule id="a"><actions/><actions/></rule></ruleset>`, 'actions cannot stand here'],
  ])('%s is refused', (text, words) => {
    expect(read(text)).toContain(words);
    expect(read(text)).toContain('schema-validation-error');
  });

  const samples = new URL('../../../../shared/reference/samples/', import.meta.url);

  it.skipIf(!existsSync(samples))(
    'that an RFC prints is read (needs ../shared/reference/samples beside the project)',
    () => {
      for (const folder of ['commonpolicy', 'presrules']) {
        for (const file of readdirSync(new URL(folder, samples))) {
          expect(read(readFileSync(new URL(`${folder}/${file}`, samples), 'utf8'))).toBeInstanceOf(Array);
        }
      }
    },
  );
});

const addresses = fc.constantFrom<Address[]>(tom, ann, 'm\u00e4ry#1@example.com' as Address);
const domains = fc.constantFrom('example.com', 'example.org', 'a.org');
const list = <T>(one: fc.Arbitrary<T>) => fc.uniqueArray(one, { minLength: 1, maxLength: 3 });
const attributes = fc.oneof(
  fc.constant('*' as const),
  fc.uniqueArray(
    fc.constantFrom('online', 'availability', 'mood', 'class', 'client-type', 'user-input', 'x-a', 'language'),
  ),
);
const when = fc.record(
  {
    spheres: list(fc.constantFrom('home', 'work')),
    validity: fc.array(
      fc.record({ from: fc.integer({ min: 0, max: 1e12 }), until: fc.integer({ min: 0, max: 1e12 }) }),
      { minLength: 1, maxLength: 2 },
    ),
    unknownConditions: list(fc.constantFrom('{urn:x}y', '{urn:z"<&}w')),
  },
  { requiredKeys: [] },
);
const who = fc.oneof(
  fc.constant({ watchers: '*' as const }),
  list(addresses).map((watchers) => ({ watchers })),
  list(domains).map((each) => ({ watchers: [] as Address[], domains: each })),
  fc.record({
    watchers: fc.uniqueArray(addresses),
    domains: fc.constant(['*']),
    except: fc.record({ watchers: list(addresses), domains: list(fc.constant('b.org')) }),
  }),
  fc.constant({ watchers: [] as Address[], otherUris: ['tel:+1'] }),
);
const rules = fc.array(
  fc
    .record({
      who,
      when,
      attributes,
      action: fc.constantFrom<WatcherRule['action'][]>('allow', 'block', 'polite-block', 'confirm', 'none'),
    })
    .map((parts) => orderRule({ ...parts.who, ...parts.when, attributes: parts.attributes, action: parts.action })),
  { maxLength: 4 },
);

describe('rules as a document', () => {
  const plain = (list: readonly WatcherRule[]): unknown =>
    list.map(({ attributes, id: _id, ...rule }) => ({
      ...rule,
      attributes: attributes === '*' ? '*' : [...attributes].sort(),
    }));

  it('are the same when they are read again', () => {
    fc.assert(
      fc.property(rules, (before) => {
        const after = read(formatPresRules(before));
        expect(typeof after === 'string' ? after : plain(after)).toEqual(plain(before));
      }),
      { numRuns: 300 },
    );
  });

  it('have names that nobody has yet', () => {
    const named = { watchers: [tom], attributes: [], action: 'block' } as const;
    const after = read(formatPresRules([named, { ...named, id: 'rule-1' }, named]));
    expect((after as WatcherRule[]).map(({ id }) => id)).toEqual(['rule-2', 'rule-1', 'rule-3']);
  });

  it('stay as they came where nobody changed them, and each where others were changed', () => {
    const one = '<rule id="one"><!--c--><conditions><x:y xmlns:x="urn:x" z="1">t</x:y></conditions></rule>';
    const two = '<rule id="two">\n <actions><pr:sub-handling>allow</pr:sub-handling></actions></rule>';
    const document = `<?xml version="1.0"?>\n<!--top--><ruleset ${root}>\n <!--one-->\n ${one}${two}\n</ruleset>`;
    const came = read(document) as WatcherRule[];
    const merge = (list: readonly WatcherRule[]) =>
      mergePresRules({ owner: mary, rules: list, document }, xmlLimits) ?? '';
    expect(merge(came)).toBe(document);
    const added: WatcherRule = { watchers: [tom], attributes: ['mood'], action: 'allow' };
    const changed = merge([...came.slice(0, 1), added]);
    expect(changed).toContain(`<!--top--><ruleset ${root}>\n <!--one-->\n ${one}\n  <rule`);
    expect(changed).not.toContain('two');
    expect(read(changed)).toEqual([came[0], { ...added, id: 'rule-2' }]);
    expect(read(merge([]))).toEqual([]);
    expect(read(merge(came.toReversed()))).toEqual(came.toReversed());
  });

  it('come into a document that was empty, and into none at all', () => {
    const added: WatcherRule = { watchers: [tom], attributes: '*', action: 'allow' };
    const merge = (document: string | undefined, list: WatcherRule[]) =>
      mergePresRules({ owner: mary, rules: list, document }, xmlLimits);
    const empty = `<cp:ruleset xmlns:cp="urn:ietf:params:xml:ns:common-policy"/>`;
    expect(read(merge(empty, [added]) ?? '')).toEqual([{ ...added, id: 'rule-1' }]);
    expect([merge(empty, []), merge(undefined, [])]).toEqual([empty, undefined]);
    expect(read(merge(undefined, [added]) ?? '')).toEqual([{ ...added, id: 'rule-1' }]);
  });
});
