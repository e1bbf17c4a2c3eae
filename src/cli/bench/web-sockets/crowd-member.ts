/**
 * One user with a WebSocket (RFC 6455, RFC 7118), as small as it can be: frames by hand, one request under way at a time.
 * Answers pings and requests, and times nothing.
 */
import { connect, type Socket } from 'node:net';
import type { LoginBook } from '../load/wire/login-book.ts';
import { formatUserNumber, userOf } from '../load/wire/request-texts.ts';
import { formatOkAnswer, isAnswer, statusOf } from '../load/wire/wire-bytes.ts';

export interface CrowdPlace {
  readonly host: string;
  /** Of HTTP. */
  readonly port: number;
  readonly domain: string;
  readonly logins: LoginBook;
}

/** Another one of this machine than that of the server and of whoever else is at work. */
const crowdAddress = '127.0.0.2';
const TEXT = 1;
const PING = 9;
const PONG = 10;
/** RFC 6455 5.3 asks for an unpredictable one; nobody is between these two ends. */
const mask = Buffer.from([1, 2, 3, 4]);
const nothing = Buffer.alloc(0);

export class CrowdMember {
  readonly #place: CrowdPlace;
  readonly #user: number;
  readonly #socket: Socket;
  #rest: Buffer = nothing;
  #isOpen = false;
  #cseq = 0;
  #wake: (status: number) => void = () => undefined;

  private constructor(place: CrowdPlace, user: number, socket: Socket) {
    this.#place = place;
    this.#user = user;
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('close', () => this.#wake(0));
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
  }

  /** Rejects when the upgrade is refused. */
  static async open(place: CrowdPlace, user: number): Promise<CrowdMember> {
    const socket = connect({ host: place.host, port: place.port, localAddress: crowdAddress, noDelay: true });
    const member = new CrowdMember(place, user, socket);
    const opened = new Promise<number>((resolve) => {
      member.#wake = resolve;
    });
    socket.write(
      `GET /sip HTTP/1.1\r\nHost: ${place.host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: sip\r\n\r\n',
    );
    const status = await opened;
    if (status !== 101) throw new Error(`a WebSocket was not opened (${status})`);
    return member;
  }

  /** REGISTER, its challenge, and REGISTER with digest; answers the last status, 0 when the connection ended. */
  async register(): Promise<number> {
    const status = await this.#ask(undefined);
    return status === 401 ? this.#ask(this.#place.logins.authorization(this.#user)) : status;
  }

  close(): void {
    this.#socket.destroy();
  }

  #ask(authorization: string | undefined): Promise<number> {
    this.#cseq += 1;
    const { domain } = this.#place;
    const name = userOf(formatUserNumber(this.#user));
    const host = `${name}.invalid`;
    const lines = [
      `REGISTER sip:${domain} SIP/2.0`,
      `Via: SIP/2.0/WS ${host};branch=z9hG4bKc${this.#user}x${this.#cseq}`,
      'Max-Forwards: 70',
      `From: <sip:${name}@${domain}>;tag=${this.#user}`,
      `To: <sip:${name}@${domain}>`,
      `Call-ID: ws${this.#user}`,
      `CSeq: ${this.#cseq} REGISTER`,
      `Contact: <sip:${name}@${host};transport=ws>;reg-id=1;+sip.instance="<urn:uuid:${name}>"`,
      'Supported: path,gruu,outbound',
      'User-Agent: crowd',
      'Expires: 3600',
    ];
    if (authorization !== undefined) lines.push(`Authorization: ${authorization}`);
    const answered = new Promise<number>((resolve) => {
      this.#wake = resolve;
    });
    this.#send(TEXT, Buffer.from(`${lines.join('\r\n')}\r\n\r\n`));
    return answered;
  }

  #send(opcode: number, payload: Buffer): void {
    const isShort = payload.length < 126;
    const head = Buffer.from([0x80 | opcode, 0x80 | (isShort ? payload.length : 126)]);
    const length = isShort ? nothing : Buffer.from([payload.length >> 8, payload.length & 255]);
    const masked = payload.map((byte, at) => byte ^ (mask[at & 3] ?? 0));
    this.#socket.write(Buffer.concat([head, length, mask, masked]));
  }

  #take(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    if (!this.#isOpen) {
      const end = this.#rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.#isOpen = true;
      const status = Number(this.#rest.toString('latin1', 9, 12));
      this.#rest = this.#rest.subarray(end + 4);
      this.#wake(status);
    }
    for (;;) {
      const { length } = this.#rest;
      const short = this.#rest[1] ?? 0;
      const start = short === 126 ? 4 : 2;
      if (length < start) return;
      const size = short === 126 ? this.#rest.readUInt16BE(2) : short;
      if (length < start + size) return;
      this.#heard((this.#rest[0] ?? 0) & 15, this.#rest.subarray(start, start + size));
      this.#rest = length === start + size ? nothing : Buffer.from(this.#rest.subarray(start + size));
    }
  }

  #heard(opcode: number, payload: Buffer): void {
    if (opcode === PING) this.#send(PONG, payload);
    if (opcode !== TEXT || payload.length < 3) return;
    if (!isAnswer(payload)) {
      this.#send(TEXT, formatOkAnswer(payload));
      return;
    }
    const status = statusOf(payload);
    if (status === 401) this.#place.logins.learn(this.#user, payload);
    if (status >= 200) this.#wake(status);
  }
}
