/**
 * What the two known phone clients do after login, in their order and with their habits, and what they rely on: the client of
 * Android (1.1 to 1.3, children in an order of its own) and that of S60 (1.1 and 1.2, digests, attribute lists).
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { find, findAll, node, textAt } from '../../../src/cli/imps-phone/csp-node.ts';
import { type ImpsPhone, valued } from '../../../src/cli/imps-phone/imps-phone.ts';
import { waitUntil } from '../../processes/child-program.ts';
import { openStage, startMsMax, type Stage } from '../stage.ts';
import { phoneOf, startPhone, withinMs } from './phones.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
  await stage.server.command('user', 'add', 'anna@localhost', '--imps-digest', '--password', 'anna-secret');
  // An account that was made beside a running server is known within a second.
  await waitUntil(async () => (await phoneOf(stage, 'anna').login()).code === 200, withinMs);
}, startMsMax);

afterAll(() => stage.close(), startMsMax);

const everything = [node('FundamentalFeat'), node('PresenceFeat'), node('IMFeat'), node('GroupFeat')];

/** What Android says it can do, in its order. */
function androidCapabilities(version: string) {
  const limits =
    version === '1.3'
      ? [node('AcceptedPullLength', 8192), node('AcceptedPushLength', 8192)]
      : [node('AcceptedContentLength', 8192)];
  return node(
    'CapabilityList',
    node('ClientType', 'MOBILE_PHONE'),
    limits,
    node('ParserSize', 32_767),
    node('MultiTrans', 1),
    node('InitialDeliveryMethod', 'P'),
    node('ServerPollMin', 2),
    node('SupportedBearer', 'HTTP'),
    node('SupportedCIRMethod', 'STCP'),
    node('SupportedCIRMethod', 'SHTTP'),
  );
}

function contactList(phone: ImpsPhone, name: string): string {
  const [user = '', domain = ''] = phone.options.address.split('@');
  return `wv:${user}/${name}@${domain}`;
}

