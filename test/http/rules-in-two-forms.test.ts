import { describe, expect, it } from 'vitest';
import { xcapStage, rulesPath, document } from './xcap-client.ts';

const stage = xcapStage();
const { ask, putRules, putElement, rules } = stage;

describe('one model in two forms', () => {
  const everything = [
    {
      watchers: ['tom@localhost'],
      attributes: ['online', 'availability', 'mood', 'x-shoe'],
      action: 'allow',
      id: 'a',
      domains: ['example.org'],
      except: { watchers: ['eve@example.org'] },
      otherUris: ['tel:+1'],
      spheres: ['work'],
      validity: [{ from: '2026-11-21T09:00:00.000Z', until: '2026-11-22T09:00:00.000Z' }],
      unknownConditions: ['{urn:x}y'],
    },
    { watchers: '*', attributes: ['sphere', 'user-input'], action: 'none', id: 'b', userInput: 'bare' },
    { watchers: ['john@localhost'], action: 'confirm', id: 'c' },
  ];

  it('what was put over HTTP reads as a document, and the document as what was put', async () => {
    expect((await stage.world.call('mary', 'PUT', '/v1/rules', { body: everything })).json).toEqual(everything);
    const { text } = await ask('GET', rulesPath);
    expect(text).toContain('<one id="sip:tom@localhost"/>');
    await ask('DELETE', rulesPath);
    expect((await putRules(text)).status).toBe(201);
    const sorted = (list: unknown): unknown =>
      (list as { attributes?: string[] }[]).map((rule) => ({ ...rule, attributes: rule.attributes?.toSorted() }));
    expect(sorted(await rules())).toEqual(sorted(everything));
    const shown = await rules();
    expect((await stage.world.call('mary', 'PUT', '/v1/rules', { body: shown })).json).toEqual(shown);
    expect((await ask('GET', rulesPath)).text).toBe(text);
  });

  it('a rule that is added over HTTP leaves the document else as it was', async () => {
    await putRules(document);
    await stage.world.call('mary', 'POST', '/v1/rules/requests/john@localhost', { body: { allow: false } });
    const { text } = await ask('GET', rulesPath);
    expect(text.startsWith(document.slice(0, document.indexOf('\n</ruleset>')))).toBe(true);
    expect(text).toContain('<one id="sip:john@localhost"/>');
    const own = '<rule id="mine"/>';
    expect((await putElement('ruleset/rule%5B@id=%22mine%22%5D', own)).status).toBe(201);
    expect(await rules()).toHaveLength(3);
  });

  it.each([
    [{ watchers: '*', domains: ['a.org'] }, 'stands alone'],
    [{ watchers: [] }, 'names nobody'],
    [{ watchers: ['tom@localhost'], except: { domains: ['a.org'] } }, 'takes somebody out of domains'],
    [{ watchers: '*', id: '1' }, 'is not a name'],
    [{ watchers: '*', unknownConditions: ['y'] }, 'is not {namespace}name'],
    [{ watchers: '*', validity: [{ from: 'now', until: 'then' }] }, 'validity'],
    [{ watchers: '*', spheres: ['bowling league'] }, 'spheres'],
  ])('%o is refused', async (rule, words) => {
    const answer = await stage.world.call('mary', 'PUT', '/v1/rules', { body: [{ action: 'allow', ...rule }] });
    expect([answer.status, JSON.stringify(answer.json)]).toEqual([400, expect.stringContaining(words)]);
  });

  it('what another process writes between reading and writing is not lost, in either form', async () => {
    await putRules(document);
    const others = [{ watchers: '*', attributes: [], action: 'block' }] as const;
    /** Right before the write, in the store itself. */
    const meddle = (): void => {
      stage.world.beforeCall = (name) => {
        if (name !== 'rules.setRules') return;
        stage.world.beforeCall = undefined;
        stage.world.stores.state.rules.set('mary@localhost' as never, others);
      };
    };
    const etag = (await stage.world.call('mary', 'GET', '/v1/rules')).headers.get('etag') ?? '';
    meddle();
    const headers = { 'if-match': etag };
    expect((await stage.world.call('mary', 'PUT', '/v1/rules', { body: [], headers })).status).toBe(412);
    const shown = [{ watchers: '*', action: 'block' }];
    expect(await rules()).toEqual(shown);
    const tag = (await putRules(document)).etag;
    meddle();
    expect((await putRules(document.replace('mine', 'ours'), { 'if-match': tag })).status).toBe(412);
    meddle();
    expect(
      (await stage.world.call('mary', 'POST', '/v1/rules/requests/tom@localhost', { body: { allow: true } })).status,
    ).toBe(200);
    expect(await rules()).toMatchObject([...shown, { watchers: ['tom@localhost'], action: 'allow' }]);
  });

  it('two rules of one name are refused', async () => {
    const rule = { watchers: '*', action: 'block', id: 'a' };
    expect((await stage.world.call('mary', 'PUT', '/v1/rules', { body: [rule, rule] })).status).toBe(400);
  });

  it('a document decides at once what senders may ask for, and who watches', async () => {
    await stage.world.call('mary', 'PUT', '/v1/presence', { body: { mood: 'happy', sphere: 'work' } });
    const id = await (async () => {
      await putRules(document);
      return stage.world.send('tom', 'mary', 'a', { deliverWhen: 'mood is happy' });
    })();
    const state = async () => (await stage.world.call('tom', 'GET', `/v1/messages/${id}`)).json['state'];
    expect(await state()).toBe('waiting');
    await putElement('ruleset/rule/conditions', '<conditions><sphere value="home"/></conditions>');
    expect(await state()).toBe('held');
    await stage.world.call('mary', 'PUT', '/v1/presence', { body: { sphere: 'home' } });
    expect(await state()).toBe('waiting');
    const [from, until] = ['2026-11-21T10:00:00Z', '2026-11-21T11:00:00Z'];
    await putElement(
      'ruleset/rule/conditions',
      `<conditions><validity><from>${from}</from><until>${until}</until></validity></conditions>`,
    );
    expect(await state()).toBe('held');
    await stage.world.time.advance(3_600_000);
    expect(await state()).toBe('waiting');
    await stage.world.time.advance(3_600_000);
    expect(await state()).toBe('held');
  });

  it('a watcher who waits is let in by a document', async () => {
    await stage.world.call('mary', 'PUT', '/v1/rules', { body: [{ watchers: ['tom@localhost'], action: 'confirm' }] });
    const stream = await stage.world.listen('tom', { query: '?presence=mary@localhost' });
    await stage.world.settle();
    const waiting = async () => (await stage.world.call('mary', 'GET', '/v1/rules/requests')).json;
    expect(await waiting()).toEqual({ items: [{ address: 'tom@localhost' }] });
    await stage.world.call('mary', 'PUT', '/v1/presence', { body: { mood: 'happy' } });
    await putRules(document);
    expect(await waiting()).toEqual({ items: [] });
    // Events about one presentity keep a pace.
    await stage.world.time.advance(6_000);
    let event = await stream.next('presence');
    while (event['mood'] === undefined) event = await stream.next('presence');
    expect(event).toMatchObject({ address: 'mary@localhost', mood: ['happy'] });
  });
});
