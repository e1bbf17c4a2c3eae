/** What happens in a world, step by step: each happening draws who and what, and leaves the rest to those concerned. */
import type { Millis } from '../../../src/base/time/clock.ts';
import type { Address } from '../../../src/model/address.ts';
import type { WatcherRule } from '../../../src/presence/ports.ts';
import type { Device } from '../clients/device.ts';
import { post, publish, register, subscribe } from '../clients/phrases.ts';
import type { Said } from '../clients/presence-words.ts';
import { httpHappenings } from '../http/http-happenings.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { drawLetter } from './letters.ts';
import type { World } from './world.ts';

/** Draws who does it and how. */
export type Happening = (world: World, random: SeededRandom) => void;

const minuteMs: Millis = 60_000;

export function happen(world: World, random: SeededRandom): void {
  const { plan } = world;
  const happening = random.weighted<Happening>([
    [30, writes],
    [6, writesMuch],
    [5, writesAgain],
    [14, publishes],
    [12, registers],
    [4, leaves],
    [plan.manners.length > 1 ? 8 : 0, changesManner],
    [plan.lossPercentMax > 0 ? 5 : 0, linkChanges],
    [4, crashes],
    [4, breaksConnection],
    [plan.hasSharing ? 7 : 0, sharesAnew],
    [plan.hasWatchers ? 5 : 0, watches],
    [plan.hasStoreTrouble ? 5 : 0, storeTroubles],
    [plan.hasKills ? 4 : 0, killed],
    [plan.hasKills ? 3 : 0, killedSoon],
    [plan.hasKills ? 1 : 0, restarts],
    [plan.hasClockSteps ? 4 : 0, clockSteps],
    ...(plan.httpClients.length > 0 ? httpHappenings : []),
  ]);
  happening(world, random);
}

/** How long it is until the next thing happens. */
export function drawPause(random: SeededRandom): Millis {
  return random.weighted<() => Millis>([
    [6, () => random.between(0, 5)],
    [5, () => random.between(5, 300)],
    [5, () => random.between(300, 4000)],
    [3, () => random.between(4000, 12_000)],
    [1, () => random.between(12_000, 60_000)],
  ])();
}

function writes(world: World, random: SeededRandom): void {
  const device = random.pick(world.devices);
  const letter = drawLetter(world, random, device.owner);
  world.send(device, letter);
}

function writesMuch(world: World, random: SeededRandom): void {
  for (let left = 2 + random.below(6); left > 0; left -= 1) writes(world, random);
}

/** Whoever has heard nothing, or does not trust what was heard. */
function writesAgain(world: World, random: SeededRandom): void {
  const letters = [...world.books.letters.values()].filter(({ way }) => way === 'sip').slice(-12);
  if (letters.length === 0) return;
  const letter = random.pick(letters);
  const devices = world.devices.filter(({ owner }) => owner === letter.sender);
  if (devices.length === 0) return;
  const device = random.pick(devices);
  world.story.tell(device.name, () => `writes letter ${letter.number} again`);
  post(device, letter, () => undefined);
}

function publishes(world: World, random: SeededRandom): void {
  const device = random.pick(world.devices);
  const { publication } = device;
  const seconds = random.pick([60, 90, 600, 3600]);
  const isNew = publication === undefined || random.chance(20);
  const tag = isNew ? undefined : publication.tag;
  if (!isNew && random.chance(20)) publishWords(world, device, { said: undefined, seconds: random.pick([0, 60]), tag });
  else publishWords(world, device, { said: drawSaid(random), seconds, tag: random.chance(3) ? 'wrong' : tag });
}

export function publishWords(
  world: World,
  device: Device,
  { said, seconds, tag }: { said: Said | undefined; seconds: number; tag: string | undefined },
): void {
  const token = said === undefined ? undefined : world.nextToken();
  if (token !== undefined && said !== undefined) world.witness.presence.said.set(token, said);
  publish(device, { token, said, seconds, tag }, (answer) => {
    if (answer === undefined || answer.status >= 300) {
      if (answer?.status === 412) device.publication = undefined;
      return;
    }
    const etag = answer.row('SIP-ETag');
    const before = device.publication?.said;
    device.publication = seconds === 0 ? undefined : { tag: etag, said: said ?? before ?? {} };
  });
}

