/**
 * The envelope: one session, one or more transactions, and what each carries. A fault of one transaction is a value of that
 * transaction, so that the others are answered all the same.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { type CspElement, childOf, leaf, node } from '../csp-element.ts';
import { type CspVersion, namespaceOf } from '../csp-version.ts';
import { formatPrimitive, parsePrimitive, type Primitive, type PrimitiveRefusal } from '../primitives/primitive.ts';
import { idCharactersMax } from '../primitives/shared-shapes.ts';
import { PrimitiveFault } from '../status-codes.ts';
import { type Extension, noExtension, readExtension, writeExtension } from './extension.ts';

export type TransactionMode = 'Request' | 'Response';

interface Envelope<Transaction> {
  readonly version: CspVersion;
  /** Missing outside of a session: at login, and when something is asked of the service alone. */
  readonly sessionId?: string;
  readonly transactions: readonly Transaction[];
  /** More transactions of the server wait. */
  readonly poll?: boolean;
  /** False: the server sees no channel to call the client by. From 1.2 on. */
  readonly cir?: boolean;
}

interface TransactionHead {
  readonly mode: TransactionMode;
  /** Empty for a Polling-Request. */
  readonly id: string;
  readonly extension: Extension;
}

export interface IncomingTransaction extends TransactionHead {
  /** Of the primitive, also of one that is refused. */
  readonly name: string;
  readonly primitive: Result<Primitive, PrimitiveRefusal>;
  /** It came with an ExtBlock, so its client knows extensions. */
  readonly hasExtension: boolean;
}

export interface OutgoingTransaction extends Omit<TransactionHead, 'extension'> {
  readonly primitive: Primitive;
  readonly extension?: Extension;
}

export type IncomingMessage = Envelope<IncomingTransaction>;
export type OutgoingMessage = Envelope<OutgoingTransaction>;

/** Of one message. */
export const transactionsMax = 32;

export function parseCspMessage(root: CspElement, version: CspVersion): Result<IncomingMessage, PrimitiveRefusal> {
  const session = childOf(root, 'Session');
  if (root.name !== 'WV-CSP-Message' || session === undefined) return malformed('the document holds no session');
  const descriptor = childOf(session, 'SessionDescriptor');
  const sessionId = descriptor === undefined ? '' : textOf(descriptor, 'SessionID');
  const isOutband = descriptor !== undefined && /^outband$/i.test(textOf(descriptor, 'SessionType'));
  const transactions = session.children.filter(({ name }) => name === 'Transaction');
  if (transactions.length === 0) return malformed('the session holds no transaction');
  if (transactions.length > transactionsMax) return malformed(`there are more than ${transactionsMax} transactions`);
  return ok({
    version,
    // A longer one is that of no session, however it goes on.
    ...(isOutband || sessionId === '' ? {} : { sessionId: sessionId.slice(0, idCharactersMax + 1) }),
    transactions: transactions.map((transaction) => readTransaction(transaction, version)),
    ...readFlag('poll', findPoll(session, transactions)),
    ...readFlag('cir', childOf(session, 'CIR')),
  });
}

export function formatCspMessage(message: OutgoingMessage): CspElement {
  const { version, sessionId, transactions, poll, cir } = message;
  const descriptor = [leaf('SessionType', sessionId === undefined ? 'Outband' : 'Inband')];
  if (sessionId !== undefined) descriptor.push(leaf('SessionID', sessionId));
  const content = [node('SessionDescriptor', descriptor)];
  const isFirst = version === '1.1';
  for (const transaction of transactions)
    content.push(writeTransaction(transaction, version, isFirst ? poll : undefined));
  if (poll !== undefined && !isFirst) content.push(leaf('Poll', poll ? 'T' : 'F'));
  if (cir !== undefined && !isFirst) content.push(leaf('CIR', cir ? 'T' : 'F'));
  return node('WV-CSP-Message', [node('Session', content)], namespaceOf(version, 'session'));
}

function readTransaction(transaction: CspElement, version: CspVersion): IncomingTransaction {
  const descriptor = childOf(transaction, 'TransactionDescriptor');
  const id = descriptor === undefined ? '' : textOf(descriptor, 'TransactionID');
  const said = descriptor === undefined ? '' : textOf(descriptor, 'TransactionMode');
  const mode: TransactionMode = /^response$/i.test(said) ? 'Response' : 'Request';
  const element = childOf(transaction, 'TransactionContent')?.children.find(({ name }) => name !== 'ExtBlock');
  const head = { mode, id: id.slice(0, idCharactersMax), name: element?.name ?? '' };
  const hasExtension = childOf(transaction, 'ExtBlock') !== undefined;
  const primitive = readPrimitive(element, id, version);
  try {
    return { ...head, primitive, hasExtension, extension: readExtension(transaction, element, version) };
  } catch (error) {
    if (!(error instanceof PrimitiveFault)) throw error;
    const refusal = err({ code: error.code, words: error.message });
    return { ...head, hasExtension, primitive: primitive.ok ? refusal : primitive, extension: noExtension };
  }
}

function readPrimitive(
  element: CspElement | undefined,
  id: string,
  version: CspVersion,
): Result<Primitive, PrimitiveRefusal> {
  if (id.length > idCharactersMax) {
    return err({ code: 420, words: `TransactionID is longer than ${idCharactersMax} characters` });
  }
  return element === undefined ? malformed('the transaction is empty') : parsePrimitive(element, version);
}

function writeTransaction(transaction: OutgoingTransaction, version: CspVersion, poll?: boolean): CspElement {
  const { mode, id, extension = noExtension } = transaction;
  const descriptor = [leaf('TransactionMode', mode), leaf('TransactionID', id)];
  if (poll !== undefined) descriptor.push(leaf('Poll', poll ? 'T' : 'F'));
  const added = writeExtension(extension, version);
  let primitive = formatPrimitive(transaction.primitive, version);
  const content = [node('TransactionDescriptor', descriptor)];
  if (version === '1.1') primitive = { ...primitive, children: [...primitive.children, ...added] };
  content.push(node('TransactionContent', [primitive], namespaceOf(version, 'transaction')));
  if (added.length > 0 && version !== '1.1') content.push(node('ExtBlock', added));
  return node('Transaction', content);
}

/** Beside the transactions, and in 1.1 inside their descriptors. */
function findPoll(session: CspElement, transactions: readonly CspElement[]): CspElement | undefined {
  const descriptors = transactions.flatMap(({ children }) =>
    children.filter(({ name }) => name === 'TransactionDescriptor'),
  );
  for (const holder of [session, ...descriptors]) {
    const poll = childOf(holder, 'Poll');
    if (poll !== undefined && poll.text !== '') return poll;
  }
  return undefined;
}

function textOf(parent: CspElement, name: string): string {
  return childOf(parent, name)?.text ?? '';
}

function readFlag<K extends string>(key: K, element: CspElement | undefined): Partial<Record<K, boolean>> {
  if (element === undefined || element.text === '') return {};
  return { [key]: /^t/i.test(element.text) } as Partial<Record<K, boolean>>;
}

function malformed(words: string): { readonly ok: false; readonly error: PrimitiveRefusal } {
  return err({ code: 400, words });
}
