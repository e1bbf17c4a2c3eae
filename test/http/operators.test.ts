/** What operators see of the server as a whole, and what anybody may see. */
import { afterEach, describe, expect, it } from 'vitest';
import { countedMax, namedRecipientsMax } from '../../src/server/server-insight.ts';
import { HttpWorld, type Flags } from './http-world.ts';

let world: HttpWorld;

async function open(flags: Flags = {}): Promise<void> {
  world = await HttpWorld.open(flags);
}

afterEach(() => world.close());

interface Status {
  readonly startedAt: string;
  readonly counters: Readonly<Record<string, number>>;
  readonly durations: { readonly boundsMs: number[]; readonly counts: Readonly<Record<string, number[]>> };
  readonly clients: { readonly counts: object; readonly some: object[]; readonly whole: boolean };
  readonly kept: { readonly most: object[] } & Readonly<Record<string, unknown>>;
  readonly limits: { readonly name: string; readonly used: number; readonly max: number }[];
  readonly listeners: { readonly protocol: string }[];
}

const status = async (): Promise<Status> =>
  (await world.call('boss', 'GET', '/v1/admin/status')).json as unknown as Status;

describe('the status', () => {
  it('is for operators', async () => {
    await open();
    const answer = await world.call('tom', 'GET', '/v1/admin/status');
    expect([answer.status, answer.json['type']]).toEqual([403, 'urn:restante:problem:not-an-operator']);
  });

  it('says what is kept, for whom most, and how near that is to the quota', async () => {
    await open({ 'quota-recipient': '10,64 MiB' });
    await world.send('tom', 'mary', 'x', { deliverWhen: 'availability is available' });
    await world.callAndWait(600, 'tom', 'POST', '/v1/messages', { body: { to: 'mary@localhost', text: 'y' } });
    await world.callAndWait(600, 'tom', 'POST', '/v1/messages', { body: { to: 'john@localhost', text: 'z' } });
    const { kept, limits, counters, durations, listeners } = await status();
    expect(kept).toEqual({
      recipients: 2,
      messages: 3,
      waiting: 2,
      conditional: 1,
      most: [
        { address: 'mary@localhost', messages: 2 },
        { address: 'john@localhost', messages: 1 },
      ],
      whole: true,
    });
    expect(limits).toContainEqual({ name: 'kept for mary@localhost', used: 2, max: 10 });
    expect(limits.find(({ name }) => name === 'event streams')).toMatchObject({ used: 0 });
    expect(counters['restante_messages_kept_total{state="held"}']).toBe(1);
    const http = durations.counts['restante_http_answer_seconds'];
    expect(http).toHaveLength(durations.boundsMs.length + 1);
    expect(listeners.map(({ protocol }) => protocol)).toEqual(['sip', 'http', 'msrp']);
    expect([countedMax, namedRecipientsMax]).toEqual([50_000, 10]);
  });

  it('says who is connected, by protocol', async () => {
    await open();
    expect((await status()).clients).toEqual({ counts: {}, some: [], whole: true });
    await world.listen('mary');
    const { clients } = await status();
    expect(clients.counts).toEqual({ http: 1 });
    expect(clients.some).toEqual([
      { address: 'mary@localhost', protocol: 'http', style: 'push', since: '2026-11-21T09:00:00.000Z' },
    ]);
  });
});

describe('the welcome', () => {
  const welcome = async () => (await world.call('-', 'GET', '/v1/welcome')).json;

  it('names nobody but on a server for trying things out', async () => {
    await open();
    expect(await welcome()).toEqual({ version: '0', domains: ['localhost'] });
  });

  it('offers the demo accounts, and none that somebody took for their own', async () => {
    await open({ demo: 'on' });
    const all = ['tom', 'mary', 'john', 'peter'].map((name) => ({
      address: `${name}@localhost`,
      password: `${name}-secret`,
    }));
    expect((await welcome())['demo']).toEqual(all);
    await world.stores.accounts.remove('mary@localhost' as never);
    world.server.api.directory.forget('mary@localhost' as never);
    expect((await welcome())['demo']).toEqual(all.filter(({ address }) => !address.startsWith('mary')));
  });
});
