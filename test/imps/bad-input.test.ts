/** Whatever a client sends is answered with a document of the CSP, and leaves the server as it was. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatCspDocument, parseCspDocument } from '../../src/imps/csp-document.ts';
import type { CspElement } from '../../src/imps/csp-element.ts';
import { type CspSyntax, mediaTypeOf } from '../../src/imps/csp-version.ts';
import { parseCspMessage } from '../../src/imps/message/csp-message.ts';
import { HttpWorld } from '../http/http-world.ts';
import { CspClient, textOf } from './csp-client.ts';

let world: HttpWorld;

beforeEach(async () => {
  world = await HttpWorld.open();
});
afterEach(() => world.close());

/** Written seeds of the reader's fuzzing, in the session `s1`. */
const seeds = ['login', 'negotiation', 'lists', 'presence'].flatMap((name) => {
  const xml = readFileSync(new URL(`../fuzz/corpora/csp-xml/${name}.xml`, import.meta.url));
  const wbxml = readFileSync(new URL(`../fuzz/corpora/csp-wbxml/${name}.wbxml`, import.meta.url));
  return [
    { name: `${name} in XML`, syntax: 'xml', octets: xml },
    { name: `${name} in WBXML`, syntax: 'wbxml', octets: wbxml },
  ] as const;
});

/** In the session of a client that is there. */
function within(octets: Buffer, syntax: CspSyntax, sessionId: string): Buffer {
  const document = parseCspDocument(octets, syntax);
  if (!document.ok) throw new Error(document.error.words);
  const text = JSON.stringify(document.value.root).replace('"s1"', JSON.stringify(sessionId));
  return Buffer.from(formatCspDocument(JSON.parse(text) as CspElement, syntax, document.value.version));
}

async function expectAnswer(octets: Buffer, syntax: CspSyntax): Promise<void> {
  const asked = world.server.imps.answer({ mediaType: mediaTypeOf('1.2', syntax), body: octets, source: '192.0.2.7' });
  const answer = await asked;
  const document = parseCspDocument(answer?.body ?? new Uint8Array(), syntax);
  // An answer to nothing but answers is empty.
  if (answer?.body.length === 0) return;
  const message = document.ok ? parseCspMessage(document.value.root, document.value.version) : document;
  if (!message.ok) throw new Error(`${octets.toString('base64')}: ${JSON.stringify(message.error)}`);
}

describe.each(seeds)('$name', ({ octets, syntax }) => {
  it('is answered whatever is cut off', { timeout: 300_000 }, async () => {
    const mary = await new CspClient(world, 'mary').start();
    const whole = within(octets, syntax, mary.sessionId);
    for (let end = 0; end < whole.length; end += 1) await expectAnswer(whole.subarray(0, end), syntax);
    expect(textOf(await mary.request('<KeepAlive-Request/>'), 'Code')).toBe('200');
  });

  it('is answered whatever bit is another', { timeout: 300_000 }, async () => {
    const mary = await new CspClient(world, 'mary').start();
    const whole = within(octets, syntax, mary.sessionId);
    const step = syntax === 'xml' ? 7 : 1;
    for (let bit = 0; bit < whole.length * 8; bit += step) {
      const flipped = Buffer.from(whole);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await expectAnswer(flipped, syntax);
    }
    expect((await world.call('mary', 'GET', '/v1/inbox')).status).toBe(200);
  });
});

describe('what a recipient sees', () => {
  it('is the same whether they were away or a condition was unmet', async () => {
    const tom = await new CspClient(world, 'tom').start();
    const send =
      '<SendMessage-Request><DeliveryReport>F</DeliveryReport><MessageInfo><ContentSize>1</ContentSize><Recipient><User><UserID>mary</UserID></User></Recipient></MessageInfo><ContentData>x</ContentData></SendMessage-Request>';
    await tom.request(send);
    await tom.request(send, '<ExtBlock><DeliveryCondition>availability is discreet</DeliveryCondition></ExtBlock>');
    await world.call('mary', 'PUT', '/v1/presence', { body: { availability: 'discreet' } });
    const mary = await new CspClient(world, 'mary').start('P', '<ExtBlock/>');
    await mary.poll();
    const plain = (xml: string): string => xml.replace(/<MessageID>[^<]*</, '<MessageID><');
    const seen = mary.waiting.map(({ xml }) => plain(xml));
    expect(seen).toHaveLength(2);
    expect(seen[0]).toBe(seen[1]);
    expect(seen[0]).toContain('<DeferredMessage>T<');
  });

  it('in lists is the same too', async () => {
    const mary = await new CspClient(world, 'mary').start('N');
    await world.time.advance(5000);
    await world.send('tom', 'mary', 'x');
    await world.send('tom', 'mary', 'x', { deliverWhen: 'availability is not-available' });
    const list = '<GetMessageList-Request/>';
    const override = '<ExtBlock><RetrieveFrom><UserID>tom</UserID></RetrieveFrom></ExtBlock>';
    const infos = async (beside: string): Promise<string[]> =>
      (await mary.request(list, beside))
        .split('<MessageInfo>')
        .slice(1)
        .map((info) => info.replace(/<MessageID>[^<]*</, ''));
    const [ready = ''] = await infos('');
    const all = await infos(override);
    expect(all).toHaveLength(2);
    // Another wall second at most: everything else is alike.
    const timeless = (info: string): string => info.replace(/<DateTime>.*<\/Validity>.*$/s, '');
    expect(all.map(timeless)).toEqual([timeless(ready), timeless(ready)]);
  });
});
