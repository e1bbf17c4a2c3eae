/** What devices say to the server: the requests of the world, each with what its answer means to the device. */
import type { Letter } from '../model/letter.ts';
import type { Device } from './device.ts';
import { type Said, writePresence } from './presence-words.ts';
import type { Row, SipWords } from './sip-words.ts';

function rowsOf(device: Device, to: string, callId: string, cseq: string): Row[] {
  return [
    ['Max-Forwards', '70'],
    ['From', `<sip:${device.owner}>;tag=${callId}`],
    ['To', `<sip:${to}>`],
    ['Call-ID', callId],
    ['CSeq', cseq],
  ];
}

/** 0 seconds: goodbye. */
export function register(device: Device, seconds: number, onAnswer: (answer: SipWords | undefined) => void): void {
  // With room for those that answer a challenge.
  device.cseq += 10;
  device.ask({
    method: 'REGISTER',
    uri: 'sip:localhost',
    rows: [
      ...rowsOf(device, device.owner, device.registerCallId, `${device.cseq} REGISTER`),
      ['Contact', `<${device.contact}>;q=${device.q}`],
      ['Expires', String(seconds)],
    ],
    body: '',
    onAnswer,
  });
}

export interface PublishWords {
  /** How its document is known again; none for a mere refresh or a removal. */
  readonly token: string | undefined;
  readonly said: Said | undefined;
  /** 0: what was published ends. */
  readonly seconds: number;
  readonly tag: string | undefined;
}

export function publish(device: Device, words: PublishWords, onAnswer: (answer: SipWords | undefined) => void): void {
  const { token, said, seconds, tag } = words;
  const callId = `pub-${device.nextBranch()}`;
  const body = token === undefined || said === undefined ? '' : writePresence(device.owner, token, said);
  device.ask({
    method: 'PUBLISH',
    uri: `sip:${device.owner}`,
    rows: [
      ...rowsOf(device, device.owner, callId, '1 PUBLISH'),
      ['Event', 'presence'],
      ['Expires', String(seconds)],
      ...(tag === undefined ? [] : [['SIP-If-Match', tag] as const]),
      ...(body === '' ? [] : [['Content-Type', 'application/pidf+xml'] as const]),
    ],
    body,
    onAnswer,
  });
}

export function post(device: Device, letter: Letter, onAnswer: (answer: SipWords | undefined) => void): void {
  const { condition, validitySeconds, writtenAt } = letter;
  device.ask({
    method: 'MESSAGE',
    uri: `sip:${letter.recipient}`,
    rows: [
      ['Max-Forwards', '70'],
      ['From', `<sip:${letter.sender}>;tag=${letter.fromTag}`],
      ['To', `<sip:${letter.recipient}>`],
      ['Call-ID', letter.callId],
      ['CSeq', `${letter.cseq} MESSAGE`],
      ...(condition === undefined ? [] : [['Deliver-When', condition] as const]),
      ...(validitySeconds === undefined ? [] : [['Expires', String(validitySeconds)] as const]),
      ...(writtenAt === undefined ? [] : [['Date', new Date(writtenAt).toUTCString()] as const]),
      ['Content-Type', letter.contentType],
    ],
    body: letter.body,
    letter,
    onAnswer,
  });
}

export function subscribe(device: Device, target: string, seconds: number): void {
  const callId = `sub-${device.nextBranch()}`;
  device.watchings.set(callId, { target, callId, cseq: 0, document: '', state: '' });
  device.ask({
    method: 'SUBSCRIBE',
    uri: `sip:${target}`,
    rows: [
      ...rowsOf(device, target, callId, '1 SUBSCRIBE'),
      ['Event', 'presence'],
      ['Expires', String(seconds)],
      ['Contact', `<${device.contact}>`],
    ],
    body: '',
    onAnswer: (answer) => {
      if (answer === undefined || answer.status >= 300) device.watchings.delete(callId);
    },
  });
}
