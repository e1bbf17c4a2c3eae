/** Presence and contact lists: contents in the order of the DTD. */
import { leaf, node } from '../csp-element.ts';
import { many, one, optional, record, type Shape, usually, writtenIn } from '../shapes/shape.ts';
import { flag, number, word } from '../shapes/values.ts';
import { presenceSubList } from './presence-attributes.ts';
import { address, id, longName, properties, result, user } from './shared-shapes.ts';

const since12 = ['1.2', '1.3'] as const;

const subList = one('PresenceSubList', presenceSubList);
const perhapsSubList = optional('PresenceSubList', presenceSubList);
const userIds = many('UserID', address);
const users = many('User', user);
const contactLists = many('ContactList', address);
const defaultList = usually('DefaultList', flag, false);

const presence = record({
  userId: optional('UserID', address),
  contactList: optional('ContactList', address),
  subLists: many('PresenceSubList', presenceSubList),
});

const watcher = record({
  user: one('User', user),
  status: optional('WatcherStatus', word('CURRENT_SUBSCRIBER', 'FORMER_SUBSCRIBER', 'PRESENCE_ACCESS')),
});

const reactiveStatus = record({
  userId: one('UserID', address),
  state: one('ReactiveAuthState', word('GRANTED', 'DENIED', 'PENDING')),
  subList: perhapsSubList,
});

export const presencePrimitives = {
  'SubscribePresence-Request': record({
    users,
    contactLists,
    subList: perhapsSubList,
    autoSubscribe: writtenIn(['1.2'], optional('AutoSubscribe', flag)),
  }),
  'UnsubscribePresence-Request': record({ users, contactLists }),
  'PresenceNotification-Request': record({ presence: many('Presence', presence) }),
  'GetPresence-Request': record({ users, contactLists, subList: perhapsSubList }),
  'GetPresence-Response': record({ result: one('Result', result), presence: many('Presence', presence) }),
  'UpdatePresence-Request': record({ subList }),
  'GetWatcherList-Request': record({
    historyPeriod: writtenIn(since12, optional('HistoryPeriod', number)),
    maxWatcherList: writtenIn(since12, optional('MaxWatcherList', number)),
  }),
  'GetWatcherList-Response': record({
    historyPeriod: writtenIn(since12, optional('HistoryPeriod', number)),
    users: writtenIn(['1.1'], users),
    watchers: writtenIn(since12, many('Watcher', watcher)),
  }),
  'CreateAttributeList-Request': record({ subList, userIds, contactLists, defaultList }),
  'DeleteAttributeList-Request': record({ userIds, contactLists, defaultList }),
  'GetAttributeList-Request': record({ defaultList, contactLists, users, userIds }),
  'GetAttributeList-Response': record({
    result: one('Result', result),
    defaultAttributeList: optional(
      'DefaultAttributeList',
      record({ subLists: many('PresenceSubList', presenceSubList) }),
    ),
    presence: many('Presence', presence),
  }),
  'PresenceAuth-Request': record({ userId: one('UserID', address), subList: perhapsSubList }),
  'PresenceAuth-User': record({
    userId: one('UserID', address),
    acceptance: one('Acceptance', flag),
    subList: writtenIn(since12, perhapsSubList),
  }),
  'CancelAuth-Request': record({ userId: one('UserID', address) }),
  'GetReactiveAuthStatus-Request': record({ userIds }),
  'GetReactiveAuthStatus-Response': record({
    list: usually('ReactiveAuthStatusList', record({ statuses: many('ReactiveAuthStatus', reactiveStatus) }), {
      statuses: [],
    }),
  }),
} as const;

/** A contact, with the name that the owner gave; without a NickName element there is none. */
export interface Contact {
  readonly userId: string;
  readonly name?: string;
}

const nickName = record({ name: usually('Name', id, ''), userId: one('UserID', address) });

const nickList: Shape<readonly Contact[]> = {
  read: (element, version) =>
    element.children.flatMap((child): Contact[] => {
      if (child.name === 'UserID') return [{ userId: address.read(child, version) ?? '' }];
      const named = child.name === 'NickName' ? nickName.read(child, version) : undefined;
      return named === undefined ? [] : [named];
    }),
  write: (name, contacts, version) =>
    node(
      name,
      contacts.map((contact) =>
        contact.name === undefined
          ? leaf('UserID', contact.userId)
          : nickName.write('NickName', { userId: contact.userId, name: contact.name }, version),
      ),
    ),
};

const contactList = one('ContactList', longName);
const listProperties = optional('ContactListProperties', properties);

export const listPrimitives = {
  'GetList-Request': record({}),
  'GetList-Response': record({
    contactLists: many('ContactList', longName),
    defaultContactList: optional('DefaultContactList', longName),
  }),
  'CreateList-Request': record({
    contactList,
    nickList: optional('NickList', nickList),
    properties: listProperties,
  }),
  'DeleteList-Request': record({ contactList }),
  'ListManage-Request': record({
    contactList,
    addNickList: optional('AddNickList', nickList),
    removeNickList: optional('RemoveNickList', record({ userIds })),
    properties: listProperties,
    receiveList: writtenIn(since12, optional('ReceiveList', flag)),
  }),
  'ListManage-Response': record({
    result: one('Result', result),
    nickList: optional('NickList', nickList),
    properties: listProperties,
  }),
} as const;
