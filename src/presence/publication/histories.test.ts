/** What follows from any history of publications, whatever its documents say. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Counters } from '../../base/counters.ts';
import { silentLog } from '../../base/log.ts';
import { VirtualTime } from '../../base/time/virtual-time.ts';
import type { Address } from '../../model/address.ts';
import { memoryStores, type MemoryStores } from '../../stores/memory/memory-stores.ts';
import { PresenceService } from '../presence-service.ts';

const mary = 'mary@example.com' as Address;
const devices = ['phone', 'desk', 'car'] as const;
type Device = (typeof devices)[number];
type Words = Readonly<Record<string, string>>;

type Step =
  | { readonly kind: 'say'; readonly device: Device; readonly words: Words; readonly forS: number }
  | { readonly kind: 'refresh'; readonly device: Device; readonly forS: number }
  | { readonly kind: 'remove'; readonly device: Device }
  | { readonly kind: 'pass'; readonly seconds: number }
  | { readonly kind: 'restart' };

const words = fc.dictionary(fc.constantFrom('mood', 'activity', 'sphere', 'x-a'), fc.constantFrom('a', 'b', 'c'));
const forS = fc.constantFrom(60, 90, 600);
const device = fc.constantFrom(...devices);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('say' as const), device, words, forS }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('refresh' as const), device, forS }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), device }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.constantFrom(1, 30, 60, 90) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
);

class World {
  readonly time = new VirtualTime();
  readonly tags = new Map<Device, string>();
  #stores: MemoryStores = memoryStores();
  #service = this.#open();
  #ids = 0;

  async start(): Promise<this> {
    await this.#service.start();
    return this;
  }

  async step(step: Step): Promise<void> {
    if (step.kind === 'pass') return this.time.advance(step.seconds * 1000);
    if (step.kind === 'restart') {
      await this.#service.stop();
      this.#stores = memoryStores({ from: this.#stores.crash() });
      this.#service = this.#open();
      return this.#service.start();
    }
    const entityTag = this.tags.get(step.device);
    if (entityTag === undefined && step.kind !== 'say') return undefined;
    const outcome = await this.#service.publish({
      presentity: mary,
      publisher: mary,
      ...(entityTag === undefined ? {} : { entityTag }),
      expires: step.kind === 'remove' ? 0 : step.forS,
      ...(step.kind === 'say' ? { content: { state: stateOf(step.words), document: new Uint8Array() } } : {}),
    });
    if (outcome.kind === 'published' && step.kind !== 'remove') this.tags.set(step.device, outcome.entityTag);
    else this.tags.delete(step.device);
    // What had run out is published anew, as RFC 3903 4.1 asks of a client that hears 412.
    if (outcome.kind === 'unknown-tag' && step.kind === 'say') return this.step(step);
    return undefined;
  }

  get state(): unknown {
    return Object.fromEntries(this.#service.current(mary).state);
  }

  #open(): PresenceService {
    return new PresenceService({
      clock: this.time,
      timers: this.time,
      ids: { randomToken: () => `tag${(this.#ids += 1)}`, timeOrderedId: () => '', fraction: () => 0.5 },
      publications: this.#stores.publications,
      rules: this.#stores.rules,
      readDocumentAt: () => undefined,
      settings: { settleMs: 0, deliverOn: 'register', visibleByDefault: [] },
      log: silentLog,
      counters: new Counters(),
    });
  }
}

function stateOf(words: Words): ReadonlyMap<string, readonly string[]> {
  return new Map(Object.entries(words).map(([name, value]) => [name, [value]]));
}

async function play(steps: readonly Step[]): Promise<unknown> {
  const world = await new World().start();
  for (const step of steps) await world.step(step);
  return world.state;
}

/** The rules of composition as a list of sayings, the newest last. */
function expectedAfter(steps: readonly Step[]): unknown {
  let now = 0;
  const sayings: { device: Device; words: Words; endsAt: number }[] = [];
  const liveOf = (device: Device): number => sayings.findIndex((one) => one.device === device && one.endsAt > now);
  for (const step of steps) {
    if (step.kind === 'pass') now += step.seconds;
    if (step.kind === 'pass' || step.kind === 'restart') continue;
    const at = liveOf(step.device);
    const old = sayings[at];
    if (step.kind === 'refresh') {
      if (old !== undefined) old.endsAt = now + step.forS;
      continue;
    }
    if (at !== -1) sayings.splice(at, 1);
    if (step.kind === 'say') sayings.push({ device: step.device, words: step.words, endsAt: now + step.forS });
  }
  const state: Record<string, string[]> = { online: ['false'] };
  for (const { words: said, endsAt } of sayings) {
    if (endsAt > now) for (const [name, value] of Object.entries(said)) state[name] = [value];
  }
  return state;
}

describe('any history of three devices', () => {
  const history = fc.array(step, { maxLength: 25 });

  it('is composed by the rules, also over restarts', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        expect(await play(steps)).toEqual(expectedAfter(steps));
      }),
      { numRuns: 200 },
    );
  });

  it('leaves nothing of a device whose publication was removed: it is as if it had never been there', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const withoutCar = steps.filter((one) => !('device' in one) || one.device !== 'car');
        expect(await play([...steps, { kind: 'remove', device: 'car' }])).toEqual(await play(withoutCar));
      }),
    );
  });

  it('does not depend on the order in which devices say different things', async () => {
    const own: Readonly<Record<Device, string>> = { phone: 'mood', desk: 'activity', car: 'sphere' };
    const said = fc.record({ device, word: fc.constantFrom('a', 'b', 'c') });
    await fc.assert(
      fc.asyncProperty(fc.array(said, { maxLength: 12 }), async (list) => {
        const sayings = list.map((one): Step => ({
          kind: 'say',
          device: one.device,
          words: { [own[one.device]]: one.word },
          forS: 600,
        }));
        // The order of each device stays, that among them does not.
        const sorted = devices.flatMap((name) => sayings.filter((one) => 'device' in one && one.device === name));
        expect(await play(sorted)).toEqual(await play(sayings));
      }),
    );
  });
});
