import { describe, expect, it } from 'vitest';
import { xcapLimits } from '../../src/endpoints/http/xcap/usages.ts';
import { xcapStage, rulesType, rulesPath, cr, root, tomRule, document, lists, conflictOf } from './xcap-client.ts';

const stage = xcapStage();
const { ask, putRules, putElement, rules } = stage;

describe('a document', () => {
  it('is what was put, to the letter, with its tag', async () => {
    expect((await ask('GET', rulesPath)).status).toBe(404);
    const put = await putRules(document);
    expect([put.status, put.text]).toEqual([201, '']);
    const got = await ask('GET', rulesPath);
    expect(got).toEqual({ status: 200, type: rulesType, etag: put.etag, text: document });
    expect((await putRules(document)).status).toBe(200);
    expect(await ask('HEAD', rulesPath)).toMatchObject({ status: 200, etag: put.etag, text: '' });
    expect(await rules()).toEqual([{ watchers: ['tom@localhost'], attributes: ['mood'], action: 'allow', id: 'a' }]);
    await stage.restart();
    expect((await ask('GET', rulesPath)).text).toBe(document);
    expect((await ask('DELETE', rulesPath)).status).toBe(200);
    expect([(await ask('GET', rulesPath)).status, (await ask('DELETE', rulesPath)).status]).toEqual([404, 404]);
    expect(await rules()).toEqual([]);
  });

  it.each([
    'pres-rules/users/sip%3Amary%40localhost/index',
    'pres-rules/users/sip:MARY@localhost/index',
    'pres-rules/users/mary@localhost/index',
  ])('is found at %s', async (path) => {
    await putRules(document);
    expect((await ask('GET', path)).text).toBe(document);
  });

  it.each([
    ['tom', 'GET', rulesPath, 403],
    ['boss', 'GET', rulesPath, 403],
    ['tom', 'PUT', rulesPath, 403],
    ['mary', 'GET', 'pres-rules/users/tel:1/index', 403],
    ['mary', 'GET', 'pres-rules/users/sip:mary@localhost', 404],
    ['mary', 'GET', 'pres-rules/users/sip:mary@localhost/index/more', 404],
    ['mary', 'GET', 'pres-rules/users/sip:mary@localhost/other', 404],
    ['mary', 'GET', 'pres-rules/global/index', 404],
    ['mary', 'PUT', 'pres-rules/global/index', 403],
    ['mary', 'GET', 'rls-services/users/sip:mary@localhost/index', 404],
    ['mary', 'GET', 'nothing', 404],
    ['mary', 'POST', rulesPath, 405],
    ['mary', 'PATCH', rulesPath, 405],
    ['mary', 'PUT', 'xcap-caps/global/index', 405],
  ])('%s, %s %s: %i', async (who, method, path, status) => {
    expect(
      (await ask(method, path, { who, ...(method === 'PUT' ? { body: document, type: rulesType } : {}) })).status,
    ).toBe(status);
  });

  it('needs a sign-in, and a token will do', async () => {
    const { token } = (await stage.world.call('mary', 'POST', '/v1/tokens')).json;
    await putRules(document);
    const asked = (authorization: string) => ask('GET', rulesPath, { headers: { authorization } });
    expect([(await asked('')).status, (await asked(`Bearer ${String(token)}`)).status]).toEqual([401, 200]);
  });

  it.each([
    ['other media', 'application/xml', document, '415 application/problem+json'],
    ['JSON', 'application/json', '{', '415 application/problem+json'],
    ['nothing', rulesType, '', '409 not-well-formed phrase="1:0: document must contain a root element."'],
    ['half of it', rulesType, document.slice(0, -12), '409 not-well-formed'],
    [
      'an entity bomb',
      rulesType,
      `<!DOCTYPE r [<!ENTITY a "a">]>${document.slice(22)}`,
      '409 constraint-failure phrase="a document type declaration',
    ],
    ['no UTF-8', rulesType, Uint8Array.of(0x3c, 0xff, 0x3e), '409 not-utf-8'],
    ['another encoding', rulesType, '<?xml version="1.0" encoding="ISO-8859-1"?><r/>', '409 not-utf-8'],
    ['another document', rulesType, lists, '409 schema-validation-error'],
    [
      'too many levels',
      rulesType,
      '<a>'.repeat(xcapLimits.depthMax + 1),
      '409 constraint-failure phrase="elements are nested',
    ],
    ['10,000 levels', rulesType, '<a>'.repeat(10_000), '409 constraint-failure'],
    [
      'too many elements',
      rulesType,
      `<ruleset ${root}>${'<rule id="a"/>'.repeat(xcapLimits.elementsMax)}</ruleset>`,
      '409 constraint-failure phrase="there are more',
    ],
    ['1 MiB', rulesType, 'a'.repeat(1_048_576), '413 application/problem+json'],
    [
      'conditions of OMA',
      rulesType,
      document.replace('<identity>', '<o:other-identity xmlns:o="urn:oma:xml:xdm:common-policy"/><identity>'),
      '409 constraint-failure',
    ],
    ['two rules of a name', rulesType, document.replace(tomRule, tomRule + tomRule), '409 schema-validation-error'],
  ])('%s is refused, and what was there stays', async (_what, type, body, expected) => {
    await putRules(document);
    const answer = await ask('PUT', rulesPath, { body, type });
    expect(conflictOf(answer)).toContain(expected);
    expect((await ask('GET', rulesPath)).text).toBe(document);
  });

  it('has its limits at each and one past it', async () => {
    const sized = (bytes: number): string => document.padEnd(bytes, ' ');
    expect((await putRules(sized(xcapLimits.bytesMax))).status).toBe(201);
    expect((await putRules(sized(xcapLimits.bytesMax + 1))).status).toBe(413);
    expect(conflictOf(await putElement(`cr:ruleset/cr:rule%5B@id=%22b%22%5D${cr}`, '<rule id="b"/>'))).toContain(
      '409 constraint-failure',
    );
    const many = (count: number): string =>
      `<ruleset ${root}>${Array.from({ length: count }, (_, at) => `<rule id="r${at}"/>`).join('')}</ruleset>`;
    expect((await putRules(many(1000))).status).toBe(200);
    expect(conflictOf(await putRules(many(1001)))).toContain('409 constraint-failure phrase="at most 1000 rules');
  });

  it('by another name is no document with rules', async () => {
    const path = 'pres-rules/users/sip:mary@localhost/other';
    expect(conflictOf(await ask('PUT', path, { body: document, type: rulesType }))).toContain('409 constraint-failure');
  });
});

