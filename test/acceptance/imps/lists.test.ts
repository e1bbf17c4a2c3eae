/** What an owner keeps about others, in every version and syntax of an independent phone, and as other protocols see it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { find, findAll, node, textAt, type CspNode } from '../../../src/cli/imps-phone/csp-node.ts';
import { type ImpsPhone, valued } from '../../../src/cli/imps-phone/imps-phone.ts';
import { openStage, startMsMax, type Stage } from '../stage.ts';
import { callerOf, codesOf, putRules, startPhone, withinMs } from './phones.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage(['--notify-pace', '0']);
}, startMsMax);
afterAll(() => stage.close(), startMsMax);

const id = (name: string): CspNode => node('UserID', `wv:${name}@localhost`);
const user = (name: string): CspNode => node('User', id(name));
const forms = [
  { version: '1.1', syntax: 'xml' },
  { version: '1.1', syntax: 'wbxml' },
  { version: '1.2', syntax: 'xml' },
  { version: '1.2', syntax: 'wbxml' },
  { version: '1.3', syntax: 'xml' },
  { version: '1.3', syntax: 'wbxml' },
] as const;

describe.each(forms)('a phone of $version in $syntax', (form) => {
  const phones: ImpsPhone[] = [];
  const start = async (name: string): Promise<ImpsPhone> => {
    const phone = await startPhone(stage, name, form);
    phones.push(phone);
    return phone;
  };
  const end = async (): Promise<void> => {
    for (const phone of phones.splice(0)) await phone.logout();
  };

  it('keeps lists of contacts, with a default and names', async () => {
    const mary = await start('mary');
    const list = (name: string): CspNode => node('ContactList', `wv:mary/${name}@localhost`);
    const nick = (name: string): CspNode => node('NickName', node('Name', `${name}’s name`), id(name));
    const property = (name: string, value: string): CspNode =>
      node('ContactListProperties', node('Property', node('Name', name), node('Value', value)));
    const code = async (primitive: CspNode): Promise<number> => (await mary.ask(primitive)).code;
    expect(await code(node('CreateList-Request', list('One'), node('NickList', nick('tom'), id('john'))))).toBe(200);
    expect(await code(node('CreateList-Request', list('two'), property('DisplayName', 'Zwei ünd <&>')))).toBe(200);
    expect(await code(node('CreateList-Request', list('ONE')))).toBe(701);
    expect(await code(node('CreateList-Request', node('ContactList', 'wv:tom/x@localhost')))).toBe(700);
    expect(await code(node('CreateList-Request', list('three'), property('Colour', 'red')))).toBe(752);
    const all = (await mary.ask(node('GetList-Request'))).primitive;
    expect([textAt(all, 'DefaultContactList'), textAt(all, 'ContactList')]).toEqual([
      'wv:mary/one@localhost',
      'wv:mary/two@localhost',
    ]);
    const manage = async (name: string, ...content: readonly CspNode[]) =>
      (await mary.ask(node('ListManage-Request', list(name), content))).primitive;
    const namesIn = (answer: CspNode): string[] => findAll(answer, 'NickList/NickName/Name').map(({ text }) => text);
    expect(namesIn(await manage('one'))).toEqual(['tom’s name', '']);
    const two = await manage('two', property('Default', 'T'));
    expect(findAll(two, 'ContactListProperties/Property/Value').map(({ text }) => text)).toEqual(['Zwei ünd <&>', 'T']);
    expect(namesIn(await manage('one', node('AddNickList', nick('john'))))).toEqual(['tom’s name', 'john’s name']);
    expect(codesOf(await manage('none', node('AddNickList', nick('john'))))[0]).toBe(700);
    const watched = await mary.ask(node('SubscribePresence-Request', list('one'), list('none'), user('ghost')));
    expect(codesOf(watched.primitive).map((each) => (typeof each === 'number' ? each : each[0]))).toEqual([
      201,
      '531',
      '700',
    ]);
    expect(await code(node('DeleteList-Request', list('two')))).toBe(200);
    expect(textAt((await mary.ask(node('GetList-Request'))).primitive, 'DefaultContactList')).toBe(
      'wv:mary/one@localhost',
    );
    expect(await code(node('DeleteList-Request', list('one')))).toBe(200);
    expect(await code(node('DeleteList-Request', list('one')))).toBe(700);
    expect((await mary.ask(node('GetList-Request'))).primitive.children).toEqual([]);
    await end();
  });

  it('blocks and grants, and sees what was blocked and granted over HTTP', async () => {
    const [mary, tom, john] = [await start('mary'), await start('tom'), await start('john')];
    const isNew = form.version === '1.3';
    const list = (name: string, use: string, ...content: readonly CspNode[]): readonly CspNode[] => [
      node(`${name}List`, isNew ? undefined : node('InUse', use), content),
      ...(isNew ? [node(`${name}ListInUse`, use)] : []),
    ];
    const said = async (...lists: readonly (readonly CspNode[])[]): Promise<number> =>
      (await mary.ask(node('BlockEntity-Request', lists.flat()))).code;
    const shown = async (): Promise<string> => {
      const { primitive } = await mary.ask(node('GetBlockedList-Request'));
      return ['Block', 'Grant']
        .map((name) => {
          const use = textAt(primitive, isNew ? `${name}ListInUse` : `${name}List/InUse`);
          const users = findAll(primitive, `${name}List/EntityList/UserID`).map(({ text }) => text.slice(3, -10));
          return [name, use, ...users].join(' ');
        })
        .join(', ');
    };
    /** 200 where Mary's phone has taken it in time, else 202. */
    const sentBy = async (phone: ImpsPhone): Promise<number> => {
      const { code } = await phone.send({ to: 'mary@localhost', text: 'x' });
      return code === 202 ? 200 : code;
    };
    const person = callerOf(stage, 'mary');
    expect(await said(list('Block', 'T'), list('Grant', 'T', node('EntityList', id('tom'))))).toBe(200);
    expect(await shown()).toBe('Block T, Grant T tom');
    expect([await sentBy(tom), await sentBy(john)]).toEqual([200, 532]);
    expect((await person.call('GET', '/v1/grants')).json).toEqual({ items: ['tom@localhost'], inUse: true });
    await person.call('PUT', '/v1/grants/john@localhost');
    await person.call('PUT', '/v1/blocks/tom@localhost');
    expect([await sentBy(tom), await sentBy(john)]).toEqual([532, 200]);
    expect(await shown()).toBe('Block T tom, Grant T john tom');
    expect(await said(list('Block', 'F'), list('Grant', 'F', node('EntityList')))).toBe(200);
    expect(await shown()).toBe('Block F tom, Grant F');
    expect([await sentBy(tom), await sentBy(john)]).toEqual([200, 200]);
    expect(await said(list('Block', 'T', node('EntityList')))).toBe(200);
    expect(await shown()).toBe('Block T, Grant F');
    await end();
  });

  it('asks to look, is granted, refused and forgotten', async () => {
    await putRules(stage, 'mary', [{ watchers: ['tom@localhost'], attributes: [], action: 'confirm' }]);
    const [mary, tom] = [await startPhone(stage, 'mary', { version: '1.2' }), await start('tom')];
    phones.push(mary);
    const named = (name: string, ...more: readonly CspNode[]): CspNode => node(name, id('tom'), more);
    await mary.show(valued('StatusMood', 'EXCITED'));
    expect((await tom.look('mary@localhost')).code).toBe(521);
    expect(textAt((await mary.next('PresenceAuth-Request', withinMs)).primitive, 'UserID')).toBe('wv:tom@localhost');
    expect((await tom.watch('mary@localhost')).code).toBe(521);
    const both = await tom.ask(node('GetPresence-Request', user('mary'), user('john')));
    expect(codesOf(both.primitive)).toEqual([201, ['521', 'wv:mary@localhost']]);
    const state = async (): Promise<string> =>
      textAt(
        (await mary.ask(node('GetReactiveAuthStatus-Request', id('tom')))).primitive,
        'ReactiveAuthStatusList/ReactiveAuthStatus/ReactiveAuthState',
      );
    expect(await state()).toBe('PENDING');
    const part = mary.line.presenceList(node('StatusMood'));
    expect((await mary.ask(named('PresenceAuth-User', node('Acceptance', 'T'), part))).code).toBe(200);
    expect(await state()).toBe('GRANTED');
    const told = await tom.next('PresenceNotification-Request', withinMs);
    expect(textAt(told.primitive, 'Presence/PresenceSubList/StatusMood/PresenceValue')).toBe('EXCITED');
    const watchers = (await mary.ask(node('GetWatcherList-Request', node('MaxWatcherList', 5)))).primitive;
    expect(findAll(watchers, 'Watcher/User/UserID').map(({ text }) => text)).toEqual(['wv:tom@localhost']);
    expect((await mary.ask(named('PresenceAuth-User', node('Acceptance', 'F')))).code).toBe(200);
    expect([await state(), (await tom.look('mary@localhost')).code]).toEqual(['DENIED', 532]);
    expect((await mary.ask(named('CancelAuth-Request'))).code).toBe(200);
    expect(await state()).toBe('');
    await putRules(stage, 'mary', []);
    await end();
  });

  it('shows attributes by user, list and default, which are rules for everybody', async () => {
    const [mary, tom] = [await start('mary'), await start('tom')];
    const friends = node('ContactList', 'wv:mary/friends@localhost');
    const rules = async (): Promise<unknown> => (await callerOf(stage, 'mary').call('GET', '/v1/rules')).json;
    await mary.show(valued('StatusMood', 'SAD'), valued('StatusText', 'why'), valued('UserAvailability', 'DISCREET'));
    await mary.ask(node('CreateList-Request', friends, node('NickList', id('tom'))));
    const create = (names: readonly string[], ...whom: readonly CspNode[]): Promise<{ readonly code: number }> =>
      mary.ask(node('CreateAttributeList-Request', mary.line.presenceList(names.map((name) => node(name))), whom));
    const seen = async (): Promise<readonly string[]> => {
      const list = find((await tom.look('mary@localhost')).primitive, 'Presence/PresenceSubList');
      return list?.children.map(({ name }) => name) ?? [];
    };
    expect((await create(['StatusMood'], friends, node('DefaultList', 'F'))).code).toBe(200);
    expect((await create(['StatusText'], id('tom'), node('DefaultList', 'F'))).code).toBe(200);
    expect((await create(['OnlineStatus'], node('DefaultList', 'T'))).code).toBe(200);
    expect(await seen()).toEqual(['OnlineStatus', 'UserAvailability', 'StatusText', 'StatusMood']);
    expect(await rules()).toHaveLength(3);
    const got = (await mary.ask(node('GetAttributeList-Request', node('DefaultList', 'T'), friends, user('tom'))))
      .primitive;
    expect(find(got, 'DefaultAttributeList/PresenceSubList')?.children.map(({ name }) => name)).toEqual([
      'OnlineStatus',
    ]);
    expect(findAll(got, 'Presence').map(({ children }) => children[0]?.text)).toEqual([
      'wv:tom@localhost',
      'wv:mary/friends@localhost',
    ]);
    expect((await create(['Weather'], id('tom'))).code).toBe(750);
    expect((await create(['StatusText'], node('ContactList', 'wv:mary/none'))).code).toBe(700);
    const drop = node('DeleteAttributeList-Request', id('tom'), friends, node('DefaultList', 'T'));
    expect((await mary.ask(drop)).code).toBe(200);
    expect([await rules(), await seen()]).toEqual([[], ['OnlineStatus', 'UserAvailability']]);
    await mary.ask(node('DeleteList-Request', friends));
    await end();
  });
});
