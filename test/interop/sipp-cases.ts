/**
 * sipp (Debian: sip-tester) with scenarios of our own: each run is one person doing one thing. They send nothing again for long:
 * a second challenge, which a request that comes again before its credentials gets, is none that sipp expects.
 */
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitUntil } from '../processes/child-program.ts';
import { expectSame, expectThat, passwordOf, patienceMs, type InteropCase, type InteropWorld } from './interop-case.ts';

export const sippCases: readonly InteropCase[] = [
  {
    name: 'sipp: REGISTER with digest',
    tool: 'sipp',
    async play(world) {
      const mary = await registeredSipp(world, 'mary');
      await mary.leave();
    },
  },
  {
    name: 'sipp: a MESSAGE to somebody away gets 202 and arrives when they register',
    tool: 'sipp',
    async play(world) {
      await startSipp(world, { scenario: 'message-stored', user: 'tom', to: 'mary', text: 'see you at eight' }).over;
      const mary = await registeredSipp(world, 'mary');
      await mary.received('see you at eight');
      const received = await mary.leave();
      expectThat(/^Deferred-Message: /m.test(received), 'the message is not marked as deferred');
    },
  },
  {
    name: 'sipp: a MESSAGE is relayed and the 200 of the client comes back',
    tool: 'sipp',
    async play(world) {
      const mary = await registeredSipp(world, 'mary');
      await startSipp(world, { scenario: 'message-relayed', user: 'tom', to: 'mary', text: 'are you there' }).over;
      expectReceived(await mary.leave(), 'are you there');
    },
  },
  {
    name: 'sipp: a held MESSAGE is released by a PUBLISH',
    tool: 'sipp',
    async play(world) {
      const when = 'availability is available';
      const mary = await registeredSipp(world, 'mary');
      await startSipp(world, { scenario: 'publish', user: 'mary', availability: 'not-available' }).over;
      const held = startSipp(world, { scenario: 'message-held', user: 'tom', to: 'mary', text: 'call me', when });
      const answers = await held.over;
      expectThat(/^Deferred-Message: \S+;state=held/m.test(answers), `the 202 does not say held:\n${answers}`);
      expectThat(!mary.messages().includes('call me'), 'the message was not held');
      await startSipp(world, { scenario: 'publish', user: 'mary', availability: 'available' }).over;
      await mary.received('call me');
      const received = await mary.leave();
      expectThat(!received.includes(when), 'the recipient saw the condition');
    },
  },
  {
    name: 'sipp: one MESSAGE to several, on a condition that holds for one of them',
    tool: 'sipp',
    async play(world) {
      const [when, text] = ['availability is available', 'dinner at eight'];
      const mary = await registeredSipp(world, 'mary');
      const john = await registeredSipp(world, 'john');
      await startSipp(world, { scenario: 'publish', user: 'mary', availability: 'not-available' }).over;
      await startSipp(world, { scenario: 'publish', user: 'john', availability: 'available' }).over;
      const sent = await startSipp(world, { scenario: 'message-to-list', user: 'tom', to: 'list', text, when }).over;
      const warning = 'not sent to sip:nobody@localhost (no such recipient)';
      expectThat(sent.includes(`"${warning}"`), `the 202 does not say who gets none:\n${sent}`);
      await john.received(text);
      expectThat(!mary.messages().includes(text), 'the copy of mary was not held');
      await startSipp(world, { scenario: 'publish', user: 'mary', availability: 'available' }).over;
      await mary.received(text);
      for (const received of [await mary.leave(), await john.leave()]) {
        expectThat(!received.includes(when), 'a recipient saw the condition');
        expectThat(!received.includes('resource-lists'), 'a recipient saw the list');
      }
    },
  },
  {
    name: 'sipp: a notify contact is sent nothing and told in a message summary what waits',
    tool: 'sipp',
    async play(world) {
      await startSipp(world, { scenario: 'message-stored', user: 'tom', to: 'mary', text: 'at noon' }).over;
      const mary = startSipp(world, { scenario: 'summary', user: 'mary' });
      const received = receivedOf(await mary.over);
      const summaries = received.filter((entry) => /^NOTIFY /m.test(entry));
      const [first = ''] = summaries;
      for (const line of ['Messages-Waiting: yes', 'Text-Message: 1/0', 'From: <sip:tom@localhost>']) {
        expectThat(first.includes(`\n${line}\n`), `no "${line}" in the summary:\n${first}`);
      }
      expectThat(!received.some((entry) => /^MESSAGE /m.test(entry)), 'a notify contact was sent a MESSAGE');
    },
  },
  {
    name: 'sipp: a subscription outlives kill -9, and the next NOTIFY comes within its dialog',
    tool: 'sipp',
    async play(world) {
      await startSipp(world, { scenario: 'publish', user: 'mary', availability: 'not-available' }).over;
      const tom = startSipp(world, { scenario: 'watch', user: 'tom', to: 'mary' });
      await notified(tom, 1);
      await world.restartServer();
      await startSipp(world, { scenario: 'publish', user: 'mary', availability: 'available' }).over;
      const notifies = notifiesOf(await tom.over);
      const [before = '', after = ''] = [notifies.at(0), notifies.at(-1)];
      for (const name of ['Call-ID', 'From', 'To', 'Event']) {
        expectSame(`${name} after the restart`, rowOf(after, name), rowOf(before, name));
      }
      expectThat(before.includes('>not-available<'), `the first does not tell what was so:\n${before}`);
      const numbers = notifies.map((notify) => parseInt(rowOf(notify, 'CSeq'), 10));
      const isRising = numbers.every((number, index) => index === 0 || number > Number(numbers[index - 1]));
      expectThat(isRising && numbers.length > 1, `CSeqs are not rising: ${numbers.join()}`);
      expectThat(/^active;expires=\d+$/.test(rowOf(after, 'Subscription-State')), `it is not active:\n${after}`);
    },
  },
  {
    name: 'sipp: the owner is told who asks to watch, and of the decision over HTTP',
    tool: 'sipp',
    serverFlags: ['--visible-by-default', 'none'],
    async play(world) {
      await startSipp(world, { scenario: 'publish', user: 'mary', availability: 'available' }).over;
      const mary = startSipp(world, { scenario: 'watch-watchers', user: 'mary' });
      await notified(mary, 1);
      const tom = startSipp(world, { scenario: 'watch', user: 'tom', to: 'mary' });
      await notified(tom, 1);
      await notified(mary, 2);
      expectSame('decision', await decide(world, 'tom', true), 200);
      const states = notifiesOf(await tom.over).map((notify) => rowOf(notify, 'Subscription-State').replace(/;.*/, ''));
      expectSame('what became of the watcher', states.join(), 'pending,active');
      expectThat(!notifiesOf(tom.messages())[0]?.includes('<presence'), 'who has to wait was told something');
      const [nobody = '', asking = '', approved = ''] = notifiesOf(await mary.over);
      expectThat(/ state="full"/.test(nobody) && !nobody.includes('<watcher '), `somebody watches:\n${nobody}`);
      expectWatcher(asking, 'status="pending" event="subscribe"');
      expectWatcher(approved, 'status="active" event="approved"');
      const versions = [nobody, asking, approved].map((notify) => / version="(\d+)"/.exec(notify)?.[1]);
      expectSame('versions', versions.join(), '0,1,2');
    },
  },
];

