/**
 * The end of every world. First all is well and nobody does anything: whatever may go must go by itself. Then everybody
 * comes and says something, and again what may go must go. At last the clock passes every deadline, and nothing is left.
 */
import { register, subscribe } from '../clients/phrases.ts';
import { holding } from '../checks/sights.ts';
import type { Instance } from '../checks/books.ts';
import { publishWords } from './happenings.ts';
import { hasTimeTest } from '../model/wish.ts';
import type { World } from './world.ts';

/** Longer than a transaction, and than the server's own second tries. */
const quietMs = 45_000;
const longestPauseMs = 900_000;
/** What is due is looked for again a second after something that was due stayed so. */
const lookMs = 3000;

export async function endWell(world: World): Promise<void> {
  world.story.tell('', () => 'FROM NOW ON ALL IS WELL');
  mendEverything(world);
  await world.pass(quietMs);
  await world.pass(Math.min(longestPauseMs, longestWait(world) + lookMs));
  checkNothingIsStuck(world);
  if (!world.isWhole) return;
  world.story.tell('', () => 'EVERYBODY COMES');
  for (const device of world.devices) {
    if (!device.isRunning) device.begin();
    register(device, 3600, () => undefined);
    device.watchings.clear();
    if (world.plan.hasWatchers) for (const person of world.plan.people) subscribe(device, person, 3600);
  }
  for (const client of world.httpClients) {
    client.begin();
    client.openStream();
  }
  for (const mood of ['angry', 'happy']) {
    await world.pass(2000);
    for (const device of world.devices) {
      publishWords(world, device, {
        said: { availability: 'available', mood: [mood] },
        seconds: 3600,
        tag: device.publication?.tag,
      });
    }
  }
  await world.pass(quietMs);
  checkNothingIsStuck(world);
  for (const device of world.devices) world.witness.watchers.checkSettled(device);
  world.witness.http.checkSettled();
  if (!world.isWhole) return;
  world.stepClock(9 * 86_400_000);
  await world.pass(quietMs);
  world.witness.http.checkSettled();
  const left = world.rows();
  if (left.length > 0) world.books.fail('the mailbox empties or expires', `${left.length} rows are left`);
}

function mendEverything(world: World): void {
  for (const client of world.httpClients) {
    client.manner = 'good';
    Object.assign(client.link, { cutPercent: 0, latencyMsMax: 5 });
  }
  for (const line of world.httpNetwork.lines) line.settle();
  const store = world.alive?.store;
  if (store !== undefined) Object.assign(store, { trouble: 'none', failIn: undefined });
  for (const device of world.devices) {
    device.manner = 'good';
    Object.assign(device.link, { lossPercent: 0, doublePercent: 0, latencyMsMax: 5 });
  }
}

/** Until the last pause of a client and of a message is over. */
function longestWait(world: World): number {
  const { time, books } = world;
  let wait = 0;
  for (const person of books.people.values()) {
    for (const { state, resumesBy } of person.lanes.values()) {
      if (state !== 'up') wait = Math.max(wait, resumesBy - time.monotonic());
    }
  }
  for (const { retryAt } of world.rows()) {
    if (retryAt !== undefined) wait = Math.max(wait, retryAt - time.wall());
  }
  return wait;
}

/** Whatever may go to a client that is there and well has gone, without anything new happening. */
function checkNothingIsStuck(world: World): void {
  for (const row of world.rows()) {
    const instance = world.books.instances.get(row.id);
    if (instance === undefined) world.books.fail('only what was accepted is kept', row.id);
    else if (row.isAside) continue;
    else if (!(row.retryAt !== undefined && row.retryAt > world.time.wall()) && isDeliverable(world, instance)) {
      world.books.fail('what may go goes', `letter ${instance.letter.number} is still ${row.state}`);
    }
  }
  for (const submission of world.books.submissions.values()) {
    if (submission.status === 0 && submission.connection?.isOpenAtServer !== false)
      world.books.fail(
        'every request is answered',
        `${submission.device.name}: ${submission.words?.text ?? 'over HTTP'}`,
      );
  }
}

function isDeliverable(world: World, instance: Instance): boolean {
  const { time, books } = world;
  const person = books.person(instance.letter.recipient);
  if (instance.delivered !== undefined || time.wall() >= instance.expiresAt) return false;
  if (instance.attempts.some(({ isOpen }) => isOpen)) return false;
  // What time has made true this very moment is looked for at the next look.
  const hasLasted = [0, lookMs].every((ago) => holding(books, instance, time.wall() - ago).must);
  if (!hasLasted || person.mayHaveBlocked(instance.letter.sender)) return false;
  if (books.config.deliverOn === 'publish' && !person.views.every(({ isPublished }) => isPublished)) return false;
  if (instance.arrivedAt < books.lastStepBackAt && hasTimeTest(instance.letter.wish)) return false;
  const lanes = [...person.lanes.values()].filter(({ state }) => state !== 'down');
  // Whoever is gone without a word must be found out first.
  const pushed = lanes.filter(({ style }) => style === 'push');
  const areAllThere = lanes.every((lane) => lane.state === 'up' && lane.device.isThere(lane.flow));
  return areAllThere && pushed.some(({ device }) => !instance.refusedBy.has(device.contact));
}
