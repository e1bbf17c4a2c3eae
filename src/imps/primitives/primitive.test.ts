import { describe, expect, it } from 'vitest';
import { formatCspDocument, parseCspDocument } from '../csp-document.ts';
import { leaf, node } from '../csp-element.ts';
import { type CspVersion, cspVersions } from '../csp-version.ts';
import { tokenTables } from '../wbxml/token-tables.ts';
import {
  formatPrimitive,
  parsePrimitive,
  type Primitive,
  type PrimitiveName,
  primitiveNames,
  type PrimitiveValue,
} from './primitive.ts';

const wallMs = Date.UTC(2026, 10, 21, 10, 54, 57);
const result = {
  code: 201,
  description: 'Partially successful.',
  details: [
    {
      code: 531,
      description: 'Unknown user.',
      userIds: ['wv:a@x', 'wv:b@x'],
      groupIds: ['wv:/g@x'],
      screenNames: [{ name: 'S', groupId: 'wv:/g@x' }],
      messageIds: ['m1'],
      contactLists: ['wv:a/l@x'],
      domains: ['x'],
    },
  ],
};
const clientId = { url: 'http://phone', msisdn: '+358401234567' };
const user = { userId: 'wv:mary@localhost', clientId };
const recipient = {
  users: [user, { userId: 'wv:tom@localhost' }],
  groups: [{ groupId: 'wv:/g@x' }, { screenName: { name: 'S', groupId: 'wv:/g@x' } }],
  contactLists: ['wv:mary/friends@x'],
};
const subList = [
  { name: 'OnlineStatus' },
  {
    name: 'ClientInfo',
    isValid: true,
    parts: [
      { name: 'ClientType', value: 'MOBILE_PHONE' },
      { name: 'Model', value: 'x' },
    ],
  },
  {
    name: 'CommCap',
    isValid: false,
    parts: [
      {
        name: 'CommC',
        parts: [
          { name: 'Cap', value: 'IM' },
          { name: 'Status', value: 'OPEN' },
        ],
      },
    ],
  },
  { name: 'StatusMood', isValid: true, value: 'HAPPY' },
];
const presence = [
  { userId: 'wv:mary@localhost', subLists: [subList] },
  { contactList: 'wv:mary/l@x', subLists: [] },
];
const messageInfo = {
  messageId: 'm1',
  messageUri: 'http://x/m1',
  contentType: 'text/plain',
  contentEncoding: 'BASE64' as const,
  contentSize: 5,
  recipient,
  sender: { user },
  dateTime: wallMs,
  validity: 600,
};
const entities = { userIds: ['wv:a@x'], screenNames: [{ name: 'S', groupId: 'wv:/g@x' }], groupIds: ['wv:/g@x'] };
const blocking = {
  blockList: { inUse: true, addList: entities, removeList: entities },
  grantList: { inUse: false, entityList: entities },
  blockListInUse: true,
  grantListInUse: false,
};
const contacts = [{ userId: 'wv:a@x', name: 'Ann' }, { userId: 'wv:b@x' }, { userId: 'wv:c@x', name: '' }];
const properties = {
  properties: [
    { name: 'DisplayName', value: 'Friends' },
    { name: 'Default', value: 'T' },
  ],
};
const agreed = {
  supportedBearers: ['HTTP'],
  supportedCirMethods: ['STCP', 'SHTTP'],
  tcpAddress: 'imps.example.com',
  tcpPort: 3171,
  serverPollMin: 10,
  cirUrl: { url: 'http://x/cir' },
  cirHttpAddress: { url: 'http://x/cir' },
};
const capabilities = {
  clientType: 'MOBILE_PHONE',
  initialDeliveryMethod: 'N' as const,
  anyContent: true,
  acceptedCharSets: [106],
  plainTextCharsets: [106],
  acceptedContentTypes: ['text/plain; charset=us-ascii', 'image/gif'],
  acceptedTransferEncodings: ['BASE64'],
  acceptedContentLength: 32767,
  acceptedPullLength: 2,
  acceptedPushLength: 1,
  acceptedTextContentLength: 3,
  acceptedRichContentLength: 4,
  supportedBearers: ['HTTP', 'SMS'],
  multiTrans: 2,
  multiTransPerMessage: 3,
  parserSize: 4096,
  supportedCirMethods: ['STCP'],
  udpPort: 3717,
  tcpAddress: 'x',
  tcpPort: 1,
  serverPollMin: 2,
  defaultLanguage: 'fin',
  offlineHandling: 'SENDSTORE',
  onlineHandling: 'FORKALL',
};

