/** Elements that several primitives hold: results, users, addresses. Lengths as clients in the field have them. */
import { type CspElement, childOf, leaf, node } from '../csp-element.ts';
import { many, one, optional, record, type Shape, writtenIn } from '../shapes/shape.ts';
import { flag, note, number, text } from '../shapes/values.ts';

/** Longer than the 50 of old clients, since addresses of other protocols come along too. */
export const addressCharactersMax = 255;
export const descriptionCharactersMax = 200;
export const idCharactersMax = 50;

export const address = text(addressCharactersMax);
export const id = text(idCharactersMax);
export const longName = text(100);
export const urlCharactersMax = 200;
export const url = text(urlCharactersMax);

/** Two parts in the DTD; clients in the field write plain text too. */
export interface ClientId {
  readonly url?: string;
  readonly msisdn?: string;
  readonly text?: string;
}

export const clientId: Shape<ClientId> = {
  read(element, version) {
    const [urlElement, msisdn] = [childOf(element, 'URL'), childOf(element, 'MSISDN')];
    const plain = element.text === '' ? undefined : url.read(element, version);
    if (urlElement === undefined && msisdn === undefined && plain === undefined) return undefined;
    return {
      ...(urlElement === undefined ? {} : { url: url.read(urlElement, version) ?? '' }),
      ...(msisdn === undefined ? {} : { msisdn: id.read(msisdn, version) ?? '' }),
      ...(plain === undefined ? {} : { text: plain }),
    };
  },
  write(name, value) {
    if (value.text !== undefined) return leaf(name, value.text);
    const parts: CspElement[] = [];
    if (value.url !== undefined) parts.push(leaf('URL', value.url));
    if (value.msisdn !== undefined) parts.push(leaf('MSISDN', value.msisdn));
    return node(name, parts);
  },
};

export const screenName = record({ name: one('SName', id), groupId: one('GroupID', address) });

export const detailedResult = record({
  code: one('Code', number),
  description: optional('Description', note(descriptionCharactersMax)),
  userIds: many('UserID', address),
  groupIds: many('GroupID', address),
  screenNames: many('ScreenName', screenName),
  messageIds: writtenIn(['1.2', '1.3'], many('MessageID', id)),
  contactLists: writtenIn(['1.2', '1.3'], many('ContactList', address)),
  domains: writtenIn(['1.2', '1.3'], many('Domain', address)),
});

export const result = record({
  code: one('Code', number),
  description: optional('Description', note(descriptionCharactersMax)),
  details: many('DetailedResult', detailedResult),
});

export const user = record({ userId: one('UserID', address), clientId: optional('ClientID', clientId) });
export const group = record({ groupId: optional('GroupID', address), screenName: optional('ScreenName', screenName) });
export const sender = record({ user: optional('User', user), group: optional('Group', group) });
export const recipient = record({
  users: many('User', user),
  groups: many('Group', group),
  contactLists: many('ContactList', address),
});

export const property = record({ name: one('Name', id), value: optional('Value', id) });
export const properties = record({ properties: many('Property', property) });

export const entityList = record({
  userIds: many('UserID', address),
  screenNames: many('ScreenName', screenName),
  groupIds: many('GroupID', address),
});

/** 1.3 says whether a list is in use beside it. */
export const accessList = record({
  inUse: writtenIn(['1.1', '1.2'], optional('InUse', flag)),
  entityList: optional('EntityList', entityList),
  addList: optional('AddList', entityList),
  removeList: optional('RemoveList', entityList),
});
