/**
 * SIP as the people of the world write and read it: lines of text. Shares nothing with the server; reads what a correct
 * server writes and not more.
 */
export type Row = readonly [name: string, value: string];

export class SipWords {
  readonly text: string;
  readonly startLine: string;
  readonly rows: readonly Row[];
  readonly body: string;
  readonly isRequest: boolean;
  readonly method: string;
  /** Of a request. */
  readonly uri: string;
  /** 0 for a request. */
  readonly status: number;

  constructor(text: string) {
    const end = text.indexOf('\r\n\r\n');
    const lines = text.slice(0, end).split('\r\n');
    this.text = text;
    this.startLine = lines[0] ?? '';
    this.rows = lines.slice(1).map((line) => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon), line.slice(colon + 2)];
    });
    this.body = text.slice(end + 4);
    this.isRequest = !this.startLine.startsWith('SIP/2.0 ');
    const [first = '', second = ''] = this.startLine.split(' ');
    this.method = this.isRequest ? first : (this.row('CSeq').split(' ')[1] ?? '');
    this.uri = this.isRequest ? second : '';
    this.status = this.isRequest ? 0 : Number(second);
  }

  /** Empty where there is none. */
  row(name: string): string {
    for (const [own, value] of this.rows) if (own === name) return value;
    return '';
  }

  has(name: string): boolean {
    return this.rows.some(([own]) => own === name);
  }

  get branch(): string {
    return parameterOf(this.row('Via'), 'branch');
  }

  get cseq(): number {
    return Number.parseInt(this.row('CSeq'), 10);
  }
}

/** Of everything behind the first semicolon that is not within angle brackets. */
export function parameterOf(value: string, name: string): string {
  const outside = value.slice(value.indexOf('>') + 1);
  const at = outside.indexOf(`;${name}=`);
  if (at < 0) return '';
  const start = at + name.length + 2;
  const end = outside.indexOf(';', start);
  return end < 0 ? outside.slice(start) : outside.slice(start, end);
}

/** `user@domain` within a name-addr. */
export function addressWithin(value: string): string {
  return /<sip:([^>;]+)/.exec(value)?.[1] ?? '';
}

export function writeSip(startLine: string, rows: readonly Row[], body = ''): string {
  let text = `${startLine}\r\n`;
  for (const [name, value] of rows) text += `${name}: ${value}\r\n`;
  return `${text}Content-Length: ${Buffer.byteLength(body, 'latin1')}\r\n\r\n${body}`;
}

/** The rows that a response repeats (RFC 3261 8.2.6.2). */
export function writeAnswer(request: SipWords, status: number, toTag: string, more: readonly Row[] = []): string {
  const rows: Row[] = [];
  for (const row of request.rows) {
    if (row[0] === 'To') rows.push(row[1].includes(';tag=') ? row : ['To', `${row[1]};tag=${toTag}`]);
    else if (row[0] === 'Via' || row[0] === 'From' || row[0] === 'Call-ID' || row[0] === 'CSeq') rows.push(row);
  }
  return writeSip(`SIP/2.0 ${status} ${status < 300 ? 'OK' : 'No'}`, [...rows, ...more]);
}
