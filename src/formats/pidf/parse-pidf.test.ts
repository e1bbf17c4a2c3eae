import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePidf, readPidfAt, type PresenceDocument } from './parse-pidf.ts';

const now = Date.UTC(2026, 10, 21, 9);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const declarations =
  'xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" ' +
  'xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" xmlns:lt="urn:ietf:params:xml:ns:location-type" ' +
  'xmlns:op="urn:oma:xml:prs:pidf:oma-pres" xmlns:caps="urn:ietf:params:xml:ns:pidf:caps" xmlns:ex="urn:example"';
const wrap = (content: string, entity = 'sip:mary@example.com'): string =>
  `<presence ${declarations} entity="${entity}">${content}</presence>`;
const tuple = (status: string, rest = '', id = 't'): string =>
  `<tuple id="${id}"><status>${status}</status>${rest}</tuple>`;
const person = (content: string): string => `<dm:person id="p">${content}</dm:person>`;
const device = (content: string): string => `<dm:device id="d">${content}<dm:deviceID>urn:x</dm:deviceID></dm:device>`;
const open = '<basic>open</basic>';
const closed = '<basic>closed</basic>';

const parse = (document: string | Uint8Array, at = now): PresenceDocument => {
  const parsed = parsePidf(typeof document === 'string' ? bytes(document) : document, at);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};
const read = (content: string, at = now): Record<string, readonly string[]> =>
  Object.fromEntries(parse(wrap(content), at).state);
const availability = (content: string): string | undefined => read(content)['availability']?.[0];

describe('availability, in the order of the table', () => {
  const own = (word: string): string => `<availability xmlns="urn:restante:presence">${word}</availability>`;
  const willing = (word: string): string => `<op:willingness><op:basic>${word}</op:basic></op:willingness>`;
  const overriding = (word: string): string =>
    `<op:overriding-willingness><op:basic>${word}</op:basic></op:overriding-willingness>`;
  const busy = '<rpid:activities><rpid:busy/></rpid:activities>';

  it.each([
    ['own element beats all', tuple(closed) + person(own('available') + overriding('closed') + busy), 'available'],
    ['own element, not available', tuple(open) + person(own('NOT_AVAILABLE')), 'not-available'],
    ['own element, discreet', tuple(open) + person(own(' Discreet ')), 'discreet'],
    ['own element with another word', tuple(closed) + person(own('perhaps')), 'not-available'],
    ['overriding willingness closed', tuple(open) + person(overriding('closed')), 'not-available'],
    [
      'overriding willingness open beats basic and busy',
      tuple(closed) + person(overriding('open') + busy),
      'available',
    ],
    ['overriding beats willingness', tuple(open, willing('open')) + person(overriding('closed')), 'not-available'],
    ['willingness closed', tuple(open, willing('closed')), 'not-available'],
    [
      'willingness open of one of two services',
      tuple(open, willing('closed')) + tuple(open, willing('open'), 'u'),
      'available',
    ],
    ['willingness written as a word', tuple(open, '<op:willingness>closed</op:willingness>'), 'not-available'],
    ['basic closed', tuple(closed), 'not-available'],
    ['one service of two open', tuple(closed) + tuple(open, '', 'u'), 'available'],
    [
      'closed tuple of somebody else',
      tuple(open) + tuple(closed, '<rpid:relationship><rpid:assistant/></rpid:relationship>', 'u'),
      'available',
    ],
    [
      'open tuple of somebody else',
      tuple(closed) + tuple(open, '<rpid:relationship><rpid:assistant/></rpid:relationship>', 'u'),
      'not-available',
    ],
    ['basic that is no word', tuple('<basic>ajar</basic>'), 'available'],
    ['nothing', '', 'available'],
    ['open', tuple(open), 'available'],
    ['a note', tuple(open, '<note>do not disturb</note>'), 'available'],
  ])('%s', (_what, content, expected) => {
    expect(availability(content)).toBe(expected);
  });

  const busyWords =
    'away busy meeting appointment on-the-phone presentation sleeping in-transit performance vacation ' +
    'dnd do-not-disturb Do_Not_Disturb';

  it.each(busyWords.split(' '))('activity %s is not available', (word) => {
    expect(availability(tuple(open) + person(`<rpid:activities><rpid:${word}/></rpid:activities>`))).toBe(
      'not-available',
    );
  });

  it.each(['working', 'travel', 'steering', 'breakfast', 'other', 'unknown', 'playing', 'holiday'])(
    'activity %s is available',
    (word) => {
      expect(availability(tuple(open) + person(`<rpid:activities><rpid:${word}/></rpid:activities>`))).toBe(
        'available',
      );
    },
  );

  it.each([
    ['<ex:dnd/>', 'not-available'],
    ['<ex:dnd>true</ex:dnd>', 'not-available'],
    ['<ex:do-not-disturb>on</ex:do-not-disturb>', 'not-available'],
    ['<ex:show>dnd</ex:show>', 'not-available'],
    ['<ex:show>Do not disturb</ex:show>', 'not-available'],
    ['<ex:dnd>false</ex:dnd>', 'available'],
    ['<ex:dnd>Off</ex:dnd>', 'available'],
    ['<ex:show>chat</ex:show>', 'available'],
  ])('a client writes %s', (element, expected) => {
    expect(availability(tuple(open + element))).toBe(expected);
    expect(availability(tuple(open) + person(element))).toBe(expected);
  });

  it('an activity in the words of a client counts too', () => {
    expect(availability(person('<rpid:activities><rpid:other>dnd</rpid:other></rpid:activities>'))).toBe(
      'not-available',
    );
  });
});

