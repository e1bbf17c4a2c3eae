/** baresip without sound, driven through its ctrl_tcp module: JSON commands in netstrings. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ChildProgram, waitUntil } from '../../processes/child-program.ts';
import { ControlLine } from './control-line.ts';
import {
  expectSame,
  expectThat,
  passwordOf,
  patienceMs,
  startPhone,
  type InteropCase,
  type InteropWorld,
} from '../interop-case.ts';

const secureCase: InteropCase = {
  name: 'baresip: over TLS, with the certificate checked, registers, sends and receives',
  tool: 'baresip',
  isSecure: true,
  async play(world) {
    const tom = await startPhone(world, 'tom');
    await tom.register();
    const mary = await startBaresip(world, 'mary');
    expectSame('answer', (await tom.sendMessage('mary@localhost', 'over TLS')).status, 200);
    await mary.program.waitForOutput(/sip:tom@localhost: "over TLS"/, patienceMs);
    await mary.command('message', 'TLS from baresip');
    expectSame('text', (await tom.nextMessage(patienceMs)).text, 'TLS from baresip');
  },
};

export const baresipCases: readonly InteropCase[] = [
  {
    name: 'baresip: registers and receives, first what was kept, then what is new',
    tool: 'baresip',
    async play(world) {
      const tom = await startPhone(world, 'tom');
      expectSame('answer while she is away', (await tom.sendMessage('mary@localhost', 'kept for you')).status, 202);
      const mary = await startBaresip(world, 'mary');
      await mary.program.waitForOutput(/sip:tom@localhost: "kept for you"/, patienceMs);
      expectSame('answer while she is there', (await tom.sendMessage('mary@localhost', 'fresh')).status, 200);
      await mary.program.waitForOutput(/sip:tom@localhost: "fresh"/, patienceMs);
    },
  },
  {
    name: 'baresip: sends',
    tool: 'baresip',
    async play(world) {
      const tom = await startPhone(world, 'tom');
      await tom.register();
      const mary = await startBaresip(world, 'mary');
      await mary.command('message', 'hello from baresip');
      const got = await tom.nextMessage(patienceMs);
      expectSame('text', got.text, 'hello from baresip');
      expectSame('sender', got.from, 'mary@localhost');
    },
  },
  {
    name: 'baresip: takes only text/plain, gets other text converted',
    tool: 'baresip',
    async play(world) {
      const tom = await startPhone(world, 'tom');
      const mary = await startBaresip(world, 'mary');
      const body = [
        'From: <im:tom@localhost>',
        'To: <im:mary@localhost>',
        'DateTime: 2026-11-21T09:00:00Z',
        '',
        'Content-Type: text/plain;charset=utf-8',
        '',
        'wrapped in CPIM',
      ].join('\r\n');
      const answer = await tom.sendMessage('mary@localhost', { contentType: 'message/cpim', body });
      expectThat(answer.status === 200 || answer.status === 202, `answer ${answer.startLine}`);
      await mary.program.waitForOutput(/sip:tom@localhost: "wrapped in CPIM"/, patienceMs);
    },
  },
  {
    name: 'baresip: is told in message summaries what waits',
    tool: 'baresip',
    // It knows no other style than push; what waits for a publication is not pushed.
    serverFlags: ['--deliver-on', 'publish', '--notify-pace', '1'],
    async play(world) {
      const tom = await startPhone(world, 'tom');
      const mary = await startBaresip(world, 'mary', ['mwi.so']);
      const told = await mary.events();
      const about = { headers: { Subject: 'lunch' } };
      expectSame('answer', (await tom.sendMessage('mary@localhost', 'for later', about)).status, 202);
      const wanted = /MWI_NOTIFY.*Messages-Waiting: yes.*Text-Message: 1\\?\/0.*Subject: lunch/s;
      await waitUntil(() => wanted.test(told()), patienceMs);
      expectThat(wanted.test(told()), `no summary came; its events:\n${told()}`);
    },
  },
  secureCase,
];

export interface Baresip {
  readonly program: ChildProgram;
  /** A word of baresip's menu and what stands behind it. */
  command(command: string, params: string): Promise<void>;
  /** Resolves when it reports at its control port; the function answers what it has reported since. */
  events(): Promise<() => string>;
}

/** Resolves when it says that it is registered. It has one contact, which is whom `message` reaches. */
export async function startBaresip(
  world: InteropWorld,
  user: string,
  modules: readonly string[] = [],
  contact = 'tom',
): Promise<Baresip> {
  const folder = join(world.folder, 'baresip');
  const controlPort = await world.freePort();
  const { host, port } = world.sips ?? world.server;
  const transport = world.sips === undefined ? '' : ';transport=tls';
  const account = [
    `<sip:${user}@localhost>`,
    `auth_user=${user}`,
    `auth_pass=${passwordOf(user)}`,
    `outbound="sip:${host}:${port}${transport}"`,
    'regint=600',
    ...(modules.includes('mwi.so') ? ['mwi=yes'] : []),
  ];
  mkdirSync(folder);
  writeFileSync(join(folder, 'config'), configuration(controlPort, modules, world.sips?.caFile));
  writeFileSync(join(folder, 'accounts'), `${account.join(';')}\n`);
  writeFileSync(join(folder, 'contacts'), `"${contact}" <sip:${contact}@localhost>\n`);
  const program = world.start('baresip', ['-f', folder]);
  await program.waitForOutput(/200 OK .*\[\d+ bindings?\]/, patienceMs);
  return {
    program,
    async command(command, params) {
      const line = new ControlLine(controlPort);
      await line.command(command, params).finally(() => line.close());
    },
    async events() {
      const line = new ControlLine(controlPort);
      world.closeLater(() => line.close());
      world.showIfFailed(`events of ${user}'s baresip`, () => line.said);
      // It has taken the connection when it answers over it; what happened before is not reported.
      await line.command('reginfo');
      return () => line.said;
    },
  };
}

function configuration(controlPort: number, modules: readonly string[], caFile: string | undefined): string {
  return [
    ...(caFile === undefined ? [] : [`sip_cafile ${caFile}`, 'sip_verify_server yes']),
    'sip_listen 127.0.0.1:0',
    'module_path /usr/lib/baresip/modules',
    // Received messages are printed by the user interface.
    'module stdio.so',
    'module_app account.so',
    'module_app menu.so',
    'module_app contact.so',
    'module_app ctrl_tcp.so',
    ...modules.map((name) => `module_app ${name}`),
    `ctrl_tcp_listen 127.0.0.1:${controlPort}`,
    '',
  ].join('\n');
}
