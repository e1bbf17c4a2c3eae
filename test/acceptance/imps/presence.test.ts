import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { find, findAll, node, textAt, type CspNode } from '../../../src/cli/imps-phone/csp-node.ts';
import { type ImpsPhone, valued } from '../../../src/cli/imps-phone/imps-phone.ts';
import { openStage, startMsMax, type Stage } from '../stage.ts';
import { codesOf, putRules, startPhone, withinMs } from './phones.ts';

let stage: Stage;
let tom: ImpsPhone;
let mary: ImpsPhone;

beforeAll(async () => {
  stage = await openStage(['--notify-pace', '0']);
}, startMsMax);

beforeEach(async () => {
  tom = await startPhone(stage, 'tom');
  mary = await startPhone(stage, 'mary');
});

afterEach(async () => {
  await mary.ask(node('DeleteAttributeList-Request', node('UserID', 'wv:tom@localhost'), node('DefaultList', 'F')));
  await mary.unblock('tom@localhost');
  await tom.logout();
  await mary.logout();
});

afterAll(() => stage.close(), startMsMax);

function shownTo(watcher: string, ...names: readonly string[]): Promise<{ readonly code: number }> {
  const shown = mary.line.presenceList(names.map((name) => node(name)));
  return mary.ask(
    node('CreateAttributeList-Request', shown, node('UserID', `wv:${watcher}@localhost`), node('DefaultList', 'F')),
  );
}

function valueIn(presence: CspNode, name: string): string {
  return textAt(presence, `Presence/PresenceSubList/${name}/PresenceValue`);
}

/** What Tom is told until it says so. */
async function untilTold(name: string, value: string): Promise<void> {
  for (;;) {
    const told = await tom.next('PresenceNotification-Request', withinMs);
    if (valueIn(told.primitive, name) === value) return;
  }
}

describe('presence', () => {
  it('is shown as far as it may be, and every attribute comes back as it was said', async () => {
    const said = [
      valued('UserAvailability', 'DISCREET'),
      valued('StatusText', 'reading <this> & that'),
      valued('StatusMood', 'IN_LOVE'),
      valued('FreeTextLocation', 'at home'),
      valued('PreferredLanguage', 'fin'),
      valued('Alias', 'Mary'),
    ];
    expect((await mary.show(...said)).code).toBe(200);
    const few = await tom.look('mary@localhost');
    const names = find(few.primitive, 'Presence/PresenceSubList')?.children.map(({ name }) => name);
    expect(names).toEqual(['OnlineStatus', 'UserAvailability']);
    expect((await shownTo('tom', 'OnlineStatus', ...said.map(({ name }) => name))).code).toBe(200);
    const all = await tom.look('mary@localhost');
    for (const attribute of said) {
      expect(valueIn(all.primitive, attribute.name)).toBe(textAt(attribute, 'PresenceValue'));
    }
    const one = await tom.look('mary@localhost', node('StatusMood'));
    expect(find(one.primitive, 'Presence/PresenceSubList')?.children.map(({ name }) => name)).toEqual(['StatusMood']);
  });

  it('of many parts comes back with all of them', async () => {
    const parts = node(
      'CommCap',
      node('Qualifier', 'T'),
      node('CommC', node('Cap', 'IM'), node('Status', 'OPEN'), node('Note', 'always')),
      node('CommC', node('Cap', 'CALL'), node('Status', 'CLOSED'), node('Contact', '+358401234567')),
    );
    expect((await mary.show(parts)).code).toBe(200);
    await shownTo('tom', 'CommCap');
    const seen = await tom.look('mary@localhost', node('CommCap'));
    const capabilities = findAll(seen.primitive, 'Presence/PresenceSubList/CommCap/CommC');
    expect(capabilities.map((each) => each.children.map(({ text }) => text))).toEqual([
      ['IM', 'OPEN', 'always'],
      ['CALL', 'CLOSED', '+358401234567'],
    ]);
  });

  it('that was said stays until it is taken back', async () => {
    await shownTo('tom', 'StatusMood', 'StatusText');
    await mary.show(valued('StatusMood', 'BORED'));
    await mary.show(valued('StatusText', 'still bored'));
    expect(valueIn((await tom.look('mary@localhost')).primitive, 'StatusMood')).toBe('BORED');
    await mary.show(node('StatusMood', node('Qualifier', 'F')));
    const seen = (await tom.look('mary@localhost')).primitive;
    expect([valueIn(seen, 'StatusMood'), valueIn(seen, 'StatusText')]).toEqual(['', 'still bored']);
  });

  it.each([
    ['Weather', 'FINE', 750],
    ['UserAvailability', 'PERHAPS', 751],
  ])('%s %s is refused with %i', async (name, value, code) => {
    expect((await mary.show(valued(name, value))).code).toBe(code);
  });

  it('of nobody is refused: 531 for an unknown user, 516 for another domain', async () => {
    expect((await tom.look('ghost@localhost')).code).toBe(531);
    expect((await tom.look('ghost@elsewhere.example')).code).toBe(516);
    expect((await tom.watch('ghost@localhost')).code).toBe(531);
  });
});