describe('attributes', () => {
  it.each([
    [
      'mood',
      person('<rpid:mood><rpid:note>why</rpid:note><rpid:angry/><rpid:in_love/></rpid:mood>'),
      'mood',
      ['angry', 'in_love'],
    ],
    ['mood in own words', person('<rpid:mood><rpid:other>brooding</rpid:other></rpid:mood>'), 'mood', ['brooding']],
    ['other without words', person('<rpid:mood><rpid:other/></rpid:mood>'), 'mood', ['other']],
    ['unknown', person('<rpid:mood><rpid:unknown/></rpid:mood>'), 'mood', undefined],
    ['a foreign mood', person('<rpid:mood><ex:hangry/></rpid:mood>'), 'mood', ['hangry']],
    ['the same twice', person('<rpid:mood><rpid:sad/><rpid:sad/></rpid:mood>'), 'mood', ['sad']],
    [
      'activity',
      person('<rpid:activities><rpid:meal/><rpid:travel/></rpid:activities>'),
      'activity',
      ['meal', 'travel'],
    ],
    [
      'activity in the person of a draft',
      '<pp:person xmlns:pp="urn:ietf:params:xml:ns:pidf:person" xmlns:ep="urn:ietf:params:xml:ns:pidf:rpid:rpid-person">' +
        '<status><ep:activities><ep:away/></ep:activities></status></pp:person>',
      'activity',
      ['away'],
    ],
    [
      'activity of a draft',
      tuple(
        `${open}<old:activities xmlns:old="urn:ietf:params:xml:ns:pidf:status:rpid-status"><old:activity>meeting</old:activity></old:activities>`,
      ),
      'activity',
      ['meeting'],
    ],
    ['place-type', person('<rpid:place-type><lt:office/></rpid:place-type>'), 'place-type', ['office']],
    ['place-type as text', person('<rpid:place-type>home</rpid:place-type>'), 'place-type', ['home']],
    [
      'place-is',
      person(
        '<rpid:place-is><rpid:audio><rpid:noisy/></rpid:audio><rpid:video><rpid:unknown/></rpid:video></rpid:place-is>',
      ),
      'place-is',
      ['audio-noisy'],
    ],
    ['privacy', person('<rpid:privacy><rpid:audio/><rpid:text/></rpid:privacy>'), 'privacy', ['audio', 'text']],
    ['sphere', person('<rpid:sphere><rpid:work/></rpid:sphere>'), 'sphere', ['work']],
    ['sphere as text', person('<rpid:sphere>bowling league</rpid:sphere>'), 'sphere', ['bowling league']],
    [
      'user-input of the person',
      person('<rpid:user-input>idle</rpid:user-input>') + device('<rpid:user-input>active</rpid:user-input>'),
      'user-input',
      ['idle'],
    ],
    [
      'user-input of devices',
      device('<rpid:user-input>idle</rpid:user-input>') +
        device('<rpid:user-input idle-threshold="600">active</rpid:user-input>'),
      'user-input',
      ['active'],
    ],
    [
      'relationship',
      tuple(open, '<rpid:relationship><rpid:assistant/></rpid:relationship>'),
      'relationship',
      ['assistant'],
    ],
    [
      'service-class',
      tuple(open, '<rpid:service-class><rpid:electronic/></rpid:service-class>'),
      'service-class',
      ['electronic'],
    ],
    [
      'status-icon',
      person('<rpid:status-icon>http://e.com/i.png</rpid:status-icon>'),
      'status-icon',
      ['http://e.com/i.png'],
    ],
    ['time-offset', person('<rpid:time-offset description="x">-240</rpid:time-offset>'), 'time-offset', ['-240']],
    ['class of the person', person('<rpid:class>calendar</rpid:class>'), 'class', ['calendar']],
    ['an RPID element of the future', person('<rpid:aura><rpid:blue/></rpid:aura>'), 'aura', ['blue']],
    [
      'willingness',
      tuple(open, '<op:willingness><op:basic>closed</op:basic></op:willingness>'),
      'willingness',
      ['closed'],
    ],
    [
      'status-text of the person',
      `${tuple(open, '<note>tuple</note>')}<note>root</note>${person('<dm:note xml:lang="en">one</dm:note><dm:note xml:lang="fr">un</dm:note>')}`,
      'status-text',
      ['one', 'un'],
    ],
    [
      'status-text of a tuple',
      `${tuple(open, '<note>On the phone</note>')}<note>root</note>`,
      'status-text',
      ['On the phone'],
    ],
    ['status-text of the document', `${tuple(open)}<note>root</note>`, 'status-text', ['root']],
    ['the note of a device', device('<dm:note>PC</dm:note>'), 'status-text', undefined],
    [
      'client-type of a device',
      tuple(open, '<rpid:class>email</rpid:class>') + device('<rpid:class>phone</rpid:class>'),
      'client-type',
      ['phone'],
    ],
    ['client-type of a service', tuple(open, '<rpid:class>email</rpid:class>'), 'client-type', ['email']],
    [
      'language',
      tuple(
        open,
        '<caps:servcaps><caps:languages><caps:supported><caps:l>de</caps:l><caps:l>en</caps:l></caps:supported><caps:notsupported><caps:l>fr</caps:l></caps:notsupported></caps:languages></caps:servcaps>',
      ),
      'language',
      ['de', 'en'],
    ],
    ['a foreign element', `${tuple(open)}<ex:Mood_Ring>blue</ex:Mood_Ring>`, 'x-mood-ring', ['blue']],
    ['a foreign element in a status', tuple(`${open}<ex:location>home</ex:location>`), 'x-location', ['home']],
    ['a foreign element inside one', person('<ex:where><ex:city>Berlin</ex:city></ex:where>'), 'x-city', ['Berlin']],
    ['a foreign element called x-', person('<ex:x-aura>red</ex:x-aura>'), 'x-aura', ['red']],
    ['an empty foreign element', person('<ex:thing/>'), 'x-thing', undefined],
    [
      'one that must be understood',
      tuple(
        open,
        '<ex:c xmlns:p="urn:ietf:params:xml:ns:pidf"><ex:a p:mustUnderstand="1">1</ex:a><ex:b>2</ex:b></ex:c>',
      ),
      'x-b',
      undefined,
    ],
    ['online is never read', person('<online xmlns="urn:restante:presence">true</online>'), 'online', undefined],
    ['our own elements', person('<x-a xmlns="urn:restante:presence">1</x-a>'), 'x-a', ['1']],
  ])('%s', (_what, content, name, expected) => {
    expect(read(content)[name]).toEqual(expected);
  });

  it('count only within their range of time', () => {
    const content = person(
      '<rpid:activities from="2026-11-21T08:00:00Z" until="2026-11-21T10:00:00+01:00"><rpid:meeting/></rpid:activities>',
    );
    expect(read(content, Date.UTC(2026, 10, 21, 8, 30))['activity']).toEqual(['meeting']);
    expect(read(content, Date.UTC(2026, 10, 21, 9))).toEqual({ availability: ['available'] });
    expect(read(content, Date.UTC(2026, 10, 21, 7, 59))).toEqual({ availability: ['available'] });
  });

  it('say when the next range begins or ends', () => {
    const range = (from: string, until: string): string =>
      `<rpid:mood from="2026-11-21T${from}:00Z" until="2026-11-21T${until}:00Z"><rpid:sad/></rpid:mood>`;
    const document = bytes(wrap(person(range('08:00', '10:00') + range('11:00', '11:30'))));
    const turnsAt = (time: string): number | undefined =>
      readPidfAt(document, Date.parse(`2026-11-21T${time}:00Z`))?.turnsAt;
    const instants = ['07:00', '08:00', '10:00', '11:00', '11:30'].map((time) => turnsAt(time));
    const turns = ['08:00', '10:00', '11:00', '11:30'].map((time) => Date.parse(`2026-11-21T${time}:00Z`));
    expect(instants).toEqual([...turns, undefined]);
    expect(readPidfAt(document, Date.UTC(2026, 10, 22))?.state.has('mood')).toBe(false);
  });

  it('are read again only where one may have a range', () => {
    expect(readPidfAt(bytes(wrap(person('<rpid:mood><rpid:sad/></rpid:mood>'))), now)).toBeUndefined();
    expect(readPidfAt(bytes('<presence from="x"'), now)).toBeUndefined();
    const spaced = wrap(person('<rpid:mood until = "2026-11-21T09:00:01Z"><rpid:sad/></rpid:mood>'));
    expect(readPidfAt(bytes(spaced), now)?.state.get('mood')).toEqual(['sad']);
  });
});

