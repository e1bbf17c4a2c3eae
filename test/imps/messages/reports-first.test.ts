/** Reports to a sender who comes back: before messages, to a client that wants them, each once. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lookAgainMs, reportsOpenMax } from '../../../src/endpoints/imps/services/reports.ts';
import { HttpWorld } from '../../http/http-world.ts';
import { CspClient, textOf } from '../csp-client.ts';

let world: HttpWorld;

beforeEach(async () => {
  world = await HttpWorld.open();
});
afterEach(() => world.close());

const sendTo = (name: string): string =>
  `<SendMessage-Request><DeliveryReport>T</DeliveryReport><MessageInfo><Recipient><User><UserID>wv:${name}@localhost</UserID></User></Recipient></MessageInfo><ContentData>x</ContentData></SendMessage-Request>`;
const wantsNone =
  '<Service-Request><Functions><WVCSPFeat><IMFeat><IMReceiveFunc><NEWM/></IMReceiveFunc></IMFeat></WVCSPFeat></Functions><AllFunctionsRequest>F</AllFunctionsRequest></Service-Request>';
const nameOf = (xml: string): string => /^<([\w-]+)/.exec(xml)?.[1] ?? '';

/** So many messages of tom to mary, who takes them when tom is gone: their ids. */
async function reported(count: number): Promise<readonly string[]> {
  const tom = await new CspClient(world, 'tom').start();
  const ids: string[] = [];
  for (let at = 0; at < count; at += 1) ids.push(textOf(await tom.request(sendTo('mary')), 'MessageID'));
  await tom.request('<Logout-Request/>');
  for (const id of ids) await world.call('mary', 'POST', `/v1/inbox/${id}/delivered`);
  return ids;
}

/** What comes, answered in its order: ids of reports, and the names of all else. */
async function takeAll(tom: CspClient, count: number): Promise<string[]> {
  const told: string[] = [];
  for (let round = 0; round < 4 * count && told.length < count; round += 1) {
    await tom.poll();
    while (tom.waiting.length > 0) {
      const name = nameOf(tom.waiting[0]?.xml ?? '');
      const xml = await tom.reply(name);
      told.push(name === 'DeliveryReport-Request' ? textOf(xml, 'MessageID') : name);
    }
  }
  return told;
}

describe('a sender who comes back', () => {
  it.each([1, reportsOpenMax, reportsOpenMax + 1])('is told of %i before a message comes', async (count) => {
    const ids = await reported(count);
    await world.send('mary', 'tom', 'hi too');
    const tom = await new CspClient(world, 'tom').start();
    expect(await takeAll(tom, count + 1)).toEqual([...ids, 'NewMessage']);
  });

  it('gets the message although the phone answers no report', async () => {
    await reported(reportsOpenMax + 1);
    await world.send('mary', 'tom', 'hi too');
    const tom = await new CspClient(world, 'tom').start();
    for (let round = 0; round < 60 && !tom.waiting.some(({ xml }) => nameOf(xml) === 'NewMessage'); round += 1) {
      await tom.poll();
      await world.time.advance(10_000);
    }
    expect(nameOf(tom.waiting.at(-1)?.xml ?? '')).toBe('NewMessage');
  });

  it('is told nothing before something but negotiation was asked, only that something waits', async () => {
    await reported(1);
    await world.send('mary', 'tom', 'hi too');
    const tom = new CspClient(world, 'tom');
    await tom.logIn();
    const said = [
      '<ClientCapability-Request><CapabilityList><InitialDeliveryMethod>P</InitialDeliveryMethod><MultiTrans>8</MultiTrans></CapabilityList></ClientCapability-Request>',
      '<Service-Request><AllFunctionsRequest>T</AllFunctionsRequest></Service-Request>',
      '<KeepAlive-Request/>',
    ];
    for (const [at, xml] of said.entries()) {
      const document = await tom.post('Request', `n${at}`, xml);
      expect([tom.waiting, textOf(document, 'Poll')]).toEqual([[], 'T']);
    }
    await tom.request('<GetList-Request/>');
    expect(tom.waiting.map(({ xml }) => nameOf(xml))).toEqual(['DeliveryReport-Request', 'NewMessage']);
  });

  it('is told by a client that agreed on reports, not by one that did not', async () => {
    const ids = await reported(2);
    await world.send('mary', 'tom', 'hi too');
    const without = new CspClient(world, 'tom');
    await without.logIn();
    await without.request(wantsNone);
    expect(await takeAll(without, 1)).toEqual(['NewMessage']);
    const other = new CspClient(world, 'tom');
    other.device = 'other';
    await other.start();
    expect(await takeAll(other, 2)).toEqual(ids);
  });

  it('is told by the newest client what an older one was not offered yet', async () => {
    const ids = await reported(3);
    const silent = new CspClient(world, 'tom');
    silent.device = 'silent';
    await silent.logIn();
    const tom = await new CspClient(world, 'tom').start();
    expect(await takeAll(tom, 3)).toEqual(ids);
    expect(await silent.poll()).toEqual([]);
  });

  it('is told by the client that asks, not by a newer one that has fallen silent', async () => {
    const older = new CspClient(world, 'tom');
    older.device = 'older';
    await older.start();
    const sent = [textOf(await older.request(sendTo('mary')), 'MessageID')];
    sent.push(textOf(await older.request(sendTo('mary')), 'MessageID'));
    const silent = new CspClient(world, 'tom');
    silent.device = 'silent';
    await silent.start();
    await world.call('mary', 'POST', `/v1/inbox/${sent[0] ?? ''}/delivered`);
    await world.time.advance(1000);
    expect(await older.poll()).toEqual([]);
    await world.time.advance(lookAgainMs);
    expect(await takeAll(older, 1)).toEqual(sent.slice(0, 1));
    await world.call('mary', 'POST', `/v1/inbox/${sent[1] ?? ''}/delivered`);
    expect(await takeAll(older, 1)).toEqual(sent.slice(1));
  });

  it('is told by another client when the one that was to tell it is gone', async () => {
    const ids = await reported(2);
    const older = new CspClient(world, 'tom');
    older.device = 'older';
    await older.start();
    await takeAll(older, 2);
    const more = textOf(await older.request(sendTo('mary')), 'MessageID');
    const newer = new CspClient(world, 'tom');
    newer.device = 'newer';
    await newer.start();
    await world.call('mary', 'POST', `/v1/inbox/${more}/delivered`);
    expect(await older.poll()).toEqual([]);
    await newer.request('<Logout-Request/>');
    expect(await takeAll(older, 1)).toEqual([more]);
    expect(ids).not.toContain(more);
  });

  it('is told none again that the phone had answered, whatever becomes of the server', async () => {
    const ids = await reported(4);
    const tom = await new CspClient(world, 'tom').start();
    await tom.poll();
    for (let count = 0; count < 2; count += 1) await tom.reply('DeliveryReport-Request');
    world = await world.restarted();
    expect(await takeAll(tom.movedTo(world), 2)).toEqual(ids.slice(2));
  });
});