describe('a watcher', () => {
  it('is told at once, then of each change, and of coming and going', async () => {
    expect((await tom.watch('mary@localhost')).code).toBe(200);
    await untilTold('OnlineStatus', 'T');
    await mary.show(valued('UserAvailability', 'NOT_AVAILABLE'));
    await untilTold('UserAvailability', 'NOT_AVAILABLE');
    await mary.logout();
    await untilTold('OnlineStatus', 'F');
    mary = await startPhone(stage, 'mary');
    await untilTold('OnlineStatus', 'T');
  });

  it('is told no more when it stops', async () => {
    await tom.watch('mary@localhost');
    await untilTold('OnlineStatus', 'T');
    const user = node('User', node('UserID', 'wv:mary@localhost'));
    expect((await tom.ask(node('UnsubscribePresence-Request', user))).code).toBe(200);
    const before = tom.asked.length;
    await mary.show(valued('UserAvailability', 'DISCREET'));
    await tom.look('mary@localhost');
    await tom.poll();
    expect(tom.asked.length).toBe(before);
  });

  it('stands in the list of watchers', async () => {
    await tom.watch('mary@localhost');
    const { primitive } = await mary.ask(node('GetWatcherList-Request'));
    const users = [...findAll(primitive, 'User/UserID'), ...findAll(primitive, 'Watcher/User/UserID')];
    expect(users.map(({ text }) => text)).toContain('wv:tom@localhost');
  });

  it('who is blocked is told nothing more', async () => {
    await tom.watch('mary@localhost');
    await untilTold('OnlineStatus', 'T');
    expect((await mary.block('tom@localhost')).code).toBe(200);
    const before = tom.asked.filter(({ primitive }) => valueIn(primitive, 'UserAvailability') === 'DISCREET').length;
    await mary.show(valued('UserAvailability', 'DISCREET'));
    await tom.look('peter@localhost');
    await tom.poll();
    const after = tom.asked.filter(({ primitive }) => valueIn(primitive, 'UserAvailability') === 'DISCREET').length;
    expect(after).toBe(before);
  });
});

describe('blocks', () => {
  it('are listed, and taken away again', async () => {
    expect((await mary.block('tom@localhost')).code).toBe(200);
    const listed = await mary.ask(node('GetBlockedList-Request'));
    expect(listed.text('BlockList/EntityList/UserID')).toBe('wv:tom@localhost');
    expect((await tom.send({ to: 'mary@localhost', text: 'x' })).code).toBe(532);
    expect((await mary.unblock('tom@localhost')).code).toBe(200);
    const after = await mary.ask(node('GetBlockedList-Request'));
    expect(findAll(after.primitive, 'BlockList/EntityList/UserID')).toEqual([]);
  });
});

describe('reactive authorisation', () => {
  it('asks whoever has not decided, and shows what they allow', async () => {
    const rule = { watchers: ['tom@localhost'], attributes: [], action: 'confirm' };
    expect(await putRules(stage, 'mary', [rule])).toBe(200);
    const asked = await tom.watch('mary@localhost', node('StatusMood'));
    expect([200, 521]).toContain(asked.code);
    const request = await mary.next('PresenceAuth-Request', withinMs);
    expect(textAt(request.primitive, 'UserID')).toBe('wv:tom@localhost');
    const pending = await mary.ask(node('GetReactiveAuthStatus-Request'));
    expect(pending.text('ReactiveAuthStatusList/ReactiveAuthStatus/ReactiveAuthState')).toBe('PENDING');
    const part = mary.line.presenceList(node('OnlineStatus'), node('StatusMood'));
    const grant = node('PresenceAuth-User', node('UserID', 'wv:tom@localhost'), node('Acceptance', 'T'), part);
    expect((await mary.ask(grant)).code).toBe(200);
    await mary.show(valued('StatusMood', 'EXCITED'));
    await untilTold('StatusMood', 'EXCITED');
    const cancel = node('CancelAuth-Request', node('UserID', 'wv:tom@localhost'));
    expect((await mary.ask(cancel)).code).toBe(200);
    expect(valueIn((await tom.look('mary@localhost')).primitive, 'StatusMood')).toBe('');
  });
});

describe('contact lists', () => {
  const list = 'wv:tom/work@localhost';

  it('are made, changed, read and deleted, with the codes for what is not there', async () => {
    const nick = (name: string): CspNode =>
      node('NickName', node('Name', name), node('UserID', `wv:${name.toLowerCase()}@localhost`));
    const make = node('CreateList-Request', node('ContactList', list), node('NickList', nick('Mary')));
    expect((await tom.ask(make)).code).toBe(200);
    expect((await tom.ask(make)).code).toBe(701);
    const manage = (...content: readonly CspNode[]) =>
      tom.ask(node('ListManage-Request', node('ContactList', list), content, node('ReceiveList', 'T')));
    expect((await manage(node('AddNickList', nick('Peter')))).code).toBe(200);
    const both = await manage();
    expect(findAll(both.primitive, 'NickList/NickName/Name').map(({ text }) => text)).toEqual(['Mary', 'Peter']);
    expect((await manage(node('RemoveNickList', node('UserID', 'wv:mary@localhost')))).code).toBe(200);
    const one = await manage();
    expect(findAll(one.primitive, 'NickList/NickName/UserID').map(({ text }) => text)).toEqual(['wv:peter@localhost']);
    expect((await tom.ask(node('GetList-Request'))).primitive.children.map(({ text }) => text)).toContain(list);
    const watched = await tom.ask(node('SubscribePresence-Request', node('ContactList', list)));
    expect(watched.code).toBe(200);
    expect((await tom.ask(node('DeleteList-Request', node('ContactList', list)))).code).toBe(200);
    expect(codesOf((await tom.ask(node('DeleteList-Request', node('ContactList', list)))).primitive)[0]).toBe(700);
  });

  it('of somebody else are nobody’s business', async () => {
    const other = node('ContactList', 'wv:mary/friends@localhost');
    expect([403, 700]).toContain((await tom.ask(node('DeleteList-Request', other))).code);
  });
});