describe('the entity', () => {
  it.each([
    ['sip:Mary@Example.com', 'mary@example.com'],
    ['pres:mary@example.com', 'mary@example.com'],
    ['sip:mary@example.com;transport=UDP', 'mary@example.com'],
    ['sip:mary@example.com:5060;transport=tcp?x=y', 'mary@example.com'],
    ['tel:+4930', undefined],
  ])('%s is %s', (entity, presentity) => {
    expect(parse(wrap('', entity))).toMatchObject({ entity, presentity });
  });

  it('may be left out', () => {
    expect(parse('<presence xmlns="urn:ietf:params:xml:ns:pidf"/>')).toMatchObject({
      entity: undefined,
      presentity: undefined,
    });
  });
});

describe('what is refused', () => {
  it.each([
    ['no XML', 'hello', 'outside of root'],
    ['another root', '<r/>', 'not a presence element'],
    ['another namespace', '<presence xmlns="urn:x" entity="a@b"/>', 'not a presence element'],
    ['partial presence', '<pidf-full xmlns="urn:ietf:params:xml:ns:pidf-diff"/>', 'not a presence element'],
    ['an entity bomb', `<!DOCTYPE p [<!ENTITY a "a">]>${wrap('')}`, 'document type'],
    ['an unbound prefix', '<presence xmlns="urn:ietf:params:xml:ns:pidf"><dm:person/></presence>', 'unbound'],
    ['an attribute twice', '<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="a" entity="b"/>', 'duplicate'],
    ['1 MiB', wrap(`<note>${'a'.repeat(1_048_576)}</note>`), 'bytes'],
  ])('%s', (_what, document, words) => {
    const parsed = parsePidf(bytes(document), now);
    expect(parsed.ok ? '' : parsed.error).toContain(words);
  });
});

