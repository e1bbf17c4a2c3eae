/** A request of a device on its way: sent again and again over UDP, asked for credentials, answered or given up. */
import {
  answerChallenge,
  chooseChallenge,
  type DigestChallenge,
} from '../../../src/cli/demo/user-agent/digest-answer.ts';
import type { TimerHandle } from '../../../src/base/time/timers.ts';
import type { Letter } from '../model/letter.ts';
import type { SimulatedTime } from '../world/simulated-time.ts';
import { type Row, type SipWords, writeSip } from './sip-words.ts';

const t1Ms = 500;
const t2Ms = 4000;
const giveUpMs = 64 * t1Ms;
/** A wrong password or a lost nonce is not asked about for ever. */
const challengesMax = 3;

export interface Question {
  readonly method: string;
  readonly uri: string;
  /** All but Via and credentials. */
  readonly rows: readonly Row[];
  readonly body: string;
  readonly letter?: Letter;
  /** The final answer; undefined when there was none in time. */
  onAnswer(answer: SipWords | undefined): void;
}

export interface Asker {
  readonly time: SimulatedTime;
  readonly isDatagram: boolean;
  readonly viaSentBy: string;
  readonly credentials: { readonly user: string; readonly password: string };
  challenge: { readonly given: DigestChallenge; count: number } | undefined;
  nextBranch(): string;
  /** False when there is no way. */
  transmit(text: string): boolean;
  /** From now on answers to its branch are its own. */
  began(asking: Asking, question: Question): void;
  done(asking: Asking): void;
}

export class Asking {
  branch = '';
  readonly #asker: Asker;
  readonly #question: Question;
  #text = '';
  #repeat: TimerHandle | undefined;
  #end: TimerHandle | undefined;
  #challenges = 0;

  constructor(asker: Asker, question: Question) {
    this.#asker = asker;
    this.#question = question;
  }

  start(): void {
    const { method, uri, rows, body } = this.#question;
    const { time, isDatagram, viaSentBy } = this.#asker;
    this.branch = this.#asker.nextBranch();
    this.#asker.began(this, this.#question);
    const via: Row = ['Via', `SIP/2.0/${isDatagram ? 'UDP' : 'TCP'} ${viaSentBy};rport;branch=${this.branch}`];
    const own = rows.map((row) => (row[0] === 'CSeq' ? this.#cseqRow(row[1]) : row));
    this.#text = writeSip(`${method} ${uri} SIP/2.0`, [via, ...own, ...this.#credentials()], body);
    this.#end = time.after(giveUpMs, () => this.#finish(undefined));
    this.#send(t1Ms);
  }

  receive(answer: SipWords): void {
    if (answer.status < 200) return;
    const isChallenge = answer.status === 401 || answer.status === 407;
    const challenge = isChallenge
      ? chooseChallenge([answer.row('WWW-Authenticate') || answer.row('Proxy-Authenticate')])
      : undefined;
    if (challenge === undefined || this.#challenges === challengesMax) {
      this.#finish(answer);
      return;
    }
    this.#challenges += 1;
    this.#asker.challenge = { given: challenge, count: 0 };
    this.#stopTimers();
    this.#asker.done(this);
    this.start();
  }

  /** Its device is gone, and nobody waits for the answer. */
  forget(): void {
    this.#stopTimers();
  }

  #send(againMs: number): void {
    if (!this.#asker.transmit(this.#text) || !this.#asker.isDatagram) return;
    this.#repeat = this.#asker.time.after(againMs, () => this.#send(Math.min(2 * againMs, t2Ms)));
  }

  /** Higher with each answer to a challenge, but for a message, which stays the same message (contract section 4). */
  #cseqRow(value: string): Row {
    const [number, method] = value.split(' ');
    return ['CSeq', method === 'MESSAGE' ? value : `${Number(number) + this.#challenges} ${method}`];
  }

  #credentials(): Row[] {
    const { challenge, credentials } = this.#asker;
    if (challenge === undefined) return [];
    challenge.count += 1;
    const { method, uri } = this.#question;
    const name = method === 'MESSAGE' ? 'Proxy-Authorization' : 'Authorization';
    return [[name, answerChallenge(challenge.given, credentials, { method, uri }, challenge.count)]];
  }

  #finish(answer: SipWords | undefined): void {
    this.#stopTimers();
    this.#asker.done(this);
    this.#question.onAnswer(answer);
  }

  #stopTimers(): void {
    this.#repeat?.cancel();
    this.#end?.cancel();
  }
}
