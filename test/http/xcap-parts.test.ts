import { beforeEach, describe, expect, it } from 'vitest';
import {
  xcapStage,
  rulesType,
  elementType,
  attributeType,
  rulesPath,
  cr,
  root,
  tomRule,
  document,
  conflictOf,
} from './xcap-client.ts';

const stage = xcapStage();
const { ask, putRules, putElement, rules } = stage;

describe('a part', () => {
  beforeEach(async () => {
    await putRules(document);
  });

  const get = async (node: string): Promise<string> => {
    const { status, type, text } = await ask('GET', `${rulesPath}/~~/${node}`);
    return status === 200 ? `${type} ${text}` : String(status);
  };

  it.each([
    [`cr:ruleset/cr:rule%5b@id=%22a%22%5d${cr}`, `${elementType} ${tomRule}`],
    ['ruleset/rule', `${elementType} ${tomRule}`],
    ['*/*%5B1%5D', `${elementType} ${tomRule}`],
    ["ruleset/rule[1][@id='a']/actions/sub-handling", `${elementType} <pr:sub-handling>allow</pr:sub-handling>`],
    ['ruleset/rule/@id', `${attributeType} a`],
    ['ruleset/rule/conditions/identity/one/@id', `${attributeType} sip:tom@localhost`],
    ['ruleset/rule/actions/namespace::*', `application/xcap-ns+xml <actions ${root}/>`],
    ['ruleset/rule[2]', '404'],
    ['ruleset/rule[@id="b"]', '404'],
    ['ruleset/rule/@name', '404'],
    ['ruleset/rule/*', '404'],
    ['ruleset/rule[0]', '400'],
    ['ruleset/rule[', '400'],
    ['ruleset//rule', '400'],
    ['', '400'],
    ['x:ruleset', '400'],
    ['ruleset?xmlns(a', '400'],
    [`${'a/'.repeat(32)}a`, '400'],
  ])('%s is %s', async (node, expected) => {
    expect(
      await get(node.replaceAll('"', '%22').replaceAll('[', '%5B').replaceAll(']', '%5D').replaceAll("'", '%27')),
    ).toBe(expected);
  });

  it.each<[string, string, string, string]>([
    [
      'a new rule behind the last',
      'ruleset/rule%5B@id=%22b%22%5D',
      '<rule id="b"/>',
      `${tomRule}<rule id="b"/>\n</ruleset>`,
    ],
    ['one at a place', 'ruleset/rule%5B1%5D%5B@id=%22b%22%5D', '<rule id="b"/>', `  <rule id="b"/>${tomRule}`],
    ['one behind by its place', 'ruleset/*%5B2%5D', '<rule id="b"/>', `${tomRule}<rule id="b"/>`],
    ['one that is there', 'ruleset/rule', tomRule.replace('tom', 'john'), tomRule.replace('tom', 'john')],
    ['where the order wants it', 'ruleset/rule/conditions', '<conditions/>', `<rule id="a"><conditions/><actions>`],
    [
      'with a prefix of its own',
      `c:ruleset/c:rule%5B2%5D?xmlns(c=urn:ietf:params:xml:ns:common-policy)`,
      '<p:rule xmlns:p="urn:ietf:params:xml:ns:common-policy" id="b"/>',
      '<p:rule',
    ],
  ])('%s is put', async (_what, node, body, expected) => {
    const answer = await putElement(node, body);
    expect([answer.text, answer.status === 200 || answer.status === 201]).toEqual(['', true]);
    const now = await ask('GET', rulesPath);
    expect([now.text.includes(expected), now.etag]).toEqual([true, answer.etag]);
    expect(now.text).toContain('<!-- mine -->');
  });

  it.each([
    [
      'of no parent',
      'ruleset/rule%5B2%5D/conditions',
      '<conditions/>',
      '409 no-parent phrase="there is no such parent"',
    ],
    ['that is another', 'ruleset/rule%5B@id=%22b%22%5D', '<rule id="c"/>', '409 cannot-insert'],
    ['too far behind', 'ruleset/rule%5B3%5D', '<rule id="c"/>', '409 cannot-insert'],
    ['a second root', 'other', '<other/>', '409 cannot-insert'],
    ['that does not fit', 'ruleset/rule%5B@id=%22b%22%5D', '<rule id="b"><x/></rule>', '409 schema-validation-error'],
    ['of text', 'ruleset/rule', 'text', '409 not-xml-frag'],
    ['two', 'ruleset/rule', '<rule id="a"/><rule id="b"/>', '409 not-xml-frag'],
    ['that breaks out', 'ruleset/rule', '<rule id="a"/></fragment><fragment>', '409 not-xml-frag'],
    ['half', 'ruleset/rule', '<rule id="a">', '409 not-xml-frag'],
    ['with a declaration', 'ruleset/rule', '<!DOCTYPE a><rule id="a"/>', '409 not-xml-frag'],
    ['with an entity', 'ruleset/rule', '<rule id="a">&b;</rule>', '409 not-xml-frag'],
    ['an unbound prefix', 'ruleset/rule', '<z:rule id="a"/>', '409 not-xml-frag'],
  ])('%s is refused', async (_what, node, body, expected) => {
    expect(conflictOf(await putElement(node, body))).toContain(expected);
    expect((await ask('GET', rulesPath)).text).toBe(document);
  });

  it('that many put at once are all there, and answers to requests between them too', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `n${index}`);
    const puts = names.map((name) => putElement(`ruleset/rule%5B@id=%22${name}%22%5D`, `<rule id="${name}"/>`));
    const answers = ['john', 'peter'].map((who) =>
      stage.world.call('mary', 'POST', `/v1/rules/requests/${who}@localhost`, { body: { allow: true } }),
    );
    expect((await Promise.all(puts)).map(({ status }) => status)).toEqual(names.map(() => 201));
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200]);
    const { text } = await ask('GET', rulesPath);
    for (const name of names) expect(text).toContain(`<rule id="${name}"/>`);
    expect(await rules()).toHaveLength(13);
  });

  it('says where there is a parent', async () => {
    const answer = await putElement('ruleset/rule/transformations/a/b', '<b/>');
    expect(answer.text).toContain(`<ancestor>${rulesPath}/~~/ruleset/rule/transformations</ancestor>`);
    await ask('DELETE', rulesPath);
    expect(conflictOf(await putElement('ruleset/rule', tomRule))).toContain('409 no-parent');
  });

  it('is taken out, and cannot be where its place would be another’s', async () => {
    await putElement('ruleset/rule%5B@id=%22b%22%5D', '<rule id="b"/>');
    const remove = (node: string) => ask('DELETE', `${rulesPath}/~~/${node}`);
    expect(conflictOf(await remove('ruleset/*%5B1%5D'))).toContain('409 cannot-delete');
    expect(conflictOf(await remove('ruleset'))).toContain('409 cannot-delete');
    expect((await remove('ruleset/rule%5B@id=%22c%22%5D')).status).toBe(404);
    const removed = await remove('ruleset/rule%5B@id=%22a%22%5D');
    expect([removed.status, removed.etag]).toEqual([200, (await ask('GET', rulesPath)).etag]);
    expect(await rules()).toEqual([{ watchers: '*', attributes: [], action: 'none', id: 'b' }]);
    expect((await ask('PUT', `${rulesPath}/~~/ruleset`, { body: '<a/>', type: rulesType })).status).toBe(415);
  });

  it('attributes are put and taken out', async () => {
    const one = `${rulesPath}/~~/ruleset/rule/conditions/identity/one/@id`;
    const put = (path: string, body: string) => ask('PUT', path, { body, type: attributeType });
    expect((await put(one, 'sip:john@localhost')).status).toBe(200);
    expect(await rules()).toMatchObject([{ watchers: ['john@localhost'] }]);
    expect((await ask('GET', rulesPath)).text).toBe(document.replace('tom', 'john'));
    expect(conflictOf(await put(one, 'a<b'))).toContain('409 not-xml-att-value');
    expect(conflictOf(await put(one, 'a&b'))).toContain('409 not-xml-att-value');
    expect((await put(one, 'tel:"1"')).status).toBe(200);
    expect(await rules()).toMatchObject([{ watchers: [], otherUris: ['tel:"1"'] }]);
    expect(conflictOf(await ask('DELETE', one))).toContain('409 schema-validation-error');
    const id = `${rulesPath}/~~/ruleset/rule%5B@id=%22a%22%5D/@id`;
    expect(conflictOf(await put(id, 'b'))).toContain('409 cannot-insert');
    const many = '<many><except id="sip:john@localhost"/></many>';
    await putElement('ruleset/rule/conditions/identity', `<identity>${many}</identity>`);
    expect((await put(`${rulesPath}/~~/ruleset/rule/conditions/identity/many/@domain`, 'localhost')).status).toBe(201);
    expect(await rules()).toMatchObject([
      { watchers: [], domains: ['localhost'], except: { watchers: ['john@localhost'] } },
    ]);
    expect((await ask('DELETE', `${rulesPath}/~~/ruleset/rule/conditions/identity/many/@domain`)).status).toBe(200);
    expect(await rules()).toMatchObject([{ domains: ['*'] }]);
  });
});
