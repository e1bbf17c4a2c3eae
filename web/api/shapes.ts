/** What the calls take and answer, as far as the pages use it (docs/http-api.md). */

export type MessageState =
  | 'held'
  | 'waiting'
  | 'delivered'
  | 'displayed'
  | 'rejected'
  | 'recalled'
  | 'expired'
  | 'failed';

export type DeliveryMethod = 'push' | 'notify' | 'pull';

export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

export interface Welcome {
  readonly version: string;
  readonly domains: readonly string[];
  readonly demo?: readonly { readonly address: string; readonly password: string }[];
}

export interface Capabilities {
  readonly version: string;
  readonly conditional: boolean;
  readonly storeOffline: boolean;
  readonly delivery: readonly DeliveryMethod[];
  readonly visibleByDefault: '*' | readonly string[];
  readonly limits: {
    readonly bodyBytes: number;
    readonly validitySeconds: number;
    readonly validityDefaultSeconds: number;
    readonly conditionCharacters: number;
  };
}

export interface NewMessage {
  readonly to: string;
  readonly text: string;
  readonly deliverWhen?: string;
  readonly expiresIn?: number;
  readonly reports?: readonly string[];
}

export interface SentMessage {
  readonly id: string;
  readonly state: MessageState;
  readonly to: string;
  readonly acceptedAt?: string;
  readonly expiresAt: string;
  readonly deliverWhen?: string;
}

export interface SentStory extends SentMessage {
  readonly endedAt?: string;
  readonly timeline: readonly { readonly state: MessageState; readonly at: string }[];
}

export interface InboxItem {
  readonly id: string;
  readonly from: string;
  readonly at: string;
  readonly subject?: string;
  readonly contentType: string;
}

export interface InboxMessage extends InboxItem {
  readonly deferred: boolean;
  readonly contentEncoding?: string;
  readonly text?: string;
  readonly body?: string;
  /** Of one that is too large to come along: bytes, and where it is until it is acknowledged. */
  readonly size?: number;
  readonly contentUrl?: string;
}

export type Presence = {
  readonly address: string;
  /** Names of the attributes that may be seen and asked about, known or not. */
  readonly visible: readonly string[];
} & Readonly<Record<string, string | readonly string[] | boolean>>;

export interface ConditionAnswer {
  readonly valid: boolean;
  readonly sentence?: string;
  readonly position?: number;
  readonly reason?: string;
  readonly notAuthorised?: readonly string[];
}

export interface Rule {
  readonly watchers: '*' | readonly string[];
  readonly attributes?: '*' | readonly string[];
  readonly action: 'allow' | 'block' | 'polite-block' | 'confirm' | 'none';
  readonly domains?: readonly string[];
  readonly [more: string]: unknown;
}

export interface Report {
  readonly id: string;
  readonly to: string;
  readonly kind: 'stored' | 'delivered' | 'displayed' | 'failed';
  readonly state: MessageState;
  readonly at: string;
}

/** One of `GET /v1/admin/queue`. */
export interface QueuedMessage {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly state: MessageState;
  readonly acceptedAt: string;
  readonly expiresAt: string;
  readonly endedAt?: string;
  readonly deliverWhen?: string;
  readonly contentType: string;
  readonly size: number;
  readonly attempts: number;
  readonly retryAt?: string;
  readonly setAside: boolean;
  readonly protocol: string;
}

export interface QueuedStory extends QueuedMessage {
  readonly steps: readonly { readonly at: string; readonly what: string; readonly state?: MessageState }[];
}

export interface ServerStatus {
  readonly version: string;
  readonly now: string;
  readonly startedAt: string;
  readonly listeners: readonly { readonly protocol: string; readonly at: string }[];
  readonly counters: Readonly<Record<string, number>>;
  readonly durations: {
    readonly boundsMs: readonly number[];
    readonly counts: Readonly<Record<string, readonly number[]>>;
  };
  readonly clients: {
    readonly counts: Readonly<Record<string, number>>;
    readonly some: readonly {
      readonly address: string;
      readonly protocol: string;
      readonly style?: string;
      readonly agent?: string;
      readonly since?: string;
    }[];
    readonly whole: boolean;
  };
  readonly kept: {
    readonly recipients: number;
    readonly messages: number;
    readonly waiting: number;
    readonly conditional: number;
    readonly most: readonly { readonly address: string; readonly messages: number }[];
    readonly whole: boolean;
  };
  readonly limits: readonly { readonly name: string; readonly used: number; readonly max: number }[];
}
