/** What the client of Android does after login (1.1 to 1.3, children in an order of its own), and what it relies on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { find, findAll, node, textAt } from '../../../src/cli/imps-phone/csp-node.ts';
import { type ImpsPhone, valued } from '../../../src/cli/imps-phone/imps-phone.ts';
import { openStage, startMsMax, type Stage } from '../stage.ts';
import { codesOf, phoneOf, withinMs } from './phones.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
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
    // It is there, and cannot ask for the message before it has this answer.
    expect([sent.name, codesOf(sent.primitive)]).toEqual(['SendMessage-Response', [202]]);
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