/** Of each primitive a value with everything that it can hold. */
const full: { readonly [N in PrimitiveName]: PrimitiveValue<N> } = {
  Status: { result, clientId },
  'Polling-Request': {},
  'Login-Request': {
    userId: 'wv:mary@localhost',
    clientId: { text: 'phone 1' },
    password: 'secret',
    digestBytes: 'ab==',
    digestSchemas: ['MD5', 'SHA'],
    timeToLive: 120,
    sessionCookie: 'c1',
  },
  'Login-Response': {
    clientId,
    result,
    nonce: 'n',
    digestSchema: 'MD5',
    sessionId: 's',
    keepAliveTime: 60,
    capabilityRequest: true,
  },
  'KeepAlive-Request': { timeToLive: 1 },
  'KeepAlive-Response': { result, keepAliveTime: 1 },
  'Logout-Request': {},
  Disconnect: { result },
  'GetSPInfo-Request': { clientId },
  'GetSPInfo-Response': {
    clientId,
    name: 'Restante',
    logo: { contentType: 'image/gif', contentSize: 1, contentEncoding: 'BASE64', contentData: 'QQ==' },
    description: 'd',
    url: 'http://x',
  },
  'Service-Request': { functions: ['GCLI', 'NEWM'], allFunctionsRequest: true },
  'Service-Response': { functions: ['SRCH'], allFunctions: ['GCLI', 'GETPR', 'NEWM'] },
  'ClientCapability-Request': { capabilityList: capabilities },
  'ClientCapability-Response': { capabilityList: capabilities, agreedCapabilityList: agreed },
  'SubscribePresence-Request': { users: [user], contactLists: ['wv:mary/l@x'], subList, autoSubscribe: true },
  'UnsubscribePresence-Request': { users: [user], contactLists: ['wv:mary/l@x'] },
  'PresenceNotification-Request': { presence },
  'GetPresence-Request': { users: [user], contactLists: [], subList },
  'GetPresence-Response': { result, presence },
  'UpdatePresence-Request': { subList },
  'GetWatcherList-Request': { historyPeriod: 1, maxWatcherList: 2 },
  'GetWatcherList-Response': { historyPeriod: 1, users: [user], watchers: [{ user, status: 'CURRENT_SUBSCRIBER' }] },
  'CreateAttributeList-Request': { subList, userIds: ['wv:a@x'], contactLists: ['wv:a/l@x'], defaultList: true },
  'DeleteAttributeList-Request': { userIds: ['wv:a@x'], contactLists: [], defaultList: false },
  'GetAttributeList-Request': { defaultList: true, contactLists: ['wv:a/l@x'], users: [user], userIds: ['wv:b@x'] },
  'GetAttributeList-Response': { result, defaultAttributeList: { subLists: [subList] }, presence },
  'PresenceAuth-Request': { userId: 'wv:a@x', subList },
  'PresenceAuth-User': { userId: 'wv:a@x', acceptance: false, subList },
  'CancelAuth-Request': { userId: 'wv:a@x' },
  'GetReactiveAuthStatus-Request': { userIds: ['wv:a@x'] },
  'GetReactiveAuthStatus-Response': { list: { statuses: [{ userId: 'wv:a@x', state: 'PENDING', subList }] } },
  'GetList-Request': {},
  'GetList-Response': { contactLists: ['wv:a/l@x'], defaultContactList: 'wv:a/l@x' },
  'CreateList-Request': { contactList: 'wv:a/l@x', nickList: contacts, properties },
  'DeleteList-Request': { contactList: 'wv:a/l@x' },
  'ListManage-Request': {
    contactList: 'wv:a/l@x',
    addNickList: contacts,
    removeNickList: { userIds: ['wv:a@x'] },
    properties,
    receiveList: false,
  },
  'ListManage-Response': { result, nickList: contacts, properties },
  'SendMessage-Request': { deliveryReport: true, messageInfo, contentData: ' hello\n' },
  'SendMessage-Response': { result, messageId: 'm1' },
  'SetDeliveryMethod-Request': { deliveryMethod: 'P', acceptedContentLength: 100, groupId: 'wv:/g@x' },
  'GetMessageList-Request': { groupId: 'wv:/g@x', messageCount: 5 },
  'GetMessageList-Response': { messages: [messageInfo, { ...messageInfo, messageId: 'm2' }] },
  MessageNotification: { messageInfo },
  'GetMessage-Request': { messageId: 'm1' },
  'GetMessage-Response': { messageInfo, contentData: 'QUJD' },
  'RejectMessage-Request': { messageIds: ['m1', 'm2'] },
  NewMessage: { messageInfo, contentData: 'hello' },
  MessageDelivered: { messageId: 'm1' },
  'DeliveryReport-Request': { result, deliveryTime: wallMs, messageInfo },
  'ForwardMessage-Request': { messageId: 'm1', recipient },
  'GetBlockedList-Request': {},
  'GetBlockedList-Response': blocking,
  'BlockEntity-Request': blocking,
};

