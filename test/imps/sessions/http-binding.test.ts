/** The CSP over HTTP: which requests carry it, in which types and sizes, and what all others are told. */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { impsBodyBytesMax } from '../../../src/endpoints/http/imps/imps-route.ts';
import { HttpWorld } from '../../http/http-world.ts';
import { textOf } from '../csp-client.ts';

let world: HttpWorld;

beforeAll(async () => {
  world = await HttpWorld.open();
});
afterAll(() => world.close());

const document =
  '<WV-CSP-Message xmlns="http://www.openmobilealliance.org/DTD/WV-CSP1.2"><Session><SessionDescriptor><SessionType>Outband</SessionType></SessionDescriptor><Transaction><TransactionDescriptor><TransactionMode>Request</TransactionMode><TransactionID>1</TransactionID></TransactionDescriptor><TransactionContent><GetSPInfo-Request/></TransactionContent></Transaction></Session></WV-CSP-Message>';
const xml = 'application/vnd.wv.csp.xml';

interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** In pieces, so that nothing is added to what a client sends. */
function send(
  method: string,
  headers: Readonly<Record<string, string>>,
  ...pieces: readonly string[]
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const asked = request(`${world.origin}/imps`, { method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    asked.on('error', reject);
    for (const piece of pieces) asked.write(piece);
    asked.end();
  });
}

describe('a POST', () => {
  it.each([
    [xml, xml],
    ['APPLICATION/VND.WV.CSP.XML', xml],
    ['application/vnd.wv.csp+xml; charset=utf-8', 'application/vnd.wv.csp+xml'],
    ['text/xml;charset="utf-8"', 'text/xml'],
    [' application/xml ; q=1', 'application/xml'],
  ])('of %s is read, and answered in the same', async (type, answered) => {
    const { status, headers, text } = await send('POST', { 'content-type': type }, document);
    expect([status, headers['content-type'], textOf(text, 'Name')]).toEqual([200, answered, 'Restante']);
  });

  it.each([
    '',
    'application/json',
    'application/x-www-form-urlencoded',
    'application/vnd.wv.csp.sms',
    'xml',
    'text/xmlx',
  ])('of "%s" is refused', async (type) => {
    const { status, headers } = await send('POST', type === '' ? {} : { 'content-type': type }, document);
    expect([status, headers['content-type']]).toEqual([415, 'application/problem+json']);
  });

  it('in chunks is read, and with a coding that is none; with another it is refused', async () => {
    const chunked = { 'content-type': xml, 'transfer-encoding': 'chunked' };
    const middle = Math.floor(document.length / 2);
    const { text } = await send('POST', chunked, document.slice(0, middle), document.slice(middle));
    expect(textOf(text, 'Name')).toBe('Restante');
    const plain = await send('POST', { 'content-type': xml, 'content-encoding': 'identity' }, document);
    expect(textOf(plain.text, 'Name')).toBe('Restante');
    const coded = await send('POST', { 'content-type': xml, 'content-encoding': 'gzip' }, document);
    expect([coded.status, coded.headers['accept-encoding']]).toEqual([415, 'identity']);
  });

  it('without anything in it is answered like a document that is none', async () => {
    const { status, text } = await send('POST', { 'content-type': xml });
    expect([status, textOf(text, 'Code')]).toEqual([200, '400']);
  });

  it('is read up to its limit, though the document is too large, and not beyond', async () => {
    const sized = (bytes: number): string => document + ' '.repeat(bytes - document.length);
    const most = await send('POST', { 'content-type': xml }, sized(impsBodyBytesMax));
    expect([most.status, textOf(most.text, 'Code')]).toEqual([200, '402']);
    const { status } = await send('POST', { 'content-type': xml }, sized(impsBodyBytesMax + 1));
    expect(status).toBe(413);
  });
});

it.each(['GET', 'HEAD', 'PUT', 'DELETE'])('%s is nothing here', async (method) => {
  expect((await send(method, {})).status).toBe(404);
});
