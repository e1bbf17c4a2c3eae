/** Phones that can parse little: what fits is pushed, what does not is listed and told of in words, and nothing is given up. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatCspDocument } from '../../../src/imps/csp-document.ts';
import { formatCspMessage } from '../../../src/imps/message/csp-message.ts';
import { envelopeBytes } from '../../../src/imps/session/csp-session.ts';
import { parserSizeMin } from '../../../src/imps/session/session-limits.ts';
import { HttpWorld } from '../../http/http-world.ts';
import { type ClientVersion, CspClient, textOf } from '../csp-client.ts';

let world: HttpWorld;

beforeEach(async () => {
  world = await HttpWorld.open();
});
afterEach(() => world.close());

const versions: readonly ClientVersion[] = ['1.1', '1.2', '1.3'];
const idsIn = (xml: string): string[] => [...xml.matchAll(/<MessageID>([^<]*)</g)].map(([, id]) => id ?? '');

/** A phone of mary's that parses so much, and one transaction at a time. */
async function start(version: ClientVersion, parserSize: number, beside = ''): Promise<CspClient> {
  const mary = await new CspClient(world, 'mary', version).start('P', beside);
  const list = `<InitialDeliveryMethod>P</InitialDeliveryMethod><AnyContent>T</AnyContent><MultiTrans>1</MultiTrans><ParserSize>${parserSize}</ParserSize>`;
  await mary.request(`<ClientCapability-Request><CapabilityList>${list}</CapabilityList></ClientCapability-Request>`);
  await world.time.advance(6000);
  return mary;
}

async function post(text: string): Promise<string> {
  const body = { to: 'mary@localhost', text };
  const answer = await world.callAndWait(1000, 'tom', 'POST', '/v1/messages', { body });
  expect(answer.status).toBe(202);
  return String(answer.json['id']);
}

describe.each(versions)('a phone of %s that parses the least', (version) => {
  it('is pushed short messages, none of them longer than it parses', async () => {
    const mary = await start(version, parserSizeMin);
    for (const text of ['one', 'two', 'three']) await post(text);
    const came: string[] = [];
    for (let round = 0; round < 9 && came.length < 3; round += 1) {
      const document = await mary.post('Request', '', '<Polling-Request/>');
      expect(document.length).toBeLessThanOrEqual(parserSizeMin);
      while (mary.waiting.length > 0) came.push(textOf(await mary.reply('NewMessage'), 'ContentData'));
    }
    expect(came).toEqual(['one', 'two', 'three']);
  });

  it('loses none that is too long, not even where the notice of it is', async () => {
    const mary = await start(version, parserSizeMin);
    const id = await post('x'.repeat(parserSizeMin));
    for (let round = 0; round < 3; round += 1) await mary.poll();
    expect(mary.waiting).toEqual([]);
    expect((await world.call('tom', 'GET', `/v1/messages/${id}`)).json['state']).toBe('waiting');
    expect(idsIn(await mary.request('<GetMessageList-Request/>'))).toEqual([id]);
    const other = new CspClient(world, 'mary', version);
    other.device = 'other';
    await other.start();
    for (let round = 0; round < 5 && other.waiting.length === 0; round += 1) await other.poll();
    expect(textOf(await other.reply('NewMessage'), 'MessageID')).toBe(id);
  });
});

it('a message has no more around its transactions than is left for that', () => {
  const sessionId = 'x'.repeat(26);
  for (const version of versions) {
    const message = formatCspMessage({ version, sessionId, transactions: [], poll: true, cir: false });
    for (const syntax of ['xml', 'wbxml'] as const) {
      expect(formatCspDocument(message, syntax, version).length).toBeLessThanOrEqual(envelopeBytes);
    }
  }
});

describe('a message that fits only without its mark', () => {
  it('is not pushed and not given up', async () => {
    const known = '<ExtBlock><Nothing/></ExtBlock>';
    const mary = await start('1.2', 2048, known);
    const fates = new Set<string>();
    for (let length = 800; length < 1100; length += 20) {
      const id = await post('x'.repeat(length));
      for (let round = 0; round < 4 && mary.waiting.length === 0; round += 1) await mary.poll();
      const [told] = mary.waiting;
      const name = /^<([\w-]+)/.exec(told?.xml ?? '')?.[1] ?? 'nothing';
      fates.add(`${name} ${textOf(told?.xml ?? '', 'ContentData').startsWith('xxx')}`);
      await mary.reply(name);
      await world.call('mary', 'POST', `/v1/inbox/${id}/delivered`);
      expect((await world.call('tom', 'GET', `/v1/messages/${id}`)).json['state']).toBe('delivered');
    }
    expect([...fates]).toEqual(['NewMessage true', 'NewMessage false']);
  });
});
