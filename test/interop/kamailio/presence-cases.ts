/** Kamailio as the presence server elsewhere (`--presence external`): people publish there, and the server watches. */
import { readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { SipUserAgent } from '../../../src/cli/demo/user-agent/sip-user-agent.ts';
import { pauseMs, waitUntil } from '../../processes/child-program.ts';
import { startServer } from '../../processes/server-process.ts';
import { expectSame, expectThat, passwordOf, patienceMs, startPhone, type InteropCase } from '../interop-case.ts';
import { startKamailio } from './kamailio-process.ts';

const password = 'im-secret';
const askAgainMs = 300;
/** The server asks one that was away, or that refused, again after half a minute at most, or after a pause that grows. */
const longMs = 2.5 * patienceMs;
const tables = ['standard', 'presence'].map((name) => `/usr/share/kamailio/db_sqlite/${name}-create.sql`);

export const kamailioPresenceCases: readonly InteropCase[] = [
  {
    name: 'kamailio as presence server: it asks for digest, a PUBLISH there releases what is held, also after its restart',
    tool: 'kamailio',
    async play(world) {
      const database = join(world.folder, 'presence.db');
      const tablesOf = new DatabaseSync(database);
      for (const table of tables) tablesOf.exec(readFileSync(table, 'utf8'));
      tablesOf.close();
      const definitions = (address: { host: string; port: number }) => ({
        PS_IP: address.host,
        PS_PORT: String(address.port),
        PS_URI: `"sip:${address.host}:${address.port}"`,
        PS_DB: `"sqlite:///${database}"`,
        PS_PASSWORD: `"${password}"`,
      });
      const kamailio = await startKamailio(world, { configuration: 'presence.cfg', definitions });
      const file = join(world.folder, 'restante.toml');
      writeFileSync(file, `presence-password = "${password}"\n`, { mode: 0o600 });
      const uri = `sip:${kamailio.address.host}:${kamailio.address.port}`;
      const flags = ['--config', file, '--presence', 'external', '--presence-server', uri];
      const server = await startServer({ dataFolder: join(world.folder, 'watcher'), flags });
      world.closeLater(() => server.stop());
      world.showIfFailed('the server that watches', () => server.lastWords());
      const near = { ...world, server: server.sip };
      const mary = await startPhone(near, 'mary');
      const tom = await startPhone(near, 'tom');
      const address = 'mary@localhost';
      const there = await SipUserAgent.start({ server: kamailio.address, address, password: passwordOf('mary') });
      world.closeLater(() => there.stop());
      expectSame('REGISTER', (await mary.register()).status, 200);
      for (const text of ['first', 'after a restart']) {
        await publishThere(there, 'not-available');
        const when = 'availability is available';
        // It has heard of it when a message that waits for that need not wait.
        let status = 0;
        await waitUntil(async () => {
          ({ status } = await tom.sendMessage(address, 'probe', waitingFor('availability is not-available')));
          // Those that wait nevertheless are all delivered first, so they should be few.
          if (status !== 200) await pauseMs(askAgainMs);
          return status === 200;
        }, longMs);
        expectSame('a message for who is not available', status, 200);
        expectSame('what is held', (await tom.sendMessage(address, text, waitingFor(when))).status, 202);
        expectThat(!mary.messages.some((message) => message.text === text), 'it was not held');
        if (text !== 'first') {
          await kamailio.program.stop();
          await startKamailio(
            { ...world, freePort: () => Promise.resolve(kamailio.address.port) },
            { configuration: 'presence.cfg', definitions },
          );
        }
        await publishThere(there, 'available');
        await waitUntil(() => mary.messages.some((message) => message.text === text), longMs);
        expectThat(
          mary.messages.some((message) => message.text === text),
          `"${text}" was not released`,
        );
      }
    },
  },
];

function waitingFor(condition: string): { headers: Record<string, string> } {
  return { headers: { 'Deliver-When': condition } };
}

/** Kamailio answers 500 where another of its processes has its SQLite file just then; a phone tries again. */
async function publishThere(phone: SipUserAgent, availability: string): Promise<void> {
  let status = 0;
  await waitUntil(async () => {
    ({ status } = await phone.publish({ availability }));
    return status !== 500;
  }, patienceMs);
  expectSame('PUBLISH', status, 200);
}