describe.each([
  ['1.1', 'xml'],
  ['1.1', 'wbxml'],
  ['1.2', 'xml'],
  ['1.2', 'wbxml'],
  ['1.3', 'xml'],
  ['1.3', 'wbxml'],
] as const)('the client of Android, %s in %s', (version, syntax) => {
  let phone: ImpsPhone;
  const clientId = `http://android.example/${version}${syntax}`;
  beforeAll(() => {
    phone = phoneOf(stage, 'tom', { version, syntax, clientId });
  });
  const clientIdOf11 = (): ReturnType<typeof node> | undefined =>
    version === '1.1' ? node('ClientID', node('URL', clientId)) : undefined;

  it('logs in, and is told how long its session lasts and to say what it can do', async () => {
    const answer = await phone.login({ timeToLive: 600 });
    expect([answer.name, answer.code, answer.text('ClientID/URL')]).toEqual(['Login-Response', 200, clientId]);
    expect(answer.text('SessionID')).toMatch(/^.{8,50}$/);
    expect(Number(answer.text('KeepAliveTime'))).toBeGreaterThan(30);
    expect(answer.text('CapabilityRequest')).toBe('T');
  });

  it('says what it can do', async () => {
    const answer = await phone.ask(node('ClientCapability-Request', clientIdOf11(), androidCapabilities(version)));
    expect(answer.name).toBe('ClientCapability-Response');
    // It takes the first child for the list from 1.2 on.
    const agreed = version === '1.1' ? 'ClientID,CapabilityList' : 'AgreedCapabilityList';
    expect(answer.primitive.children.map(({ name }) => name).join(',')).toBe(agreed);
    const list = answer.primitive.children.at(-1) ?? node('nothing');
    expect(Number(textAt(list, 'ServerPollMin'))).toBeGreaterThanOrEqual(1);
  });

  it('asks for all services and is shown the tree', async () => {
    const answer = await phone.askServices(...everything);
    expect(answer.name).toBe('Service-Response');
    const offered = find(answer.primitive, 'AllFunctions/WVCSPFeat') ?? node('nothing');
    expect(findAll(offered, 'IMFeat/IMReceiveFunc/GETLM')).toHaveLength(1);
    expect(findAll(offered, 'PresenceFeat/PresenceDeliverFunc/UPDPR')).toHaveLength(1);
    expect(findAll(offered, 'GroupFeat')).toEqual([]);
    const missing = find(answer.primitive, 'Functions/WVCSPFeat') ?? node('nothing');
    expect(findAll(missing, 'GroupFeat')).toHaveLength(1);
  });

  it('looks at its own presence, its blocks and its lists', async () => {
    const own = await phone.look('tom@localhost');
    expect([own.name, own.code]).toEqual(['GetPresence-Response', 200]);
    expect(own.text('Presence/UserID')).toBe('wv:tom@localhost');
    expect(own.text('Presence/PresenceSubList/OnlineStatus/PresenceValue')).toBe('T');
    const blocks = await phone.ask(node('GetBlockedList-Request'));
    expect(blocks.name).toBe('GetBlockedList-Response');
    const lists = await phone.ask(node('GetList-Request'));
    expect(lists.name).toBe('GetList-Response');
  });

  it('makes a list, reads it, and watches who is in it', async () => {
    const list = contactList(phone, `friends${version.slice(2)}${syntax}`);
    const made = await phone.ask(
      node(
        'CreateList-Request',
        node('ContactList', list),
        node('NickList', node('NickName', node('Name', 'Mary'), node('UserID', 'wv:mary@localhost'))),
        node('ContactListProperties', node('Property', node('Name', 'DisplayName'), node('Value', 'Friends'))),
      ),
    );
    expect(made).toMatchObject({ code: 200 });
    const receive = version === '1.1' ? undefined : node('ReceiveList', 'T');
    const read = await phone.ask(node('ListManage-Request', node('ContactList', list), receive));
    expect([read.name, read.code]).toEqual(['ListManage-Response', 200]);
    expect(read.text('NickList/NickName/UserID')).toBe('wv:mary@localhost');
    expect(read.text('NickList/NickName/Name')).toBe('Mary');
    const auto = version === '1.1' ? undefined : node('AutoSubscribe', 'T');
    const wanted = phone.line.presenceList(node('OnlineStatus'), node('UserAvailability'));
    const watched = await phone.ask(node('SubscribePresence-Request', node('ContactList', list), wanted, auto));
    // Without AutoSubscribe it subscribes user by user.
    const isEachAlone = watched.code === 760;
    const each = isEachAlone ? await phone.watch('mary@localhost', node('OnlineStatus')) : watched;
    expect(each).toMatchObject({ code: 200 });
    const told = await phone.next('PresenceNotification-Request', withinMs);
    expect(textAt(told.primitive, 'Presence/UserID')).toBe('wv:mary@localhost');
    expect(textAt(told.primitive, 'Presence/PresenceSubList/OnlineStatus/PresenceValue')).toBe('F');
    const gone = await phone.ask(node('DeleteList-Request', node('ContactList', list)));
    expect(gone.code).toBe(200);
  });

  it('shows its presence, writes to itself and is given the message', async () => {
    const client = node('ClientInfo', node('Qualifier', 'T'), node('ClientType', 'MOBILE_PHONE'), node('Model', 'G1'));
    const online = valued('OnlineStatus', 'T');
    expect((await phone.show(online, valued('UserAvailability', 'AVAILABLE'), client)).code).toBe(200);
    const sent = await phone.send({ to: 'tom@localhost', text: 'a note', wantsReport: false });
    expect([sent.name, sent.code >= 200 && sent.code < 300]).toEqual(['SendMessage-Response', true]);
    const came = await phone.next('NewMessage', withinMs);
    expect(textAt(came.primitive, 'ContentData')).toBe('a note');
    expect(textAt(came.primitive, 'MessageInfo/MessageID')).toBe(sent.text('MessageID'));
  });

  it('keeps its session and logs out in the manner of its version', async () => {
    const kept = await phone.keepAlive(900);
    expect([kept.name, kept.code]).toEqual(['KeepAlive-Response', 200]);
    const out = await phone.logout();
    expect([out.name, out.code]).toEqual([version === '1.1' ? 'Disconnect' : 'Status', 200]);
    expect((await phone.keepAlive()).code).toBe(604);
  });
});