describe('tags', () => {
  it('keep two writers apart, and spare a reader', async () => {
    expect((await putRules(document, { 'if-match': '*' })).status).toBe(412);
    const first = await putRules(document, { 'if-none-match': '*' });
    expect(first.status).toBe(201);
    expect((await putRules(document, { 'if-none-match': '*' })).status).toBe(412);
    const second = await putRules(document.replace('mine', 'ours'), { 'if-match': first.etag });
    expect((await putRules(document, { 'if-match': first.etag })).status).toBe(412);
    expect((await putRules(document, { 'if-match': `"x", ${second.etag}` })).status).toBe(200);
    const get = (headers: Record<string, string>) => ask('GET', rulesPath, { headers });
    expect((await get({ 'if-none-match': `W/${first.etag}` })).status).toBe(304);
    expect((await get({ 'if-none-match': second.etag })).status).toBe(200);
    expect((await get({ 'if-match': second.etag })).status).toBe(412);
    expect((await ask('DELETE', rulesPath, { headers: { 'if-match': second.etag } })).status).toBe(412);
  });

  it('of a part are those of its document, and * is the part', async () => {
    const { etag } = await putRules(document);
    const node = `ruleset/rule%5B@id=%22b%22%5D`;
    const rule = '<rule id="b"/>';
    expect((await putElement(node, rule, { 'if-match': '*' })).status).toBe(412);
    const put = await putElement(node, rule, { 'if-match': etag, 'if-none-match': '*' });
    expect([put.status, put.etag === etag]).toEqual([201, false]);
    expect((await putElement(node, rule, { 'if-none-match': '*' })).status).toBe(412);
    expect((await ask('GET', `${rulesPath}/~~/${node}`)).etag).toBe(put.etag);
  });

  it('tell of a change that another process made a moment ago, over both forms', async () => {
    const { etag } = await putRules(document);
    const own = (await stage.world.call('mary', 'GET', '/v1/rules')).headers.get('etag') ?? '';
    // The command line writes into the same store; the server has not looked yet.
    await stage.world.stores.rules.setRules('mary@localhost' as never, [
      { watchers: '*', attributes: [], action: 'block' },
    ]);
    expect((await putRules(document, { 'if-match': etag })).status).toBe(412);
    expect(
      (await stage.world.call('mary', 'PUT', '/v1/rules', { body: [], headers: { 'if-match': own } })).status,
    ).toBe(412);
    expect((await ask('GET', rulesPath)).text).toContain('<pr:sub-handling>block</pr:sub-handling>');
    await stage.world.call('mary', 'POST', '/v1/rules/requests/tom@localhost', { body: { allow: true } });
    expect(await rules()).toMatchObject([{ action: 'block' }, { action: 'allow', watchers: ['tom@localhost'] }]);
  });
});
