/**
 * One device of somebody: registers, publishes, sends, takes messages in its manner, crashes and comes back. Knows the
 * server by its address only.
 */
import type { DigestChallenge } from '../../../src/cli/demo/user-agent/digest-answer.ts';
import type { SocketAddress } from '../../../src/sip/transport/ports.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { type Connection, type Link, type NetworkEnd, type SimulatedNetwork } from '../world/simulated-network.ts';
import type { SimulatedTime } from '../world/simulated-time.ts';
import type { Client } from '../model/lane.ts';
import type { Story } from '../world/story.ts';
import { type Asker, Asking, type Question } from './asking.ts';
import type { Said } from './presence-words.ts';
import { drawReply, type Manner, type Reply } from './replying.ts';
import { type Row, SipWords, writeAnswer } from './sip-words.ts';

export interface DeviceSurroundings {
  readonly time: SimulatedTime;
  readonly random: SeededRandom;
  readonly network: SimulatedNetwork;
  readonly story: Story;
  nextBranch(): string;
  asked(device: Device, branch: string, question: Question): void;
}

export interface DevicePlan {
  readonly name: string;
  readonly owner: string;
  readonly address: SocketAddress;
  readonly isDatagram: boolean;
  readonly q: number;
  readonly isListening: boolean;
  readonly link: Link;
}

/** Somebody whom this device watches. */
export interface Watching {
  readonly target: string;
  readonly callId: string;
  cseq: number;
  /** The newest document, and the state that came with it. */
  document: string;
  state: string;
}

export class Device implements NetworkEnd, Asker, Client {
  readonly name: string;
  readonly owner: string;
  readonly address: SocketAddress;
  readonly isDatagram: boolean;
  readonly isListening: boolean;
  readonly link: Link;
  readonly viaSentBy: string;
  readonly contact: string;
  readonly credentials: { readonly user: string; readonly password: string };
  q: number;
  manner: Manner = 'good';
  isRunning = true;
  challenge: { readonly given: DigestChallenge; count: number } | undefined;
  connection: Connection | undefined;
  /** One Call-ID for all registrations between two crashes. */
  registerCallId = '';
  cseq = 0;
  /** What it has published, by its newest tag. */
  publication: { tag: string; said: Said } | undefined;
  readonly watchings = new Map<string, Watching>();
  readonly time: SimulatedTime;
  readonly #around: DeviceSurroundings;
  readonly #askings = new Map<string, Asking>();
  /** By branch: what was answered, or that the answer is still to come. */
  readonly #replies = new Map<string, string>();
  readonly #tag: string;
  #isConnecting = false;
  #unsent: string[] = [];

  constructor(plan: DevicePlan, around: DeviceSurroundings) {
    this.name = plan.name;
    this.owner = plan.owner;
    this.address = plan.address;
    this.isDatagram = plan.isDatagram;
    this.isListening = plan.isListening;
    this.link = plan.link;
    this.q = plan.q;
    this.#tag = plan.name.replace('/', '-');
    this.time = around.time;
    this.#around = around;
    this.viaSentBy = `${plan.address.address}:${plan.address.port}`;
    const user = plan.owner.slice(0, plan.owner.indexOf('@'));
    this.contact = `sip:${user}@${this.viaSentBy}${plan.isDatagram ? '' : ';transport=tcp'}`;
    this.credentials = { user, password: `${user}-secret` };
    this.begin();
  }

  /** After a start or a crash: nothing is remembered. */
  begin(): void {
    this.isRunning = true;
    this.registerCallId = `reg-${this.nextBranch()}`;
    this.cseq = 0;
    this.publication = undefined;
    this.challenge = undefined;
    this.watchings.clear();
    this.#replies.clear();
  }

