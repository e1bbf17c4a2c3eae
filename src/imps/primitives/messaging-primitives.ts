/** Messages, what is said of them, and blocking: contents in the order of the DTD. */
import { many, one, optional, record, usually, writtenIn } from '../shapes/shape.ts';
import { content, date, flag, number, word } from '../shapes/values.ts';
import { accessList, address, id, longName, recipient, result, sender, url } from './shared-shapes.ts';

const noRecipient = { users: [], groups: [], contactLists: [] };

export const messageInfo = record({
  messageId: optional('MessageID', id),
  messageUri: optional('MessageURI', longName),
  contentType: optional('ContentType', url),
  contentEncoding: optional('ContentEncoding', word('None', 'BASE64')),
  contentSize: usually('ContentSize', number, 0),
  recipient: usually('Recipient', recipient, noRecipient),
  sender: usually('Sender', sender, {}),
  dateTime: optional('DateTime', date),
  validity: optional('Validity', number),
});

const info = one('MessageInfo', messageInfo);
const data = optional('ContentData', content);
const messageId = one('MessageID', id);
const blocking = {
  blockList: optional('BlockList', accessList),
  grantList: optional('GrantList', accessList),
  blockListInUse: writtenIn(['1.3'], optional('BlockListInUse', flag)),
  grantListInUse: writtenIn(['1.3'], optional('GrantListInUse', flag)),
} as const;

export const messagingPrimitives = {
  'SendMessage-Request': record({
    deliveryReport: usually('DeliveryReport', flag, false),
    messageInfo: info,
    contentData: data,
  }),
  'SendMessage-Response': record({ result: one('Result', result), messageId: optional('MessageID', id) }),
  'SetDeliveryMethod-Request': record({
    deliveryMethod: one('DeliveryMethod', word('P', 'N')),
    acceptedContentLength: writtenIn(['1.1', '1.2'], optional('AcceptedContentLength', number)),
    groupId: optional('GroupID', address),
  }),
  'GetMessageList-Request': record({
    groupId: optional('GroupID', address),
    messageCount: optional('MessageCount', number),
  }),
  'GetMessageList-Response': record({ messages: many('MessageInfo', messageInfo) }),
  MessageNotification: record({ messageInfo: info }),
  'GetMessage-Request': record({ messageId }),
  'GetMessage-Response': record({ messageInfo: info, contentData: data }),
  'RejectMessage-Request': record({ messageIds: many('MessageID', id) }),
  NewMessage: record({ messageInfo: info, contentData: data }),
  MessageDelivered: record({ messageId }),
  'DeliveryReport-Request': record({
    result: one('Result', result),
    deliveryTime: optional('DeliveryTime', date),
    messageInfo: info,
  }),
  'ForwardMessage-Request': record({ messageId, recipient: one('Recipient', recipient) }),
  'GetBlockedList-Request': record({}),
  'GetBlockedList-Response': record(blocking),
  'BlockEntity-Request': record(blocking),
} as const;