function drawSaid(random: SeededRandom): Said {
  return {
    ...(random.chance(50)
      ? { availability: random.pick(['available', 'not-available', 'NOT_AVAILABLE', 'discreet']) }
      : {}),
    ...(random.chance(60) ? { mood: random.pick([['angry'], ['happy'], ['sad'], ['in_love'], ['angry', 'sad']]) } : {}),
    ...(random.chance(30) ? { activity: random.pick([['meeting'], ['on-the-phone'], ['playing']]) } : {}),
    ...(random.chance(10) ? { isClosed: true } : {}),
  };
}

function registers(world: World, random: SeededRandom): void {
  const device = random.pick(world.devices);
  if (!device.isRunning) {
    world.story.tell(device.name, () => 'starts');
    device.begin();
  }
  if (random.chance(10)) device.q = random.pick([1, 0.5, 0.2]);
  register(device, random.pick([60, 120, 600, 3600]), () => undefined);
}

function leaves(world: World, random: SeededRandom): void {
  const device = random.pick(world.devices);
  register(device, 0, () => undefined);
}

function changesManner(world: World, random: SeededRandom): void {
  const device = random.pick(world.devices);
  device.manner = random.pick(world.plan.manners);
  world.story.tell(device.name, () => `is ${device.manner} from now on`);
}

function linkChanges(world: World, random: SeededRandom): void {
  const { link, name } = random.pick(world.devices);
  link.lossPercent = random.chance(40) ? 0 : random.between(0, world.plan.lossPercentMax);
  link.doublePercent = random.chance(70) ? 0 : 30;
  link.latencyMsMax = random.pick([2, 30, 400, 2000]);
  world.story.tell(name, () => `loses ${link.lossPercent.toFixed(0)} % and waits up to ${link.latencyMsMax} ms`);
}

function crashes(world: World, random: SeededRandom): void {
  const device = random.pick(world.devices);
  if (!device.isRunning) return;
  world.story.tell(device.name, () => 'crashes');
  device.crash();
}

function breaksConnection(world: World, random: SeededRandom): void {
  const connected = world.devices.filter(({ connection }) => connection !== undefined);
  if (connected.length === 0) return;
  const { connection, name } = random.pick(connected);
  world.story.tell(name, () => 'breaks its connection');
  if (random.chance(70)) connection?.reset();
  else connection?.vanish();
}

function sharesAnew(world: World, random: SeededRandom): void {
  const owner = random.pick(world.plan.people);
  if (random.chance(50)) world.setRules(owner, drawRules(world, random));
  else world.toggleBlock(owner, random.pick(world.plan.people));
}

function drawRules(world: World, random: SeededRandom): WatcherRule[] {
  return Array.from({ length: random.below(4) }, () => ({
    watchers: random.chance(30) ? '*' : [random.pick(world.plan.people) as Address],
    attributes: random.pick([['mood'], ['mood', 'activity'], ['availability'], '*', ['online']] as const),
    action: random.weighted<WatcherRule['action']>([
      [6, 'allow'],
      [1, 'block'],
      [2, 'polite-block'],
      [1, 'confirm'],
    ]),
  }));
}

function watches(world: World, random: SeededRandom): void {
  subscribe(random.pick(world.devices), random.pick(world.plan.people), random.pick([60, 600, 3600]));
}

function storeTroubles(world: World, random: SeededRandom): void {
  const store = world.alive?.store;
  if (store === undefined) return;
  if (random.chance(40)) {
    store.failIn = 1 + random.below(12);
    return;
  }
  store.trouble = random.chance(70) ? 'writes' : 'everything';
  const ms = random.pick([5, 300, 3000, 15_000]);
  world.story.tell('store', () => `fails for ${ms} ms (${store.trouble})`);
  world.time.after(ms, () => (store.trouble = 'none'));
}

function killed(world: World): void {
  world.kill();
}

function killedSoon(world: World, random: SeededRandom): void {
  world.alive?.killAfter(random.below(30));
}

function restarts(world: World): void {
  world.stopPolitely();
}

function clockSteps(world: World, random: SeededRandom): void {
  const byMs = Math.floor(
    random.pick([-1, 1]) * random.pick([random.between(1, 5000), random.between(1, 3) * minuteMs, 90 * minuteMs]),
  );
  world.stepClock(byMs);
}
