/** sipsak: a message written by hand (its own message mode, -M, crashes in Debian 12), OPTIONS, and a registration. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SipUserAgent } from '../../src/cli/demo/user-agent/sip-user-agent.ts';
import {
  expectSame,
  expectThat,
  passwordOf,
  patienceMs,
  startPhone,
  type InteropCase,
  type InteropWorld,
} from './interop-case.ts';

export const sipsakCases: readonly InteropCase[] = [
  {
    name: 'sipsak: OPTIONS',
    tool: 'sipsak',
    async play(world) {
      // Not the server's address: sipsak 0.9.8.1 loses the last digit of a port with five.
      const printed = await sipsak(world, ['-vv', '-s', 'sip:localhost']);
      expectThat(
        /^Supported:.*\bdeliver-when\b/im.test(printed),
        `no deliver-when among what is supported:\n${printed}`,
      );
    },
  },
  {
    name: 'sipsak: a registration with digest, and its removal',
    tool: 'sipsak',
    async play(world) {
      const contact = `sip:john@127.0.0.1:${await world.freePort()}`;
      const register = (seconds: number, uri: string): Promise<string> =>
        sipsak(world, ['-vv', '-U', '-i', '-C', uri, '-x', String(seconds), '-s', 'sip:john@localhost', ...as('john')]);
      await register(600, contact);
      const john = await startPhone(world, 'john');
      expectThat((await bindings(john)).includes(contact), 'the binding is not in the registrar');
      await register(0, contact);
      expectThat(!(await bindings(john)).includes(contact), 'the binding is still in the registrar');
    },
  },
  {
    name: 'sipsak: a held message from a file',
    tool: 'sipsak',
    async play(world) {
      const mary = await startPhone(world, 'mary');
      expectSame('REGISTER', (await mary.register()).status, 200);
      expectSame('PUBLISH', (await mary.publish({ availability: 'not-available' })).status, 200);
      const file = join(world.folder, 'held.sip');
      writeFileSync(file, heldMessage);
      const printed = await sipsak(world, ['-vvv', '-f', file, '-s', 'sip:mary@localhost', ...as('tom')]);
      expectThat(/^Deferred-Message: \S+;state=held/m.test(printed), `no 202 that says held:\n${printed}`);
      expectSame('messages before she is available', mary.messages.length, 0);
      await mary.publish({ availability: 'available' });
      const got = await mary.nextMessage(patienceMs);
      expectSame('text', got.text.trim(), 'written by hand');
      expectThat(got.request.header('Deliver-When') === undefined, 'the recipient saw the condition');
    },
  },
];

const heldMessage = [
  'MESSAGE sip:mary@localhost SIP/2.0',
  'From: <sip:tom@localhost>;tag=byhand1',
  'To: <sip:mary@localhost>',
  'Call-ID: written-by-hand-1',
  'CSeq: 1 MESSAGE',
  'Max-Forwards: 70',
  'Deliver-When: availability is available',
  'Content-Type: text/plain',
  'Content-Length: 17',
  '',
  'written by hand',
  '',
].join('\r\n');

function as(user: string): string[] {
  return ['-u', user, '-a', passwordOf(user)];
}

async function bindings(phone: SipUserAgent): Promise<string> {
  const answer = await phone.request('REGISTER', 'sip:localhost', { to: `sip:${phone.address}` });
  return answer.headerValues('Contact').join(', ');
}

/**
 * Everything printed; rejects when sipsak was not content. `-p` is where the packets go. What it sends again it takes the
 * second answer to for a refusal of its credentials, so it waits for a minute before that.
 */
async function sipsak(world: InteropWorld, words: readonly string[]): Promise<string> {
  const always = ['-Z', String(patienceMs), '-p', `${world.server.host}:${world.server.port}`];
  const child = world.start('sipsak', [...words, ...always]);
  const code = await child.ended;
  if (code !== 0) throw new Error(`sipsak ended with ${code}; it printed:\n${child.output.slice(-3000)}`);
  return child.output.replaceAll('\r', '');
}
