/** What the sender of a letter is told, read from an answer over SIP or HTTP into the cases of contract section 5. */
import { parameterOf, type SipWords } from './sip-words.ts';

export interface SenderAnswer {
  readonly status: number;
  readonly kind: 'delivered' | 'kept' | 'refused';
  /** Of what is kept, and over HTTP of what is delivered. */
  readonly id: string;
  readonly state: string;
  /** How long it is kept, as it was said. */
  readonly seconds?: string;
  readonly expiresAt?: string;
  /** Of a refusal, as HTTP names it. */
  readonly reason: string;
  /** The attributes that may not be asked for. */
  readonly names: readonly string[];
  /** As a person reads it. */
  readonly text: string;
}

/** The words of contract section 5, and how HTTP names the same. */
const reasons: readonly (readonly [words: string, name: string])[] = [
  ['recipient blocked the sender', 'blocked'],
  ['presence attribute needs to be authorised', 'attribute-not-authorised'],
  ['not stored', 'not-stored'],
  ['Unable to deliver IM, offline space is full', 'offline-space-full'],
  ['Message queue for offline messages is full', 'sender-queue-full'],
  ['conditional delivery is not supported', 'conditional-delivery-not-supported'],
  ['the store cannot commit', 'store-unavailable'],
  ['too many requests', 'too-many-requests'],
  ['every client refused it for good', 'refused-by-recipient'],
];

export function readSipAnswer(words: SipWords): SenderAnswer {
  const { status } = words;
  const why = /"(.*)"/.exec(words.row('Warning'))?.[1] ?? '';
  const mark = words.row('Deferred-Message');
  return {
    status,
    kind: status === 200 ? 'delivered' : status === 202 ? 'kept' : 'refused',
    id: mark.slice(0, mark.indexOf(';')),
    state: parameterOf(mark, 'state'),
    seconds: parameterOf(mark, 'expires'),
    reason: reasons.find(([known]) => why.startsWith(known))?.[1] ?? why,
    names: why.slice(why.indexOf(': ') + 2).split(', '),
    text: `${status} ${why} ${mark}`,
  };
}

/** Members of a JSON answer that somebody looks at. */
export interface JsonAnswer {
  readonly id?: string;
  readonly state?: string;
  readonly expiresAt?: string;
  readonly type?: string;
  readonly attributes?: readonly string[];
}

export function readHttpAnswer(status: number, body: JsonAnswer): SenderAnswer {
  const { id = '', state = '', expiresAt = '', type = '', attributes = [] } = body;
  return {
    status,
    kind: status === 200 ? 'delivered' : status === 202 ? 'kept' : 'refused',
    id,
    state,
    expiresAt,
    reason: type.slice(type.lastIndexOf(':') + 1),
    names: attributes,
    text: `${status} ${JSON.stringify(body)}`,
  };
}
