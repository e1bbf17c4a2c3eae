/**
 * Large messages over HTTP on a server that is killed while it takes and while it gives them, and on a disk that fills up: what was
 * answered 2xx is there whole, of the rest nothing is left, and what is over is in no file.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../processes/child-program.ts';
import { type DiskScene, hasCompiler, openDiskScene } from './disk/disk-scene.ts';
import { type FaultScene, openScene, sceneMaxMs } from './fault-scene.ts';

const bytes = 1_500_000;
const patienceMs = 60_000;
let scene: FaultScene | DiskScene | undefined;

afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

function call(who: string, method: string, path: string, body?: Uint8Array): Promise<Response> {
  const authorization = `Basic ${Buffer.from(`${who}@localhost:${who}-secret`).toString('base64')}`;
  const type = body === undefined ? {} : { 'content-type': 'video/mp4', prefer: 'wait=0' };
  const headers = { authorization, ...type };
  return fetch(`${scene?.server.http ?? ''}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
}

/** All octets of a film are the same, and say which one it is. */
const film = (number: number): Uint8Array => new Uint8Array(bytes).fill(number);

/** The id; undefined where it was not accepted. */
async function send(number: number): Promise<string | undefined> {
  const answer = await call('tom', 'POST', '/v1/messages?to=mary@localhost', film(number)).catch(() => undefined);
  if (answer?.status !== 202) return undefined;
  return ((await answer.json()) as { id: string }).id;
}

async function filmOf(id: string): Promise<string> {
  const answer = await call('mary', 'GET', `/v1/inbox/${id}/content`);
  const octets = new Uint8Array(await answer.arrayBuffer());
  const isWhole = octets.length === bytes && octets.every((octet) => octet === octets[0]);
  return isWhole ? `film ${octets[0]}` : `${answer.status}, ${octets.length} octets`;
}

const blobsOf = ({ dataFolder }: FaultScene): string[] => readdirSync(join(dataFolder, 'blobs'));

async function inboxIds(): Promise<string[]> {
  const answer = await call('mary', 'GET', '/v1/inbox?limit=100');
  const { items } = (await answer.json()) as { items: readonly { id: string }[] };
  return items.map(({ id }) => id);
}

describe('a server that is killed', { timeout: sceneMaxMs }, () => {
  it('while it takes large messages has those whole that it accepted, and nothing of the others', async () => {
    scene = await openScene();
    const accepted = new Map<string, number>();
    let next = 0;
    const life = { isOver: false };
    const lane = async (): Promise<void> => {
      while (!life.isOver && next < 200) {
        const number = (next += 1);
        const id = await send(number);
        if (id !== undefined) accepted.set(id, number);
      }
    };
    const lanes = Promise.all([lane(), lane(), lane(), lane()]);
    await waitUntil(() => accepted.size >= 12, patienceMs);
    life.isOver = true;
    await scene.server.kill();
    await lanes;
    await scene.server.start();
    const ids = await inboxIds();
    expect([...accepted.keys()].filter((id) => !ids.includes(id))).toEqual([]);
    for (const [id, number] of accepted) expect(await filmOf(id)).toBe(`film ${number}`);
    // What was durable and not answered any more is whole, too.
    for (const id of ids) expect(await filmOf(id)).toMatch(/^film \d+$/);
    expect(blobsOf(scene)).toHaveLength(ids.length);
    for (const id of ids) expect((await call('mary', 'POST', `/v1/inbox/${id}/delivered`)).status).toBe(204);
    await waitUntil(() => scene !== undefined && blobsOf(scene).length === 0, patienceMs);
  });

  it('while it gives one has it still', async () => {
    scene = await openScene();
    const id = (await send(7)) ?? '';
    const answer = await call('mary', 'GET', `/v1/inbox/${id}/content`);
    const reading = answer.arrayBuffer().catch(() => undefined);
    await scene.server.killAndStart();
    await reading;
    expect(await filmOf(id)).toBe('film 7');
  });
});

const title = hasCompiler ? '' : ' (left out: there is no C compiler on this machine)';

describe.skipIf(!hasCompiler)(`a disk that fills up${title}`, { timeout: 300_000 }, () => {
  it.each(['full', 'broken'] as const)(
    'that is %s is 503, leaves nothing, and is over when it is over',
    async (mode) => {
      scene = await openDiskScene();
      const { disk } = scene as DiskScene;
      const before = (await send(1)) ?? '';
      disk.become(mode);
      const refused = await call('tom', 'POST', '/v1/messages?to=mary@localhost', film(2));
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)]);
      expect(((await refused.json()) as { type: string }).type).toBe('urn:restante:problem:store-unavailable');
      expect(await filmOf(before)).toBe('film 1');
      disk.become('healthy');
      await waitUntil(() => scene !== undefined && blobsOf(scene).length === 1, patienceMs);
      const after = (await send(3)) ?? '';
      expect([await filmOf(before), await filmOf(after)]).toEqual(['film 1', 'film 3']);
      await scene.server.killAndStart();
      expect(await inboxIds()).toEqual([before, after]);
      expect(blobsOf(scene)).toHaveLength(2);
    },
  );
});
