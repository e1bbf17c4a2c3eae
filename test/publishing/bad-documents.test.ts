import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { xmlLimits } from '../../src/formats/xml-reader.ts';
import type { HeaderLine, SipText } from '../../src/cli/demo/user-agent/sip-text.ts';
import { Device, Sayings } from './devices.ts';
import { mary, notifiesOf, textsOf, Town } from './town.ts';

const namespaces =
  'xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" ' +
  'xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid"';
const sad = '<dm:person id="p"><rpid:mood><rpid:sad/></rpid:mood></dm:person>';
const documentOf = (content: string, entity = mary): string =>
  `<presence ${namespaces} entity="${entity}">${content}</presence>`;
const padded = (bytes: number): string => {
  const short = documentOf(sad);
  return short.replace('</presence>', `<!--${'x'.repeat(bytes - short.length - 7)}--></presence>`);
};

let town: Town;
let device: Device;

beforeEach(async () => {
  // A body of 2 MiB may come, so that it is the document that is too large.
  town = await Town.open({ 'max-body': '2MiB' });
  device = new Device('phone', town.phone('mary', 'phone'), new Sayings());
});
afterEach(() => town.close());

const publish = (document: string | undefined, more: readonly HeaderLine[] = []): Promise<SipText> =>
  town.during(device.publish(document, 600, more));

/** What a publication left before it, and after a restart, in the store, over HTTP, and at a watcher. */
async function look(): Promise<unknown> {
  const rows = await town.http.stores.publications.publications(undefined, 10);
  return { shown: await town.shown(), rows: rows.map(({ entityTag, state }) => [entityTag, [...state]]) };
}

describe('a PUBLISH that is refused', () => {
  const open = '<!DOCTYPE presence [<!ENTITY a "sad">';
  it.each<[what: string, status: number, document: string | undefined, headers?: readonly HeaderLine[]]>([
    ['is not well-formed', 400, documentOf(sad).replace('</presence>', '')],
    ['ends in the middle of a name', 400, documentOf(sad).slice(0, -5)],
    ['is of somebody else', 403, documentOf(sad, 'sip:john@localhost')],
    ['is of nobody', 403, documentOf(sad, 'urn:nobody')],
    ['has a doctype', 400, `<!DOCTYPE presence>${documentOf(sad)}`],
    ['has an entity of its own', 400, `${open}]>${documentOf('<note>&a;</note>')}`],
    ['has an entity bomb', 400, `${open}<!ENTITY b "&a;&a;&a;">]>${documentOf('<note>&b;</note>')}`],
    ['reads a file', 400, `<!DOCTYPE p SYSTEM "file:///etc/passwd">${documentOf(sad)}`],
    ['has an unknown entity', 400, documentOf('<note>&nbsp;</note>')],
    ['has an unbound prefix', 400, documentOf('<nobody:mood/>')],
    ['is no presence document', 400, '<list xmlns="urn:ietf:params:xml:ns:resource-lists"/>'],
    ['says that it is in another encoding', 400, `<?xml version="1.0" encoding="ISO-8859-1"?>${documentOf(sad)}`],
    ['has one byte more than may be', 413, padded(xmlLimits.bytesMax + 1)],
    ['has 1 MiB', 413, padded(1_048_576)],
    ['is nested deeper than may be', 400, documentOf('<a>'.repeat(64) + '</a>'.repeat(64))],
    ['is of another type', 415, documentOf(sad), [['Content-Type', 'application/xpidf+xml']]],
    ['is in another charset', 415, documentOf(sad), [['Content-Type', 'application/pidf+xml;charset=iso-8859-1']]],
    ['is a diff', 415, documentOf(sad), [['Content-Type', 'application/pidf-diff+xml']]],
    ['is compressed', 415, documentOf(sad), [['Content-Encoding', 'gzip']]],
    ['has an unknown tag', 412, documentOf(sad), [['SIP-If-Match', 'nobody']]],
  ])('because what it brings %s: %i, and nothing of it is kept', async (_what, status, document, headers = []) => {
    const watcher = town.phone('tom');
    await town.subscribe(watcher);
    await publish(documentOf('<dm:person id="p"><rpid:mood><rpid:happy/></rpid:mood></dm:person>'));
    await town.register(town.phone('mary'));
    expect(await town.write(watcher, 'waits', 'mood changes')).toBe(202);
    const before = await look();
    const told = notifiesOf(watcher).length;
    const keptTag = device.tag;
    if (status === 412) device.tag = undefined;
    const answer = await publish(document, headers);
    expect(answer.status).toBe(status);
    expect(await look()).toEqual(before);
    expect(notifiesOf(watcher)).toHaveLength(told);
    expect(textsOf(town.phone('mary'))).toEqual([]);
    // Its publication is there as before: the tag that it has holds.
    device.tag = keptTag;
    expect((await publish(undefined)).status).toBe(200);
  });

  it('says with 415 what is taken, and with every other status what is wrong', async () => {
    const wrongType = await publish(documentOf(sad), [['Content-Type', 'text/plain']]);
    expect([wrongType.header('Accept'), wrongType.header('Accept-Encoding')]).toEqual([
      'application/pidf+xml',
      'identity',
    ]);
    const wrongCharset = await publish(documentOf(sad), [['Content-Type', 'application/pidf+xml;charset=latin1']]);
    expect(wrongCharset.header('Warning')).toContain('charset');
    expect((await publish(padded(xmlLimits.bytesMax + 1))).header('Warning')).toContain(`${xmlLimits.bytesMax}`);
    expect((await publish('<presence')).header('Warning')).toContain('malformed presence document');
    expect((await publish(undefined)).status).toBe(400);
  });
});

describe('a PUBLISH that is taken although it looks odd', () => {
  it.each<[what: string, document: string, headers?: readonly HeaderLine[]]>([
    ['as large as may be', padded(xmlLimits.bytesMax)],
    ['that says UTF-8', documentOf(sad), [['Content-Type', 'application/pidf+xml;charset=utf-8']]],
    ['that says UTF-8 in quotes', documentOf(sad), [['Content-Type', 'application/pidf+xml; charset="UTF-8"']]],
    ['that says US-ASCII', documentOf(sad), [['Content-Type', 'application/pidf+xml;charset=us-ascii']]],
    ['of an entity with a port and parameters', documentOf(sad, 'sip:MARY@localhost:5060;transport=tcp')],
    ['of a pres address', documentOf(sad, 'pres:mary@localhost')],
    ['with processing instructions and comments', `<?xml version="1.0"?><?go?><!-- a -->${documentOf(sad)}`],
  ])('a document %s', async (_what, document, headers = []) => {
    expect((await publish(document, headers)).status).toBe(200);
    expect(await town.shown()).toMatchObject({ mood: ['sad'] });
  });
});
