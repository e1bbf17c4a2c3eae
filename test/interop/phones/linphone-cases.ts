/** Linphone's console client, driven by what a person would type into it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ChildProgram, pauseMs, waitUntil } from '../../processes/child-program.ts';
import {
  expectSame,
  expectThat,
  fetchAs,
  passwordOf,
  patienceMs,
  startPhone,
  type InteropCase,
  type InteropWorld,
} from '../interop-case.ts';

export const linphoneCases: readonly InteropCase[] = [
  {
    name: 'linphonec: registers and receives, first what was kept, then what is new',
    tool: 'linphonec',
    async play(world) {
      const tom = await startPhone(world, 'tom');
      expectSame('answer while she is away', (await tom.sendMessage('mary@localhost', 'kept for you')).status, 202);
      const mary = await startLinphone(world, 'mary');
      await mary.waitForOutput(/Message received from sip:tom@localhost: kept for you/, patienceMs);
      expectSame('answer while she is there', (await tom.sendMessage('mary@localhost', 'fresh')).status, 200);
      await mary.waitForOutput(/Message received from sip:tom@localhost: fresh/, patienceMs);
    },
  },
  {
    name: 'linphonec: sends, to somebody there and to somebody away',
    tool: 'linphonec',
    async play(world) {
      const tom = await startPhone(world, 'tom');
      await tom.register();
      const mary = await startLinphone(world, 'mary');
      mary.type('chat sip:tom@localhost hello from linphone');
      const got = await tom.nextMessage(patienceMs);
      expectSame('text', got.text, 'hello from linphone');
      expectSame('sender', got.from, 'mary@localhost');
      mary.type('chat sip:john@localhost until you come');
      await expectKept(world, 'mary', 'john');
      const john = await startPhone(world, 'john');
      await john.register();
      expectSame('text kept for john', (await john.nextMessage(patienceMs)).text, 'until you come');
    },
  },
];

/** Resolves when the server has a message that waits for him. */
async function expectKept(world: InteropWorld, from: string, to: string): Promise<void> {
  let sent = '';
  await waitUntil(async () => {
    sent = await fetchAs(world, from, `/v1/messages?to=${to}@localhost`);
    return sent.includes('"state":"waiting"');
  }, patienceMs);
  expectThat(sent.includes('"state":"waiting"'), `nothing waits for ${to}: ${sent}`);
}

/** Resolves when it says that it is registered. */
async function startLinphone(world: InteropWorld, user: string): Promise<ChildProgram> {
  const home = join(world.folder, 'linphone');
  const file = join(home, 'linphonerc');
  // Its message database lives here and it does not make the folder.
  mkdirSync(join(home, '.local', 'share', 'linphone'), { recursive: true });
  writeFileSync(file, configuration(world, user, await world.freePort()));
  const program = world.start('linphonec', ['-c', file], {
    cwd: home,
    env: { HOME: home, XDG_DATA_HOME: join(home, '.local', 'share') },
  });
  world.closeLater(() => stopLinphone(program));
  await program.waitForOutput(/linphonec>/, patienceMs);
  const asking = setInterval(() => program.type('status register'), 250);
  try {
    await program.waitForOutput(/registered, identity=/, patienceMs);
  } finally {
    clearInterval(asking);
  }
  return program;
}

async function stopLinphone(program: ChildProgram): Promise<void> {
  program.type('quit');
  await Promise.race([program.ended, pauseMs(10_000)]);
  await program.stop();
}

function configuration(world: InteropWorld, user: string, sipPort: number): string {
  const server = `sip:${world.server.host}:${world.server.port};transport=udp`;
  return [
    '[sip]',
    `sip_port=${sipPort}`,
    'sip_tcp_port=0',
    'sip_tls_port=0',
    'default_proxy=0',
    'register_only_when_network_is_up=0',
    '[proxy_0]',
    `reg_proxy=<${server}>`,
    `reg_route=<${server};lr>`,
    `reg_identity=sip:${user}@localhost`,
    'reg_expires=600',
    'reg_sendregister=1',
    'publish=0',
    '[auth_info_0]',
    `username=${user}`,
    `passwd=${passwordOf(user)}`,
    'realm=localhost',
    'domain=localhost',
    '[video]',
    'enabled=0',
    '',
  ].join('\n');
}
