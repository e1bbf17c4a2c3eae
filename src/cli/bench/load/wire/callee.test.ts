import { describe, expect, it } from 'vitest';
import { Callee } from './callee.ts';
import { RequestTemplate } from './request-template.ts';
import { messageText } from './request-texts.ts';
import { formatOkAnswer, hashOfBranch, headerOf, isAnswer, statusOf, transactionOf } from './wire-bytes.ts';
import { StreamCutter, type Wire } from './wires.ts';

const template = RequestTemplate.parse(
  messageText({ transport: 'udp', domain: 'bench.test', port: 4711, contactPort: 4711 }),
);
let transactions = 0;

function message(user: number, round: number, transaction = ++transactions): Buffer {
  const bytes = template.copy();
  template.writeDecimal(bytes, 'user', user);
  template.writeDecimal(bytes, 'round', round);
  template.writeTransaction(bytes, transaction, 0);
  return bytes;
}

function callUp(): { callee: Callee; wire: Wire; arrived: number[]; answers: Buffer[] } {
  const arrived: number[] = [];
  const answers: Buffer[] = [];
  const wire = { localPort: 1, send: (bytes: Buffer) => void answers.push(bytes), close: () => undefined };
  return { callee: new Callee(10, (user) => arrived.push(user)), wire, arrived, answers };
}

describe('the callee', () => {
  it('answers 200 with the lines of the request and a tag of its own', () => {
    const { callee, wire, answers } = callUp();
    callee.take(message(3, 0, 77), wire);
    const [answer = Buffer.alloc(0)] = answers;
    expect(isAnswer(answer)).toBe(true);
    expect(statusOf(answer)).toBe(200);
    expect(transactionOf(answer)).toEqual({ number: 77, lane: 0 });
    expect(headerOf(answer, 'to')).toBe('<sip:u0000003@bench.test>;tag=callee');
    expect(headerOf(answer, 'cseq')).toBe('1 MESSAGE');
    expect(headerOf(answer, 'content-type')).toBeUndefined();
    expect(answer.toString()).toMatch(/\r\nContent-Length: 0\r\n\r\n$/);
  });

  it('keeps every Via in order and a tag that is there', () => {
    const request = 'NOTIFY sip:a@b SIP/2.0\r\nv: one\r\nVia: two\r\nt: <sip:a@b>;tag=x\r\ni: 1\r\n\r\n';
    expect(formatOkAnswer(Buffer.from(request)).toString()).toBe(
      'SIP/2.0 200 OK\r\nv: one\r\nVia: two\r\nt: <sip:a@b>;tag=x\r\ni: 1\r\nContent-Length: 0\r\n\r\n',
    );
  });

  it('counts messages that come in order once each', () => {
    const { callee, wire, arrived } = callUp();
    for (const [user, round] of [
      [1, 0],
      [2, 0],
      [1, 1],
    ] as const)
      callee.take(message(user, round), wire);
    expect(arrived).toEqual([1, 2, 1]);
    expect(callee).toMatchObject({ count: 3, twice: 0, disordered: 0 });
  });

  it('tells a retransmission from a second attempt', () => {
    const { callee, wire, answers } = callUp();
    callee.take(message(1, 0, 5), wire);
    callee.take(message(1, 0, 5), wire);
    expect(callee).toMatchObject({ count: 1, twice: 0 });
    callee.take(message(1, 0, 6), wire);
    expect(callee).toMatchObject({ count: 1, twice: 1 });
    expect(answers).toHaveLength(3);
  });

  it('sees that a message was passed over', () => {
    const { callee, wire } = callUp();
    callee.take(message(1, 1), wire);
    expect(callee).toMatchObject({ count: 1, disordered: 1 });
    callee.forget();
    callee.take(message(1, 0), wire);
    expect(callee).toMatchObject({ count: 1, disordered: 0 });
  });

  it('only answers what is no message of the bench', () => {
    const { callee, wire, answers } = callUp();
    callee.take(Buffer.from('MESSAGE sip:a@b SIP/2.0\r\nContent-Length: 5\r\n\r\nhello'), wire);
    expect(answers).toHaveLength(1);
    expect(callee.count).toBe(0);
  });
});

describe('the hash of a branch', () => {
  it('ends where the branch ends', () => {
    const one = hashOfBranch(Buffer.from('Via: SIP/2.0/UDP a;branch=z9hG4bKx;rport\r\n'));
    expect(hashOfBranch(Buffer.from('Via: SIP/2.0/UDP b;rport;branch=z9hG4bKx\r\nTo: y'))).toBe(one);
    expect(hashOfBranch(Buffer.from('Via: SIP/2.0/UDP b;rport;branch=z9hG4bKy\r\nTo: y'))).not.toBe(one);
  });
});

describe('the cutter of a stream', () => {
  const first = message(1, 0).toString('latin1');
  const second = 'SIP/2.0 200 OK\r\nl : 4\r\n\r\nbody';
  const third = 'SIP/2.0 202 Accepted\r\ncontent-length:  0\r\n\r\n';
  const text = `${first}\r\n\r\n${second.replace('l :', 'Content-Length:')}${third}`;

  it.each([1, 2, 3, 7, 100, 10_000])('finds the messages in pieces of %i bytes', (size) => {
    const found: string[] = [];
    const cutter = new StreamCutter((bytes) => found.push(bytes.toString('latin1')));
    for (let at = 0; at < text.length; at += size) cutter.push(Buffer.from(text.slice(at, at + size), 'latin1'));
    expect(found).toEqual([first, second.replace('l :', 'Content-Length:'), third]);
  });
});
