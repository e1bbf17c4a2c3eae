/** A session in virtual time, a client that says what it likes, and what is sent in short. */
import { ok } from '../../src/base/result.ts';
import type { CspVersion } from '../../src/imps/csp-version.ts';
import type { IncomingTransaction, OutgoingTransaction } from '../../src/imps/message/csp-message.ts';
import type { Primitive } from '../../src/imps/primitives/primitive.ts';
import { CspSession } from '../../src/imps/session/csp-session.ts';
import type { SessionOutput } from '../../src/imps/session/session-events.ts';
import { limitsOf } from '../../src/imps/session/session-limits.ts';

export const keepAliveS = 600;
export const poll: Primitive = { name: 'Polling-Request', value: {} };
export const getLists: Primitive = { name: 'GetList-Request', value: {} };
export const lists: Primitive = { name: 'GetList-Response', value: { contactLists: [] } };
export const delivered: Primitive = { name: 'MessageDelivered', value: { messageId: 'm1' } };
export const notice = (messageId: string): Primitive => ({
  name: 'MessageNotification',
  value: {
    messageInfo: { messageId, contentSize: 1, recipient: { users: [], groups: [], contactLists: [] }, sender: {} },
  },
});

export function incoming(
  id: string,
  primitive: Primitive,
  mode: 'Request' | 'Response' = 'Request',
): IncomingTransaction {
  return {
    mode,
    id,
    name: primitive.name,
    primitive: ok(primitive),
    extension: { deliveryConditions: [] },
    hasExtension: false,
  };
}

/** A session whose transactions have 100 bytes each, and a client that says what it likes. */
export class Scene {
  now = 1_000;
  readonly session: CspSession;
  #exchange = 0;

  constructor(multiTrans = 4, parserSize = 4_000) {
    const facts = { keepAliveS, limits: limitsOf({ multiTrans, parserSize }), sizeOf: () => 100 };
    this.session = new CspSession(facts, this.now);
  }

  post(...transactions: readonly IncomingTransaction[]): SessionOutput[] {
    return this.postAs('1.2', ...transactions);
  }

  postAs(version: CspVersion, ...transactions: readonly IncomingTransaction[]): SessionOutput[] {
    this.#exchange += 1;
    return this.session.handle({ kind: 'message', exchange: this.#exchange, version, transactions }, this.now);
  }

  poll(): SessionOutput[] {
    return this.post(incoming('', poll));
  }

  answer(id: string, primitive: Primitive): SessionOutput[] {
    return this.session.handle({ kind: 'answer', id, primitive }, this.now);
  }

  offer(handle: number, replaces?: string): SessionOutput[] {
    const offer = { handle, primitive: notice(`m${handle}`), ...(replaces === undefined ? {} : { replaces }) };
    return this.session.handle({ kind: 'offer', offer }, this.now);
  }

  after(ms: number): SessionOutput[] {
    this.now += ms;
    return this.session.handle({ kind: 'tick' }, this.now);
  }
}

/** What is sent, in short: `=` an answer, `>` the server's own, `+` more waits. */
export function sentIn(outputs: readonly SessionOutput[]): string[] {
  return outputs.flatMap((output) => {
    if (output.kind !== 'respond') return [];
    const words = output.transactions.map(wordOf);
    return [`${output.exchange}: ${[...words, ...(output.poll ? ['+'] : [])].join(' ')}`.trimEnd()];
  });
}

function wordOf({ mode, id, primitive }: OutgoingTransaction): string {
  const said = 'result' in primitive.value ? String(primitive.value.result.code) : primitive.name;
  return `${mode === 'Response' ? '=' : '>'}${id} ${said}`;
}

export const kindsOf = (outputs: readonly SessionOutput[]): string[] => outputs.map(({ kind }) => kind);