const samples = new URL('../../../../shared/reference/samples/', import.meta.url);

describe('the documents of the RFCs', () => {
  it.skipIf(!existsSync(samples))('are read (needs ../shared/reference/samples beside the project)', () => {
    const sample = (path: string, at = now): unknown =>
      Object.fromEntries(parse(readFileSync(new URL(path, samples)), at).state);
    for (const name of readdirSync(new URL('pidf/', samples))) {
      expect(sample(`pidf/${name}`)).toMatchObject({ availability: ['available'] });
    }
    expect(sample('pidf/pidf-two-tuples-notes.xml')).toEqual({
      availability: ['available'],
      'status-text': ["Don't Disturb Please!", "Ne derangez pas, s'il vous plait"],
      'x-im': ['busy'],
      'x-location': ['home'],
    });
    expect(sample('pidf/pidf-must-understand.xml')).toEqual({
      availability: ['available'],
      'x-mytag': ['My extended presentity information'],
    });
    expect(sample('datamodel/pidf-im-client.xml')).toEqual({
      availability: ['not-available'],
      activity: ['on-the-phone'],
      'user-input': ['idle'],
    });
    expect(sample('rpid/rpid-full.xml', Date.parse('2005-05-30T16:09:44+05:00'))).toEqual({
      availability: ['not-available'],
      activity: ['away'],
      mood: ['angry', 'brooding'],
      'place-is': ['audio-noisy'],
      'place-type': ['residence'],
      sphere: ['bowling league'],
      'status-icon': ['http://example.com/play.gif'],
      'time-offset': ['-240'],
      'status-text': ['Scoring 120'],
      class: ['calendar'],
      'client-type': ['email'],
      'user-input': ['idle'],
      relationship: ['self', 'assistant'],
      'service-class': ['electronic'],
    });
  });
});

describe('mutated documents', () => {
  const whole = wrap(
    tuple(`${open}<ex:a>1</ex:a>`, '<op:willingness><op:basic>open</op:basic></op:willingness><note>n</note>') +
      device('<rpid:user-input>idle</rpid:user-input>') +
      person(
        '<rpid:mood from="2026-01-01T00:00:00Z"><rpid:angry/></rpid:mood><rpid:place-is><rpid:audio/></rpid:place-is>',
      ),
  );

  it('are read or refused, never thrown at', () => {
    const edit = fc.tuple(
      fc.nat(whole.length),
      fc.nat(12),
      fc.oneof(fc.string(), fc.constantFrom('<', '/>', '"', '&', ']]>')),
    );
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        let text = whole;
        for (const [at, length, insert] of edits) text = text.slice(0, at) + insert + text.slice(at + length);
        expect(typeof parsePidf(bytes(text), now).ok).toBe('boolean');
      }),
      { numRuns: 1_000 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (random) => !parsePidf(random, now).ok));
  });

  it('are refused wherever they are cut off', () => {
    for (let length = 0; length < whole.length; length++)
      expect(parsePidf(bytes(whole.slice(0, length)), now).ok).toBe(false);
  });
});
