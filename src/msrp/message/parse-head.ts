/**
 * The head of an MSRP message: its start line and headers (RFC 4975 9), lenient with white space, strict with what routing
 * rests on. A fault says whether it can be answered.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { parseByteRange } from './byte-range.ts';
import { MESSAGE_ID, TRANSACTION_ID, type MsrpHead, type MsrpHeader, type MsrpRequestHead } from './msrp-message.ts';
import { parseMsrpPath } from './msrp-uri.ts';

export interface HeadFault {
  readonly reason: string;
  /** What a 400 needs, where that much could be read of a request. */
  readonly answerable?: Pick<MsrpRequestHead, 'transactionId' | 'method' | 'toPath' | 'fromPath' | 'failureReport'>;
}

export interface StartLine {
  readonly transactionId: string;
  readonly method?: string;
  readonly status?: number;
  readonly comment?: string;
}

const START = /^MSRP ([^ ]+) (?:([A-Z]+)|(\d{3})(?: (.*))?)$/;

export function parseStartLine(line: string): Result<StartLine, HeadFault> {
  const match = START.exec(line);
  if (match === null) return err({ reason: 'the first line is not one of MSRP' });
  const [, transactionId = '', method, status, comment = ''] = match;
  if (!TRANSACTION_ID.test(transactionId))
    return err({ reason: 'the transaction id is not one of 4 to 32 characters' });
  if (method !== undefined) return ok({ transactionId, method });
  return ok({ transactionId, status: Number(status), comment });
}

/** `lines`: the headers, without the start line and without line ends. */
export function parseHead(start: StartLine, lines: readonly string[]): Result<MsrpHead, HeadFault> {
  const { transactionId } = start;
  const fault = (reason: string): Result<never, HeadFault> => err({ reason });
  const headers: MsrpHeader[] = [];
  for (const line of lines) {
    const match = /^([!#$%&'*+.^`|~\w-]+):[ \t]*(.*?)[ \t]*$/.exec(line);
    if (match === null) return fault(`"${line.slice(0, 40)}" is not a header`);
    headers.push({ name: match[1] ?? '', value: match[2] ?? '' });
  }
  const [to, from] = headers;
  if (to === undefined || !isNamed(to, 'To-Path')) return fault('the first header is not To-Path');
  if (from === undefined || !isNamed(from, 'From-Path')) return fault('the second header is not From-Path');
  const toPath = parseMsrpPath(to.value);
  if (!toPath.ok) return fault(`To-Path: ${toPath.error}`);
  const fromPath = parseMsrpPath(from.value);
  if (!fromPath.ok) return fault(`From-Path: ${fromPath.error}`);
  const paths = { toPath: toPath.value, fromPath: fromPath.value };
  const rest = headers.slice(2);
  if (start.method !== undefined) {
    const line = { transactionId, method: start.method, ...paths };
    const request = readRequest(rest);
    if (request.ok) return ok({ kind: 'request', ...line, ...request.value });
    return err({ reason: request.error, answerable: { ...line, failureReport: wishOf(rest) } });
  }
  const { status = 0, comment = '' } = start;
  return ok({ kind: 'response', transactionId, status, comment, ...paths, headers: rest });
}

type RequestFields = Omit<MsrpRequestHead, 'kind' | 'transactionId' | 'method' | 'toPath' | 'fromPath'>;

function readRequest(headers: readonly MsrpHeader[]): Result<RequestFields, string> {
  for (const name of onceOnly) {
    if (headers.filter((header) => isNamed(header, name)).length > 1) return err(`${name} stands there twice`);
  }
  const value = (name: string): string | undefined => headers.find((header) => isNamed(header, name))?.value;
  const messageId = value('Message-ID');
  if (messageId !== undefined && !MESSAGE_ID.test(messageId))
    return err('Message-ID is not one of 1 to 128 characters');
  const success = value('Success-Report')?.toLowerCase() ?? 'no';
  if (success !== 'yes' && success !== 'no') return err('Success-Report is neither yes nor no');
  const failureReport = value('Failure-Report')?.toLowerCase() ?? 'yes';
  if (failureReport !== 'yes' && failureReport !== 'no' && failureReport !== 'partial') {
    return err('Failure-Report is none of yes, no and partial');
  }
  const range = value('Byte-Range');
  const byteRange = range === undefined ? undefined : parseByteRange(range);
  if (byteRange?.ok === false) return byteRange;
  const statusText = value('Status');
  const status = statusText === undefined ? undefined : readStatus(statusText);
  if (status?.ok === false) return status;
  const contentType = value('Content-Type');
  return ok({
    successReport: success === 'yes',
    failureReport,
    headers: headers.filter(({ name }) => !readNames.has(name.toLowerCase())),
    ...(messageId === undefined ? {} : { messageId }),
    ...(byteRange === undefined ? {} : { byteRange: byteRange.value }),
    ...(status === undefined ? {} : { status: status.value }),
    ...(contentType === undefined ? {} : { contentType }),
  });
}

/** Of a head that is wrong elsewhere; what cannot be read asks for an answer. */
function wishOf(headers: readonly MsrpHeader[]): MsrpRequestHead['failureReport'] {
  const wish = headers.find((header) => isNamed(header, 'Failure-Report'))?.value.toLowerCase();
  return wish === 'no' || wish === 'partial' ? wish : 'yes';
}

function readStatus(text: string): Result<number, string> {
  const match = /^(\d{3}) (\d{3})(?: .*)?$/.exec(text);
  if (match === null) return err('Status is not a namespace and a code');
  return match[1] === '000' ? ok(Number(match[2])) : err('Status has an unknown namespace');
}

const onceOnly = [
  'Message-ID',
  'Success-Report',
  'Failure-Report',
  'Byte-Range',
  'Status',
  'Content-Type',
  'To-Path',
  'From-Path',
] as const;
const readNames: ReadonlySet<string> = new Set(onceOnly.map((name) => name.toLowerCase()));

function isNamed({ name }: MsrpHeader, wanted: string): boolean {
  return name.toLowerCase() === wanted.toLowerCase();
}
