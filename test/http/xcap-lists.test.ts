import { describe, expect, it } from 'vitest';
import { StoreFault } from '../../src/base/store-fault.ts';
import { documentsPerOwnerMax } from '../../src/endpoints/http/xcap/ports.ts';
import { documentNameMax } from '../../src/endpoints/http/xcap/usages.ts';
import { xcapStage, elementType, listsType, rulesPath, listsPath, document, lists, conflictOf } from './xcap-client.ts';

const stage = xcapStage();
const { ask, putRules } = stage;

const putLists = (body: string) => ask('PUT', listsPath, { body, type: listsType });

describe('resource lists', () => {
  it('are kept as they came, and go with their owner’s account', async () => {
    expect((await putLists(lists)).status).toBe(201);
    await stage.restart();
    expect(await ask('GET', listsPath)).toMatchObject({ status: 200, type: listsType, text: lists });
    const entry = `${listsPath}/~~/resource-lists/list%5B@name=%22friends%22%5D/entry%5B@uri=%22sip:john@localhost%22%5D`;
    expect((await ask('PUT', entry, { body: '<entry uri="sip:john@localhost"/>', type: elementType })).status).toBe(
      201,
    );
    expect((await ask('GET', entry)).text).toBe('<entry uri="sip:john@localhost"/>');
    await stage.world.stores.accounts.remove('mary@localhost' as never);
    expect(
      await stage.world.stores.documents.read({
        owner: 'mary@localhost' as never,
        application: 'resource-lists',
        name: 'index',
      }),
    ).toBeUndefined();
  });

  it.each([
    ['<list name="a"/><list name="a"/>', '409 uniqueness-failure'],
    ['<list><entry uri="sip:a"/><entry uri="sip:a"/></list>', '409 uniqueness-failure'],
    ['<list><entry/></list>', '409 schema-validation-error'],
    ['<list><display-name/><display-name/></list>', '409 schema-validation-error'],
    ['<list><entry uri="sip:a"/><display-name>late</display-name></list>', '409 schema-validation-error'],
    ['<list>text</list>', '409 schema-validation-error'],
    ['<entry uri="sip:a"/>', '409 schema-validation-error'],
    ['<list><entry-ref ref="http://x/y"/></list>', '409 constraint-failure'],
    ['<list><external anchor="../y"/></list>', '409 constraint-failure'],
  ])('%s is refused', async (content, expected) => {
    expect(
      conflictOf(
        await putLists(`<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists">${content}</resource-lists>`),
      ),
    ).toContain(expected);
    expect((await ask('GET', listsPath)).status).toBe(404);
  });

  it('takes what the schema allows', async () => {
    const content =
      '<list name="a" x="1"><display-name xml:lang="en">A</display-name><list><entry uri="sip:a"/></list><entry uri="sip:a"/>' +
      '<external anchor="http://x/y"/><entry-ref ref="resource-lists/users/a"/><x:y xmlns:x="urn:x"/></list><list/>';
    expect(
      (await putLists(`<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists">${content}</resource-lists>`))
        .status,
    ).toBe(201);
  });

  it('are so many and no more, with names so long and no longer', async () => {
    const put = (name: string) =>
      ask('PUT', `resource-lists/users/sip:mary@localhost/${name}`, { body: lists, type: listsType });
    expect((await put('n'.repeat(documentNameMax))).status).toBe(201);
    expect(conflictOf(await put('n'.repeat(documentNameMax + 1)))).toContain('409 constraint-failure');
    for (let count = 1; count < documentsPerOwnerMax; count += 1) expect((await put(`n${count}`)).status).toBe(201);
    expect(conflictOf(await put('more'))).toContain('409 constraint-failure');
    expect((await put('n1')).status).toBe(200);
  });
});

describe('capabilities', () => {
  it('are told to everybody', async () => {
    const { status, type, text } = await ask('GET', 'xcap-caps/global/index', { who: 'tom' });
    expect([status, type]).toEqual([200, 'application/xcap-caps+xml']);
    for (const auid of ['pres-rules', 'resource-lists', 'xcap-caps']) expect(text).toContain(`<auid>${auid}</auid>`);
    expect((await ask('GET', 'xcap-caps/global/index/~~/*/auids', { who: 'tom' })).status).toBe(200);
  });
});

it('nothing is stored when the store cannot commit', async () => {
  await putRules(document);
  stage.world.beforeCall = (name) => {
    if (name === 'rules.setRules' || name === 'documents.write') throw new StoreFault('disk full', true);
  };
  expect((await putRules(document.replace('mine', 'ours'))).status).toBe(503);
  expect((await putLists(lists)).status).toBe(503);
  stage.world.beforeCall = undefined;
  expect((await ask('GET', rulesPath)).text).toBe(document);
});
