import { expect, it } from 'vitest';
import { Counters } from '../base/counters.ts';
import { silentLog } from '../base/log.ts';
import { VirtualTime } from '../base/time/virtual-time.ts';
import type { Address } from '../model/address.ts';
import { memoryStores } from '../stores/memory/memory-stores.ts';
import { PresenceService } from './presence-service.ts';

const mary = 'mary@example.com' as Address;
const tom = 'tom@example.com' as Address;
const eve = 'eve@other.org' as Address;

async function open() {
  const time = new VirtualTime(1_000_000);
  const stores = memoryStores();
  let ids = 0;
  const service = new PresenceService({
    clock: time,
    timers: time,
    ids: { randomToken: () => `t${++ids}`, timeOrderedId: () => `i${++ids}`, fraction: () => 0.5 },
    publications: stores.publications,
    rules: stores.rules,
    settings: { settleMs: 0, deliverOn: 'register', visibleByDefault: [] },
    log: silentLog,
    counters: new Counters(),
    readDocumentAt: () => undefined,
  });
  await service.start();
  const events: unknown[] = [];
  service.onChanged(({ changed }) => void events.push(changed));
  const publish = (values: Record<string, string[]>) =>
    service.publish({
      presentity: mary,
      publisher: mary,
      content: { state: new Map(Object.entries(values)), document: new Uint8Array() },
      expires: 600,
    });
  return { time, service, events, publish };
}

it('a sphere that comes or goes has everybody judged anew, where a rule depends on it', async () => {
  const { service, events, publish } = await open();
  await service.setRules(mary, [{ watchers: [eve], attributes: ['mood'], action: 'allow', spheres: ['home'] }]);
  await publish({ sphere: ['work'] });
  expect(service.visibility(mary, eve).handling).toBe('confirm');
  const atWork = service.current(mary);
  await publish({ sphere: ['home'] });
  expect(service.visibility(mary, eve).handling).toBe('allow');
  expect(service.visiblePresence(mary, eve, atWork).mayRead('mood')).toBe(false);
  await publish({ mood: ['sad'] });
  expect(events).toEqual(['all', 'all', 'all', ['mood']]);
  await service.setRules(mary, [{ watchers: [tom], attributes: ['mood'], action: 'allow' }]);
  await publish({ sphere: ['work'] });
  expect(events.slice(4)).toEqual(['all', ['sphere']]);
});

it('a range of time that begins or ends has everybody judged anew, and none after the end of the service', async () => {
  const { time, service, events } = await open();
  const at = time.wall();
  const rule = { watchers: [eve], attributes: ['mood'], action: 'allow' } as const;
  await service.setRules(mary, [{ ...rule, validity: [{ from: at + 5_000, until: at + 8_000 }] }]);
  await time.advance(5_000);
  expect([events, service.visibility(mary, eve).handling]).toEqual([['all', 'all'], 'allow']);
  await time.advance(3_000);
  expect([events.length, service.visibility(mary, eve).handling]).toEqual([3, 'confirm']);
  await service.setRules(mary, [{ ...rule, validity: [{ from: at + 9_000, until: at + 10_000 }] }]);
  await service.stop();
  await time.advance(60_000);
  expect(events).toHaveLength(4);
});
