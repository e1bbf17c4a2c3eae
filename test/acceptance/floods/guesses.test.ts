/** Passwords that are guessed: few are looked at, all are counted, and the owner goes on (docs/operations.md, sign-in). */
import { createSocket, type Socket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import { answerChallenge, chooseChallenge } from '../../../src/cli/demo/user-agent/digest-answer.ts';
import { formatSipText, parseSipText, type SipText } from '../../../src/cli/demo/user-agent/sip-text.ts';
import { waitUntil } from '../../processes/child-program.ts';
import { openStage, type Stage } from '../stage.ts';
import { metric } from './crowd.ts';

/** `failuresPerPairMax` and `failuresPerSourceMax`. */
const perPair = 10;
const perSource = 200;
const wrong = 'restante_sip_challenges_total{why="wrong-credentials"}';
const tooMany = 'restante_sip_challenges_total{why="too-many-attempts"}';
const patienceMs = 60_000;

let stage: Stage | undefined;
let guesser: Guesser | undefined;
afterEach(async () => {
  guesser?.close();
  await stage?.close();
  [stage, guesser] = [undefined, undefined];
});

/** Somebody at another address of loopback who tries passwords over UDP. */
class Guesser {
  readonly #socket: Socket = createSocket('udp4');
  readonly #answers = new Map<string, (answer: SipText) => void>();
  readonly #stage: Stage;
  #count = 0;

  constructor(on: Stage) {
    this.#stage = on;
    this.#socket.on('message', (bytes) => {
      const answer = parseSipText(bytes);
      this.#answers.get(answer?.branch ?? '')?.(answer as SipText);
    });
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => {
      this.#socket.bind(0, '127.0.0.2', () => resolve());
    });
    return this;
  }

  async challenge(user: string): Promise<SipText> {
    return this.#register(user, []);
  }

  /** The status that a REGISTER with this password gets, for a challenge that was given before. */
  async guess(user: string, password: string, asked: SipText): Promise<number> {
    const challenge = chooseChallenge(asked.headerValues('WWW-Authenticate'));
    if (challenge === undefined) throw new Error('no challenge');
    const uri = 'sip:localhost';
    const value = answerChallenge(challenge, { user, password }, { method: 'REGISTER', uri }, (this.#count += 1));
    return (await this.#register(user, [['Authorization', value]])).status;
  }

  close(): void {
    this.#socket.close();
  }

  #register(user: string, more: readonly (readonly [string, string])[]): Promise<SipText> {
    const { port } = this.#socket.address();
    const branch = `z9hG4bKguess${(this.#count += 1)}`;
    const bytes = formatSipText(
      'REGISTER sip:localhost SIP/2.0',
      [
        ['Via', `SIP/2.0/UDP 127.0.0.2:${port};branch=${branch}`],
        ['Max-Forwards', '70'],
        ['From', `<sip:${user}@localhost>;tag=1`],
        ['To', `<sip:${user}@localhost>`],
        ['Call-ID', branch],
        ['CSeq', '1 REGISTER'],
        ...more,
      ],
      Buffer.alloc(0),
    );
    const { host, port: serverPort } = this.#stage.server.sip;
    return new Promise((resolve) => {
      const again = setInterval(() => this.#socket.send(bytes, serverPort, host), 500);
      this.#answers.set(branch, (answer) => {
        clearInterval(again);
        resolve(answer);
      });
      this.#socket.send(bytes, serverPort, host);
    });
  }
}

describe('somebody who guesses', { timeout: 180_000 }, () => {
  it('a password with 64 requests at once has ten looked at, and then not even the right one', async () => {
    stage = await openStage();
    const { server } = stage;
    guesser = await new Guesser(stage).open();
    const by = guesser;
    const asked = await by.challenge('tom');
    const statuses = await Promise.all(
      Array.from({ length: 64 }, (_, number) => by.guess('tom', `guess ${number}`, asked)),
    );
    expect(new Set(statuses)).toEqual(new Set([401]));
    expect(await metric(server, wrong)).toBe(perPair);
    expect(await metric(server, tooMany)).toBe(64 - perPair);
    expect(await by.guess('tom', 'tom-secret', await by.challenge('tom'))).toBe(401);
    expect(await metric(server, tooMany)).toBe(65 - perPair);
    // The owner, elsewhere, notices nothing.
    const tom = await stage.phone('tom');
    expect((await tom.register()).status).toBe(200);
  });

  it('passwords of many names has two hundred looked at', async () => {
    stage = await openStage();
    const { server } = stage;
    guesser = await new Guesser(stage).open();
    const by = guesser;
    const asked = await by.challenge('tom');
    const names = Array.from({ length: perSource + 100 }, (_, number) => `nobody${number}`);
    const statuses = await Promise.all(names.map((name) => by.guess(name, 'secret', asked)));
    expect(new Set(statuses)).toEqual(new Set([401]));
    await waitUntil(async () => (await metric(server, tooMany)) >= 100, patienceMs);
    expect(await metric(server, wrong)).toBe(perSource);
    expect(await metric(server, tooMany)).toBe(100);
    expect(await by.guess('mary', 'mary-secret', await by.challenge('mary'))).toBe(401);
    const mary = await stage.phone('mary');
    expect((await mary.register()).status).toBe(200);
  });
});