type Scenario =
  | 'register'
  | 'summary'
  | 'message-stored'
  | 'message-relayed'
  | 'message-held'
  | 'message-to-list'
  | 'publish'
  | 'watch'
  | 'watch-watchers'
  | 'invite-audio'
  | 'invite-away'
  | 'invite-cancelled'
  | 'invite-large';

export interface SippRun {
  readonly scenario: Scenario;
  readonly user: string;
  readonly to?: string;
  readonly text?: string;
  readonly when?: string;
  readonly availability?: string;
}

export interface RunningSipp {
  /** Every message sent and received so far, as sipp logs them. */
  messages(): string;
  /** The same when it is over; rejects when the scenario did not come true. */
  readonly over: Promise<string>;
}

/** A phone that takes every MESSAGE until it is told to leave. */
export interface RegisteredSipp extends RunningSipp {
  /** Resolves when a MESSAGE with this text has come. */
  received(text: string): Promise<void>;
  /** It takes its contact back and ends; every message sent and received. */
  leave(): Promise<string>;
}

export function startSipp(world: InteropWorld, run: SippRun): RunningSipp {
  const { scenario, ...keys } = run;
  runs += 1;
  const log = join(world.folder, `sipp-${runs}.log`);
  const messages = (): string => readLog(log);
  const words = ['-sf', scenarioPath(scenario), '-m', '1', '-nostdin', '-i', '127.0.0.1'];
  words.push('-au', run.user, '-ap', passwordOf(run.user), '-auth_uri', authenticationUri(run));
  words.push('-trace_msg', '-message_file', log, '-timeout', String(patienceMs / 1000), '-timeout_error');
  for (const [key, value] of Object.entries(keys)) words.push('-key', key, value);
  if (scenario === 'register') words.push('-oocsf', scenarioPath('answer'));
  const over = world.freePort().then(async (port) => {
    const server = `${world.server.host}:${world.server.port}`;
    const child = world.start('sipp', [...words, '-p', String(port), server], { cwd: world.folder });
    const code = await child.ended;
    if (code === 0) return messages();
    throw new Error(`sipp ${scenario} of ${run.user} ended with ${code}; messages:\n${messages().slice(-3000)}`);
  });
  world.showIfFailed(`sipp ${scenario} of ${run.user}`, messages);
  // Whoever looks at `over` later still sees the fault; until then it is nobody's unhandled rejection.
  over.catch(() => undefined);
  return { messages, over };
}