/** What a version has no place for: left out, or nothing in its list. */
const absent: Readonly<Record<CspVersion, string>> = {
  '1.1':
    'messageIds domains autoSubscribe historyPeriod maxWatcherList watchers agreedCapabilityList receiveList blockListInUse ' +
    'grantListInUse plainTextCharsets acceptedPullLength acceptedPushLength acceptedTextContentLength ' +
    'acceptedRichContentLength multiTransPerMessage offlineHandling onlineHandling',
  '1.2':
    'cirHttpAddress blockListInUse grantListInUse plainTextCharsets acceptedPullLength acceptedPushLength ' +
    'acceptedTextContentLength acceptedRichContentLength multiTransPerMessage offlineHandling onlineHandling',
  '1.3': 'cirUrl acceptedCharSets acceptedContentLength inUse autoSubscribe',
};

function expectedIn(version: CspVersion, { name, value }: Primitive): unknown {
  const gone = new Set(absent[version].split(' '));
  if (name === 'RejectMessage-Request') return value;
  if (name === 'PresenceAuth-User' && version === '1.1') return { userId: value.userId, acceptance: value.acceptance };
  if (name === 'GetWatcherList-Response' && version !== '1.1') return { ...value, users: [] };
  if (name === 'ClientCapability-Response' && version !== '1.1') gone.add('capabilityList');
  return without(value, gone, version);
}

function without(value: unknown, gone: ReadonlySet<string>, version: CspVersion): unknown {
  if (Array.isArray(value)) return value.map((part) => without(part, gone, version));
  if (typeof value !== 'object' || value === null) return value;
  const isDetail = 'userIds' in value && 'domains' in value;
  const kept = Object.entries(value).map(([key, part]): [string, unknown] => {
    const isGone = gone.has(key) || (isDetail && version === '1.1' && key === 'contactLists');
    if (!isGone) return [key, without(part, gone, version)];
    return [key, Array.isArray(part) ? [] : undefined];
  });
  return Object.fromEntries(kept.filter(([, part]) => part !== undefined));
}

const names = Object.keys(full) as PrimitiveName[];
const cases = names.flatMap((name) => cspVersions.map((version) => [name, version] as const));
const primitiveOf = (name: PrimitiveName): Primitive => ({ name, value: full[name] }) as Primitive;

