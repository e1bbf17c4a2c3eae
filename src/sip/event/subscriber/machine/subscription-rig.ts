/** For tests: the machine of one subscription, with a server whose answers and NOTIFYs are made from what it was sent. */
import { assert } from '../../../../base/assert.ts';
import type { IdSource } from '../../../../base/ids.ts';
import { err, ok } from '../../../../base/result.ts';
import type { DialogRequest } from '../../../dialog/dialog-request.ts';
import { DigestClient } from '../../../digest/digest-client.ts';
import type { DigestHashes } from '../../../digest/digest-ports.ts';
import { SipHeaders } from '../../../message/sip-headers.ts';
import type { HeaderRow } from '../../../message/sip-headers.ts';
import { createSipRequest, createSipResponse } from '../../../message/sip-message.ts';
import type { SipRequest } from '../../../message/sip-message.ts';
import { OwnSubscription } from './own-subscription.ts';
import type { OwnSubscriptionInput, OwnSubscriptionOutput } from './own-subscription-words.ts';

export const asked = 600;
/** With a fraction of 1 each delay is as long as it may be, a refresh as late. */
export const refreshMs = asked * 1_000 * 0.9;

export interface Notify {
  readonly state?: string | undefined;
  readonly body?: string;
  readonly type?: string;
  readonly event?: string;
  readonly cseq?: number;
  readonly callId?: string;
  readonly fromTag?: string;
  readonly contact?: string;
  readonly rows?: readonly HeaderRow[];
}

export class Rig {
  now = 0;
  fraction = 1;
  readonly subscribes: DialogRequest[] = [];
  readonly machine: OwnSubscription<string>;
  #tokens = 0;
  readonly #ids: IdSource = {
    randomToken: () => String((this.#tokens += 1)).padStart(16, 'x'),
    timeOrderedId: () => String((this.#tokens += 1)),
    fraction: () => this.fraction,
  };
  #attempt = 0;
  #notifies = 0;

  constructor(password?: string) {
    this.machine = new OwnSubscription<string>(
      {
        eventPackage: {
          name: 'presence',
          contentTypes: ['application/pidf+xml'],
          expires: asked,
          read: (_, body) => {
            const text = new TextDecoder().decode(body);
            return text === 'broken' ? err('malformed presence document') : ok(text);
          },
        },
        resource: 'mary@example.com',
        resourceUri: 'sip:mary@example.com',
        subscriberUri: 'sip:inbox@example.com',
        serverUri: 'sip:192.0.2.7:5070',
        contact: '<sip:192.0.2.1:5060>',
        identity: [],
        credentials:
          password === undefined
            ? undefined
            : new DigestClient({ userName: 'inbox', password, hashes: plainHashes, ids: this.#ids }),
        ids: this.#ids,
      },
      0,
    );
  }

  /** What came out, in short; SUBSCRIBEs are put aside. */
  give(input: OwnSubscriptionInput): string[] {
    return this.machine.handle(input, this.now).map((output) => this.#describe(output));
  }

  start(): string[] {
    const due = this.give({ kind: 'tick' });
    assert(due.at(-1) === 'due', 'it is due');
    return this.give({ kind: 'start' });
  }

  answer(status: number, ...rows: readonly HeaderRow[]): string[] {
    const headers = new SipHeaders([
      ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa'],
      ['From', this.last.headers.get('From') ?? ''],
      ['To', '<sip:mary@example.com>;tag=theirs'],
      ['Call-ID', this.last.headers.get('Call-ID') ?? ''],
      ['CSeq', this.last.headers.get('CSeq') ?? ''],
      ...rows,
    ]);
    const response = createSipResponse({ status, reason: 'x', headers });
    return this.give({ kind: 'answered', attempt: this.#attempt, response });
  }

  fail(): string[] {
    return this.give({ kind: 'failed', attempt: this.#attempt });
  }

  notify(options: Notify = {}): string[] {
    return this.give({ kind: 'notified', request: this.notifyOf(options) });
  }

  notifyOf(options: Notify): SipRequest {
    const { body = '', type = 'application/pidf+xml', event = 'presence', fromTag = 'theirs', rows = [] } = options;
    const state = 'state' in options ? options.state : 'active;expires=600';
    this.#notifies += 1;
    const headers = new SipHeaders([
      ['Via', 'SIP/2.0/UDP 192.0.2.7:5070;branch=z9hG4bKn'],
      ['From', `<sip:mary@example.com>;tag=${fromTag}`],
      ['To', this.last.headers.get('From') ?? ''],
      ['Call-ID', options.callId ?? this.last.headers.get('Call-ID') ?? ''],
      ['CSeq', `${options.cseq ?? this.#notifies} NOTIFY`],
      ['Contact', options.contact ?? '<sip:192.0.2.7:5070>'],
      ['Event', event],
      ...(state === undefined ? [] : [['Subscription-State', state] as const]),
      ...(body === '' ? [] : [['Content-Type', type] as const]),
      ...rows,
    ]);
    const request = { method: 'NOTIFY', requestUri: 'sip:192.0.2.1:5060', headers };
    return createSipRequest({ ...request, body: new TextEncoder().encode(body) });
  }

  get last(): DialogRequest {
    const last = this.subscribes.at(-1);
    if (last === undefined) throw new Error('nothing was sent');
    return last;
  }

  /** Lets time pass to its deadline, and no further. */
  wait(): string[] {
    const deadline = this.machine.deadline();
    if (deadline === undefined) throw new Error('it waits for nothing');
    this.now = deadline;
    return this.give({ kind: 'tick' });
  }

  subscribed(body = 'open'): this {
    this.start();
    this.answer(200, ['Expires', String(asked)]);
    this.notify({ body });
    return this;
  }

  #describe(output: OwnSubscriptionOutput<string>): string {
    switch (output.kind) {
      case 'send':
        this.subscribes.push(output.request);
        this.#attempt = output.attempt;
        return `send ${output.request.headers.get('CSeq')?.split(' ')[0]} expires ${output.request.headers.get('Expires')}`;
      case 'answer':
        return `answer ${output.answer.status}`;
      case 'told':
        return `told ${output.document} for ${output.expiresMs / 1_000}`;
      case 'prolonged':
        return `prolonged for ${output.expiresMs / 1_000}`;
      case 'outcome':
        return output.outcome;
      default:
        return output.kind;
    }
  }
}

/** What would be hashed, as it is: nobody checks it here. */
const plainHashes: DigestHashes = {
  hash: (algorithm, text) => `${algorithm} ${text.length}`,
  mac: (key, text) => `${key} ${text}`,
  isEqual: (a, b) => a === b,
};