let runs = 0;

/** Resolves when it is registered. */
export async function registeredSipp(world: InteropWorld, user: string): Promise<RegisteredSipp> {
  const running = startSipp(world, { scenario: 'register', user });
  const { messages } = running;
  await waitUntil(() => /^SIP\/2\.0 200 /m.test(messages()), patienceMs);
  expectThat(/^SIP\/2\.0 200 /m.test(messages()), `${user} is not registered:\n${messages()}`);
  return {
    ...running,
    async received(text) {
      await waitUntil(() => hasReceived(messages(), text), patienceMs);
      expectReceived(messages(), text);
    },
    leave() {
      tellToLeave(messages());
      return running.over;
    },
  };
}

/** sipp waits for nothing but a request of its own call or a time; so it is sent one. */
function tellToLeave(log: string): void {
  const port = Number(/^Contact: <sip:\w+@127\.0\.0\.1:(\d+)>/m.exec(log)?.[1]);
  const rows = [
    'INFO sip:127.0.0.1 SIP/2.0',
    'Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKleave',
    'From: <sip:case@localhost>;tag=1',
    'To: <sip:case@localhost>',
    `Call-ID: ${rowOf(log, 'Call-ID')}`,
    'CSeq: 1 INFO',
    'Content-Length: 0',
    '',
    '',
  ];
  const socket = createSocket('udp4');
  socket.send(rows.join('\r\n'), port, '127.0.0.1', () => socket.close());
}

/** sipp writes its own address into `uri` of the credentials unless told; clients write the Request-URI. */
function authenticationUri(run: SippRun): string {
  if (run.scenario === 'register') return 'localhost';
  return `${run.to ?? run.user}@localhost`;
}

function scenarioPath(name: string): string {
  return fileURLToPath(new URL(`sipp/${name}.xml`, import.meta.url));
}

function readLog(path: string): string {
  try {
    return readFileSync(path, 'utf8').replaceAll('\r', '');
  } catch {
    return '';
  }
}

/** Each once: what is not answered within half a second comes again. */
function receivedOf(log: string): string[] {
  return [...new Set(log.split(/^-{10,}.*$/m).filter((entry) => /message received/.test(entry)))];
}

function notifiesOf(log: string): string[] {
  return receivedOf(log).filter((entry) => /^NOTIFY /m.test(entry));
}

async function notified(running: RunningSipp, times: number): Promise<void> {
  const isSo = (): boolean => notifiesOf(running.messages()).length >= times;
  await waitUntil(isSo, patienceMs);
  expectThat(isSo(), `fewer than ${times} NOTIFYs came:\n${running.messages()}`);
}

function rowOf(message: string, name: string): string {
  return new RegExp(`^${name}: (.*)$`, 'm').exec(message)?.[1] ?? '';
}

function expectWatcher(notify: string, standing: string): void {
  const isSo = new RegExp(`<watcher [^>]*${standing}[^>]*>sip:tom@localhost<`).test(notify);
  expectThat(isSo, `no watcher is ${standing}:\n${notify}`);
}

/** The owner's answer to who asks to watch; the status of it. */
async function decide(world: InteropWorld, who: string, allow: boolean): Promise<number> {
  const answer = await fetch(`${world.http}/v1/rules/requests/${who}@localhost`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`mary@localhost:${passwordOf('mary')}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ allow }),
  });
  return answer.status;
}

export function expectReceived(log: string, text: string): void {
  expectThat(hasReceived(log, text), `no MESSAGE with "${text}" came:\n${log}`);
}

export function hasReceived(log: string, text: string): boolean {
  return receivedOf(log).some((entry) => /^MESSAGE /m.test(entry) && entry.includes(text));
}