describe('a primitive', () => {
  it.each(cases)('%s is the same after being written as CSP %s', (name, version) => {
    const primitive = primitiveOf(name);
    for (const syntax of ['xml', 'wbxml'] as const) {
      const document = parseCspDocument(
        formatCspDocument(formatPrimitive(primitive, version), syntax, version),
        syntax,
      );
      const parsed = document.ok ? parsePrimitive(document.value.root, version) : document;
      expect(parsed).toEqual({ ok: true, value: { name, value: expectedIn(version, primitive) } });
    }
  });

  it.each(cspVersions)('is written with words of CSP %s alone', (version) => {
    for (const name of names) {
      // What 1.3 no longer has is answered all the same, and its requests are read.
      if (tokenTables(version).tagToken(name) === undefined) continue;
      const written = formatCspDocument(formatPrimitive(primitiveOf(name), version), 'wbxml', version);
      expect([name, written[3]]).toEqual([name, 0]);
    }
  });

  it('is read in any order, with what nobody knows beside it', () => {
    const element = node('Login-Request', [
      leaf('SessionCookie', 'c'),
      leaf('Odd', 'x'),
      leaf('DigestSchema', 'PWD,SHA, MD5'),
      leaf('UserID', 'mary'),
    ]);
    expect(parsePrimitive(element, '1.1')).toEqual({
      ok: true,
      value: {
        name: 'Login-Request',
        value: { userId: 'mary', digestSchemas: ['PWD', 'SHA', 'MD5'], sessionCookie: 'c' },
      },
    });
  });

  it('takes what is missing for what is meant', () => {
    const send = node('SendMessage-Request', [node('MessageInfo', [leaf('DateTime', 'yesterday')])]);
    expect(parsePrimitive(send, '1.2')).toMatchObject({
      value: {
        value: { deliveryReport: false, messageInfo: { contentSize: 0, recipient: { users: [] }, sender: {} } },
      },
    });
    const block = node('BlockEntity-Request', [node('BlockList', [leaf('InUse'), leaf('AddList')])]);
    expect(parsePrimitive(block, '1.1')).toEqual({
      ok: true,
      value: {
        name: 'BlockEntity-Request',
        value: { blockList: { addList: { userIds: [], screenNames: [], groupIds: [] } } },
      },
    });
  });

  const info = (...children: readonly ReturnType<typeof leaf>[]) =>
    node('SendMessage-Request', [node('MessageInfo', children)]);
  it.each([
    ['a missing part', node('SendMessage-Request', []), 402, 'SendMessage-Request has no MessageInfo'],
    ['a number that is none', info(leaf('Validity', '-1')), 402, 'Validity may not be -1'],
    ['a number beyond 32 bits', info(leaf('Validity', '4294967296')), 402, 'Validity may not be 4294967296'],
    [
      'a flag that is none',
      node('SendMessage-Request', [leaf('DeliveryReport', 'maybe')]),
      402,
      'DeliveryReport may not be maybe',
    ],
    [
      'a word that is none',
      node('SetDeliveryMethod-Request', [leaf('DeliveryMethod', 'X')]),
      402,
      'DeliveryMethod may not be X',
    ],
    [
      'an id that is too long',
      node('GetMessage-Request', [leaf('MessageID', 'm'.repeat(51))]),
      402,
      'MessageID is longer than 50 characters',
    ],
    ['a group', leaf('CreateGroup-Request'), 405, 'CreateGroup-Request is not offered'],
    ['a search', leaf('Search-Request'), 405, 'Search-Request is not offered'],
    ['what only 1.3 has', leaf('GetMap-Request'), 501, 'GetMap-Request is not known'],
    ['a name of the platform', leaf('constructor'), 501, 'constructor is not known'],
  ])('is refused for %s', (_what, element, code, words) => {
    expect(parsePrimitive(element, '1.2')).toEqual({ ok: false, error: { code, words } });
  });

  it('has a value here for each that is spoken', () => {
    expect(names).toEqual(primitiveNames);
  });
});

describe('limits', () => {
  it('are those of clients in the field, at the limit and one past it', () => {
    const get = (length: number) =>
      parsePrimitive(node('GetMessage-Request', [leaf('MessageID', 'm'.repeat(length))]), '1.2');
    expect([get(50).ok, get(51).ok]).toEqual([true, false]);
    const user = (length: number) =>
      parsePrimitive(node('CancelAuth-Request', [leaf('UserID', 'u'.repeat(length))]), '1.2');
    expect([user(255).ok, user(256).ok]).toEqual([true, false]);
    const validity = (text: string) => parsePrimitive(node('KeepAlive-Request', [leaf('TimeToLive', text)]), '1.2').ok;
    expect([validity('4294967295'), validity('4294967296')]).toEqual([true, false]);
  });

  it('cut what people read, never through a character', () => {
    const description = `${'d'.repeat(199)}\u{1f600}`;
    const status = formatPrimitive(
      { name: 'Status', value: { result: { code: 200, description, details: [] } } },
      '1.2',
    );
    expect(parsePrimitive(status, '1.2')).toMatchObject({
      value: { value: { result: { description: 'd'.repeat(199) } } },
    });
  });
});
