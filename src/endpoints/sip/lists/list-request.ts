/**
 * A MESSAGE to a list, taken apart (RFC 5365 7, RFC 5363): the list, and the content without it. Decides nothing about
 * anybody in the list.
 */
import { err, ok, type Result } from '../../../base/result.ts';
import { mediaTypeOf, parseContentType } from '../../../formats/content-type.ts';
import {
  type BodyPart,
  formatMultipart,
  isIdentityTransfer,
  multipartPartsMax,
  parseMultipart,
} from '../../../formats/multipart.ts';
import {
  type ListedRecipient,
  parseRecipientList,
  recipientListContentType,
} from '../../../formats/xcap/recipient-list.ts';
import { type Address, userOf } from '../../../model/address.ts';
import type { SipRequest } from '../../../sip/message/sip-message.ts';
import { parseTokenList } from '../../../sip/message/header-values.ts';
import { principalAddressOf } from '../principal-address.ts';
import { refuse, type SipAnswer } from '../sip-answer.ts';
import type { UnreadableMessage } from '../messaging/message-words.ts';

/** What a request asks for that names its recipients in its body (RFC 5365 5). */
export const recipientListTag = 'recipient-list-message';

const listUser = 'list';

/** A function of the server in every domain; nobody has that address. */
export function isListFunction(address: Address): boolean {
  return userOf(address) === listUser;
}

/** 420 for anything but a MESSAGE to a list (RFC 3261 8.2.2.3). */
export function refuseListTag({ method, uri, headers }: SipRequest): SipAnswer | undefined {
  if (!headers.has('Require') && !headers.has('Proxy-Require')) return undefined;
  const tags = parseTokenList([...headers.getAll('Require'), ...headers.getAll('Proxy-Require')]);
  if (!tags.ok || !tags.value.some((tag) => tag.toLowerCase() === recipientListTag)) return undefined;
  const address = principalAddressOf(uri);
  if (method === 'MESSAGE' && address !== undefined && isListFunction(address)) return undefined;
  return refuse(420, 'lists of recipients are taken by list@ only', [['Unsupported', recipientListTag]]);
}

export interface ListContent {
  readonly contentType: string;
  readonly contentDisposition?: string;
  readonly contentLanguage?: string;
  readonly body: Uint8Array;
}

export interface ListRequest {
  readonly recipients: readonly ListedRecipient[];
  readonly content: ListContent;
}

export function readListRequest({ headers, body }: SipRequest): Result<ListRequest, UnreadableMessage> {
  const contentType = headers.get('Content-Type') ?? '';
  const parts = parseMultipart(contentType, body) ?? [];
  const isList = (part: BodyPart): boolean =>
    mediaTypeOf(part.contentType) === recipientListContentType && dispositionOf(part) === 'recipient-list';
  const [list, ...otherLists] = parts.filter(isList);
  if (list === undefined || otherLists.length > 0) {
    return err({ status: 400, words: 'the body holds no list of recipients, or more than one' });
  }
  const rest = parts.filter((part) => part !== list);
  if (rest.length === 0) return err({ status: 400, words: 'the body holds nothing but the list of recipients' });
  // One more may have been left out.
  if (parts.length === multipartPartsMax) return err({ status: 400, words: 'the body has too many parts' });
  const recipients = parseRecipientList(list.content);
  if (!recipients.ok) return err({ status: 400, words: `the list of recipients cannot be read: ${recipients.error}` });
  return ok({ recipients: recipients.value, content: contentOf(rest, contentType) });
}

function dispositionOf({ headers }: BodyPart): string {
  const [word = ''] = (headers.get('content-disposition') ?? '').split(';');
  return word.trim().toLowerCase();
}

/** A part that is left alone loses its wrapper (RFC 5365 7.3), where its headers can stand in a request as well. */
function contentOf(parts: readonly BodyPart[], contentType: string): ListContent {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined && isBare(only)) {
    const contentDisposition = only.headers.get('content-disposition');
    const contentLanguage = only.headers.get('content-language');
    return {
      contentType: only.contentType,
      body: only.content,
      ...(contentDisposition === undefined ? {} : { contentDisposition }),
      ...(contentLanguage === undefined ? {} : { contentLanguage }),
    };
  }
  const boundary = parseContentType(contentType)?.parameters.get('boundary') ?? '';
  return {
    contentType,
    body: formatMultipart(
      boundary,
      parts.map(({ whole }) => whole),
    ),
  };
}

function isBare({ headers }: BodyPart): boolean {
  return [...headers].every(
    ([name, value]) => bareHeaders.has(name) || (name === 'content-transfer-encoding' && isIdentityTransfer(value)),
  );
}

const bareHeaders: ReadonlySet<string> = new Set([
  'content-type',
  'content-disposition',
  'content-language',
  'content-length',
]);