  crash(): void {
    this.isRunning = false;
    for (const asking of this.#askings.values()) asking.forget();
    this.#askings.clear();
    this.#unsent = [];
    this.#isConnecting = false;
    const { connection } = this;
    this.connection = undefined;
    connection?.vanish();
  }

  isThere(flow: string): boolean {
    if (!this.isRunning) return false;
    return this.isDatagram || flow.endsWith(` ${this.connection?.remote.port}`);
  }

  ask(question: Question): void {
    if (this.isRunning) new Asking(this, question).start();
  }

  nextBranch(): string {
    return this.#around.nextBranch();
  }

  began(asking: Asking, question: Question): void {
    this.#askings.set(asking.branch, asking);
    this.#around.asked(this, asking.branch, question);
  }

  done(asking: Asking): void {
    this.#askings.delete(asking.branch);
  }

  /** Over its own connection, which is opened where there is none. */
  transmit(text: string): boolean {
    if (!this.isRunning) return false;
    if (this.isDatagram) this.#around.network.toServer(this, text);
    else if (this.connection?.isOpen === true) this.connection.send(text);
    else {
      this.#unsent.push(text);
      this.connect();
    }
    return true;
  }

  connect(): void {
    if (this.isDatagram || this.#isConnecting || this.connection?.isOpen === true) return;
    this.#isConnecting = true;
    this.#around.network.connect(this);
  }

  connectionOpened(connection: Connection): void {
    this.#isConnecting = false;
    if (!this.isRunning) {
      connection.vanish();
      return;
    }
    this.connection = connection;
    for (const text of this.#unsent.splice(0)) connection.send(text);
  }

  connectionClosed(connection: Connection): void {
    if (this.connection === connection) this.connection = undefined;
    if (!connection.isOpenAtServer) this.#isConnecting = false;
  }

  arrive(text: string, connection: Connection | undefined): void {
    if (!this.isRunning || text === '\r\n') return;
    const words = new SipWords(text);
    if (words.isRequest) this.#answer(words, connection);
    else this.#askings.get(words.branch)?.receive(words);
  }

  #answer(request: SipWords, connection: Connection | undefined): void {
    const known = this.#replies.get(request.branch);
    if (known !== undefined) {
      if (known !== '') this.#reply(known, connection);
      return;
    }
    this.#replies.set(request.branch, '');
    if (request.method === 'NOTIFY') this.#takeNotify(request, connection);
    else if (request.method === 'MESSAGE') this.#takeMessage(request, connection);
    else this.#keep(request, writeAnswer(request, 501, this.#tag), connection);
  }

  #takeMessage(request: SipWords, connection: Connection | undefined): void {
    const reply = drawReply(this.manner, request.row('Content-Type'), this.#around.random);
    this.#around.story.tell(
      this.name,
      () => `gets ${request.body.slice(-24)} and answers ${reply?.status ?? 'nothing'}`,
    );
    if (reply === undefined) return;
    this.#replyLater(request, reply, reply.status, connection);
    if (reply.secondStatus !== undefined) {
      this.time.after(reply.afterMs + 5, () =>
        this.#send(writeAnswer(request, reply.secondStatus ?? 500, this.#tag), connection),
      );
    }
  }

  #replyLater(request: SipWords, reply: Reply, status: number, connection: Connection | undefined): void {
    const rows: Row[] = reply.retryAfterSeconds === undefined ? [] : [['Retry-After', String(reply.retryAfterSeconds)]];
    this.time.after(reply.afterMs, () => {
      if (this.isRunning) this.#keep(request, writeAnswer(request, status, this.#tag, rows), connection);
    });
  }

  #takeNotify(request: SipWords, connection: Connection | undefined): void {
    if (this.manner === 'silent') return;
    const watching = this.watchings.get(request.row('Call-ID'));
    if (watching !== undefined && request.cseq > watching.cseq) {
      watching.cseq = request.cseq;
      watching.state = request.row('Subscription-State');
      if (request.body !== '' || watching.state.startsWith('pending')) watching.document = request.body;
      if (watching.state.startsWith('terminated')) this.watchings.delete(watching.callId);
    }
    this.#keep(request, writeAnswer(request, watching === undefined ? 481 : 200, this.#tag), connection);
  }

  #keep(request: SipWords, answer: string, connection: Connection | undefined): void {
    this.#replies.set(request.branch, answer);
    this.#reply(answer, connection);
  }

  #reply(answer: string, connection: Connection | undefined): void {
    this.#send(answer, connection);
  }

  #send(text: string, connection: Connection | undefined): void {
    if (!this.isRunning) return;
    if (connection === undefined) this.#around.network.toServer(this, text);
    else if (connection.isOpen) connection.send(text);
  }
}