describe.each([
  ['1.1', 'wbxml'],
  ['1.2', 'wbxml'],
  ['1.2', 'xml'],
] as const)('the client of S60, %s in %s', (version, syntax) => {
  let phone: ImpsPhone;
  beforeAll(() => {
    const clientId = `http://s60.example/${version}${syntax}`;
    phone = phoneOf(stage, 'anna', { version, syntax, clientId });
  });

  it('logs in by digest, in two rounds', async () => {
    const [challenge, answer] = await phone.loginByDigest('MD5');
    expect([challenge.code, challenge.text('DigestSchema'), challenge.text('SessionID')]).toEqual([401, 'MD5', '']);
    expect(challenge.text('Nonce')).not.toBe('');
    expect([answer.code, answer.text('SessionID') === '']).toEqual([200, false]);
  });

  it('says what it can do and which services it wants, without the tree', async () => {
    expect((await phone.negotiate([node('SupportedCIRMethod', 'STCP')])).name).toBe('ClientCapability-Response');
    const wanted = node('Functions', node('WVCSPFeat', node('PresenceFeat'), node('IMFeat')));
    const clientId = version === '1.1' ? node('ClientID', node('URL', phone.options.clientId ?? '')) : undefined;
    const answer = await phone.ask(node('Service-Request', clientId, wanted, node('AllFunctionsRequest', 'F')));
    expect([answer.name, find(answer.primitive, 'AllFunctions')]).toEqual(['Service-Response', undefined]);
  });

  it('is online with nothing but a qualifier, and shows who may see what', async () => {
    expect((await phone.show(node('OnlineStatus', node('Qualifier', 'T')))).code).toBe(200);
    const shown = phone.line.presenceList(node('OnlineStatus'), node('StatusMood'));
    const made = await phone.ask(node('CreateAttributeList-Request', shown, node('DefaultList', 'T')));
    expect(made).toMatchObject({ code: 200 });
    const lists = await phone.ask(node('GetAttributeList-Request', node('DefaultList', 'T')));
    expect([lists.name, lists.code]).toEqual(['GetAttributeList-Response', 200]);
    const names = find(lists.primitive, 'DefaultAttributeList/PresenceSubList')?.children.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['OnlineStatus', 'StatusMood']));
    const watchers = await phone.ask(node('GetWatcherList-Request'));
    expect(watchers.name).toBe('GetWatcherList-Response');
  });

  it('is told of a presence that it watches and of what changes in it', async () => {
    const mary = await startPhone(stage, 'mary', { clientId: `http://mary.example/${version}${syntax}` });
    const callerRules = await mary.ask(
      node(
        'CreateAttributeList-Request',
        mary.line.presenceList(node('OnlineStatus'), node('UserAvailability'), node('StatusMood'), node('StatusText')),
        node('UserID', 'wv:anna@localhost'),
        node('DefaultList', 'F'),
      ),
    );
    expect(callerRules).toMatchObject({ code: 200 });
    expect((await phone.watch('mary@localhost')).code).toBe(200);
    await phone.next('PresenceNotification-Request', withinMs);
    await mary.show(valued('StatusMood', 'JEALOUS'), valued('StatusText', 'on the way home'));
    await expect
      .poll(
        async () => {
          await phone.poll();
          return phone.asked.map(({ primitive }) =>
            textAt(primitive, 'Presence/PresenceSubList/StatusMood/PresenceValue'),
          );
        },
        { timeout: withinMs },
      )
      .toContain('JEALOUS');
    await mary.logout();
  });

  it('logs out', async () => {
    expect((await phone.logout()).code).toBe(200);
  });
});

describe('login by digest', () => {
  it('by SHA works as well; with a wrong password, or a schema that nobody has, it does not', async () => {
    const [, answer] = await phoneOf(stage, 'anna').loginByDigest('SHA');
    expect(answer.code).toBe(200);
    const [, wrong] = await phoneOf(stage, 'anna', { password: 'other' }).loginByDigest('MD5');
    expect(wrong.code).toBe(409);
    const request = node('Login-Request', node('UserID', 'wv:anna@localhost'), node('DigestSchema', 'MD6'));
    expect((await phoneOf(stage, 'anna').ask(request, { sessionId: null })).code).toBe(543);
  });

  it('is not for accounts whose password itself is not kept: they hear 543 and log in by it', async () => {
    const phone = phoneOf(stage, 'peter');
    const [challenge] = await phone.loginByDigest('MD5');
    expect(challenge.code).toBe(543);
    expect((await phone.login()).code).toBe(200);
  });
});
