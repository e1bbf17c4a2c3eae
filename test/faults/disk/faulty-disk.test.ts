/**
 * A disk that is full, turns read-only, breaks or is slow while the server runs (contract section 5, "the store cannot commit"):
 * senders are told, nothing that was accepted is lost, what is relayed goes on, and it is over when it is over.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { ChildProgram, waitUntil } from '../../processes/child-program.ts';
import { freePort } from '../../processes/free-port.ts';
import { sourceProgram } from '../../processes/server-process.ts';
import { findMissing, findShownTwice, fireVolley } from '../fault-scene.ts';
import { type DiskMode, type DiskScene, hasCompiler, makeDisk, openDiskScene } from './disk-scene.ts';

const title = hasCompiler ? '' : ' (left out: there is no C compiler on this machine)';
const mary = 'mary@localhost';
const patienceMs = 60_000;
const t1Ms = 500;
let scene: DiskScene | undefined;

afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

const faults: readonly DiskMode[] = ['full', 'read-only', 'broken'];

describe.skipIf(!hasCompiler)(`a faulty disk${title}`, { timeout: 300_000 }, () => {
  it.each(faults)('that is %s is told to senders, loses nothing, and is over when it is over', async (mode) => {
    scene = await openDiskScene('--settle', '0');
    const tom = await scene.phone('tom', { t1Ms });
    const before = await fireVolley(tom, mary, { count: 40, inFlight: 8, text: 'before' });
    expect([...before.statuses]).toEqual([[202, 40]]);

    scene.disk.become(mode);
    const refused = await tom.sendMessage(mary, 'while it is faulty');
    expect([refused.status, refused.header('Retry-After')]).toEqual([503, expect.stringMatching(/^\d+$/)]);
    const during = await fireVolley(tom, mary, { count: 20, inFlight: 8, text: 'during' });
    expect([...during.statuses]).toEqual([[503, 20]]);
    const publisher = await scene.phone('peter', { t1Ms });
    expect((await publisher.publish({ mood: 'happy' })).status).toBe(503);
    expect((await publisher.register()).status).toBe(503);

    scene.disk.become('healthy');
    await waitUntil(async () => (await tom.sendMessage(mary, 'it goes again')).status === 202, patienceMs);
    expect((await publisher.register()).status).toBe(200);
    const after = await fireVolley(tom, mary, { count: 20, inFlight: 8, text: 'after' });
    expect([...after.statuses]).toEqual([[202, 20]]);
    // Killed, so that what is there is what was durable.
    await scene.server.kill();
    await scene.server.start();
    const phone = await scene.phone('mary', { t1Ms });
    await phone.register();
    expect(await findMissing(new Set([...before.accepted, ...after.accepted]), patienceMs, phone)).toEqual([]);
    expect(phone.messages.filter(({ text }) => /^(?:during|while)/.test(text))).toEqual([]);
    expect(findShownTwice(phone)).toEqual([]);
  });

  it.each(faults)('that is %s relays, and delivers again what it could not close', async (mode) => {
    scene = await openDiskScene('--settle', '0');
    const tom = await scene.phone('tom', { t1Ms });
    const { accepted } = await fireVolley(tom, mary, { count: 5, inFlight: 1, text: 'kept' });
    const phone = await scene.phone('mary', { t1Ms });
    const other = await scene.phone('peter', { t1Ms });
    await other.register();
    phone.answer('MESSAGE', () => {
      scene?.disk.become(mode);
      return 200;
    });
    await phone.register();
    await waitUntil(() => phone.messages.length > 0, patienceMs);
    expect((await tom.sendMessage('peter@localhost', 'relayed')).status).toBe(200);
    await scene.server.kill();
    scene.disk.become('healthy');
    phone.answer('MESSAGE', 200);
    await scene.server.start();
    await phone.register();
    expect(await findMissing(accepted, patienceMs, phone)).toEqual([]);
    expect(findShownTwice(phone)).toEqual([]);
    const { server } = scene;
    await waitUntil(async () => (await server.command('queue')) === 'nothing\n', patienceMs);
    expect(await server.command('queue')).toBe('nothing\n');
  });

  it('that is slow holds up nobody who does not need it', async () => {
    scene = await openDiskScene('--settle', '0');
    const [tom, peter] = [await scene.phone('tom', { t1Ms }), await scene.phone('peter', { t1Ms })];
    await peter.register();
    // Its nonce is known from here on.
    expect((await tom.sendMessage('peter@localhost', 'first')).status).toBe(200);
    scene.disk.become('slow-3000');
    const order: string[] = [];
    const stored = tom.sendMessage(mary, 'stored').then(({ status }) => order.push(`stored ${status}`));
    for (let count = 0; count < 20; count += 1) {
      order.push(`relayed ${(await tom.sendMessage('peter@localhost', `relayed ${count}`)).status}`);
    }
    await stored;
    scene.disk.become('healthy');
    // Not one waited for the commit, whose answer came last.
    expect(order).toEqual([...Array.from({ length: 20 }, () => 'relayed 200'), 'stored 202']);
  });

  it('that is slow keeps what many send at once in few commits', async () => {
    scene = await openDiskScene('--settle', '0');
    const tom = await scene.phone('tom', { t1Ms });
    expect((await tom.sendMessage(mary, 'first')).status).toBe(202);
    scene.disk.become('slow-200');
    const { accepted, statuses } = await fireVolley(tom, mary, { count: 200, inFlight: 50, text: 'kept' });
    scene.disk.become('healthy');
    expect([...statuses]).toEqual([[202, 200]]);
    await scene.server.kill();
    await scene.server.start();
    const phone = await scene.phone('mary', { t1Ms });
    await phone.register();
    expect(await findMissing(accepted, patienceMs, phone)).toEqual([]);
    expect(findShownTwice(phone)).toEqual([]);
  });

  it.each(faults)('that is %s from the start is one clear line', async (mode) => {
    const disk = makeDisk();
    const data = mkdtempSync(join(tmpdir(), 'restante-fault-'));
    disk.become(mode);
    const addresses = ['--sip', `127.0.0.1:${await freePort()}`, '--http', `127.0.0.1:${await freePort()}`];
    const words = [fileURLToPath(sourceProgram), 'serve', '--data', data, ...addresses, '--msrp', '127.0.0.1:0'];
    const child = new ChildProgram(process.execPath, words, { env: disk.env });
    expect(await child.ended).toBe(2);
    expect(child.output).toMatch(/^restante: [^\n]+\n$/);
    expect(child.output).toContain(data);
    rmSync(data, { recursive: true });
    disk.remove();
  });
});
