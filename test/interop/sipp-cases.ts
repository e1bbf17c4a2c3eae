/** sipp (Debian: sip-tester) with scenarios of our own: each run is one person doing one thing. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ChildProgram, waitUntil } from '../processes/child-program.ts';
import { expectSame, expectThat, passwordOf, type InteropCase, type InteropWorld } from './interop-case.ts';

export const sippCases: readonly InteropCase[] = [
  {
    name: 'sipp: REGISTER with digest',
    tool: 'sipp',
    async play(world) {
      await startSipp(world, { scenario: 'register', user: 'mary' }).over;
    },
  },
  {
    name: 'sipp: a MESSAGE to somebody away gets 202 and arrives when they register',
    tool: 'sipp',
    async play(world) {
      await startSipp(world, { scenario: 'message-stored', user: 'tom', to: 'mary', text: 'see you at eight' }).over;
      const received = await startSipp(world, { scenario: 'register', user: 'mary', stayMs: 2000 }).over;
      expectReceived(received, 'see you at eight');
      expectThat(/^Deferred-Message: /m.test(received), 'the message is not marked as deferred');
    },
  },
  {
    name: 'sipp: a MESSAGE is relayed and the 200 of the client comes back',
    tool: 'sipp',
    async play(world) {
      const mary = await registeredSipp(world, 'mary', 2500);
      await startSipp(world, { scenario: 'message-relayed', user: 'tom', to: 'mary', text: 'are you there' }).over;
      expectReceived(await mary.over, 'are you there');
    },
  },
  {
    name: 'sipp: a held MESSAGE is released by a PUBLISH',
    tool: 'sipp',
    async play(world) {
      const when = 'availability is available';
      const mary = await registeredSipp(world, 'mary', 4000);
      await startSipp(world, { scenario: 'publish', user: 'mary', availability: 'not-available' }).over;
      const held = startSipp(world, { scenario: 'message-held', user: 'tom', to: 'mary', text: 'call me', when });
      const answers = await held.over;
      expectThat(/^Deferred-Message: \S+;state=held/m.test(answers), `the 202 does not say held:\n${answers}`);
      expectThat(!mary.messages().includes('call me'), 'the message was not held');
      await startSipp(world, { scenario: 'publish', user: 'mary', availability: 'available' }).over;
      const received = await mary.over;
      expectReceived(received, 'call me');
      expectThat(!received.includes(when), 'the recipient saw the condition');
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
  /** How long a registered user stays to take what comes. */
  readonly stayMs?: number;
}

export interface RunningSipp {
  /** Every message sent and received so far, as sipp logs them. */
  messages(): string;
  /** The same when it is over; rejects when the scenario did not come true. */
  readonly over: Promise<string>;
}

export function startSipp(world: InteropWorld, run: SippRun): RunningSipp {
  const { scenario, stayMs, ...keys } = run;
  runs += 1;
  const log = join(world.folder, `sipp-${runs}.log`);
  const messages = (): string => readLog(log);
  const words = ['-sf', scenarioPath(scenario), '-m', '1', '-nostdin', '-i', '127.0.0.1'];
  words.push('-au', run.user, '-ap', passwordOf(run.user), '-auth_uri', authenticationUri(run));
  words.push('-trace_msg', '-message_file', log, '-timeout', '30', '-timeout_error');
  for (const [key, value] of Object.entries(keys)) words.push('-key', key, value);
  if (stayMs !== undefined) words.push('-oocsf', scenarioPath('answer'), '-d', String(stayMs));
  const over = world.freePort().then(async (port) => {
    const server = `${world.server.host}:${world.server.port}`;
    const child = new ChildProgram('sipp', [...words, '-p', String(port), server], { cwd: world.folder });
    world.closeLater(() => child.stop());
    const code = await child.ended;
    if (code === 0) return messages();
    throw new Error(`sipp ${scenario} of ${run.user} ended with ${code}; messages:\n${messages().slice(-3000)}`);
  });
  // Whoever looks at `over` later still sees the fault; until then it is nobody's unhandled rejection.
  over.catch(() => undefined);
  return { messages, over };
}

let runs = 0;

export async function registeredSipp(world: InteropWorld, user: string, stayMs: number): Promise<RunningSipp> {
  const running = startSipp(world, { scenario: 'register', user, stayMs });
  await waitUntil(() => /^SIP\/2\.0 200 /m.test(running.messages()), 5000);
  expectThat(/^SIP\/2\.0 200 /m.test(running.messages()), `${user} is not registered:\n${running.messages()}`);
  return running;
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

function receivedOf(log: string): string[] {
  return log.split(/^-{10,}.*$/m).filter((entry) => /message received/.test(entry));
}

function notifiesOf(log: string): string[] {
  return receivedOf(log).filter((entry) => /^NOTIFY /m.test(entry));
}

async function notified(running: RunningSipp, times: number): Promise<void> {
  const isSo = (): boolean => notifiesOf(running.messages()).length >= times;
  await waitUntil(isSo, 15_000);
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
  expectThat(
    receivedOf(log).some((entry) => /^MESSAGE /m.test(entry) && entry.includes(text)),
    `no MESSAGE came:\n${log}`,
  );
}
