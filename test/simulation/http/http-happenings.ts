/** What happens to HTTP clients and what they do, beside what happens in every world. */
import type { SeededRandom } from '../seeded-random.ts';
import type { Happening } from '../world/happenings.ts';
import { drawLetter } from '../world/letters.ts';
import type { World } from '../world/world.ts';
import { httpManners } from './http-client.ts';

export const httpHappenings: readonly (readonly [weight: number, happening: Happening])[] = [
  [12, writes],
  [3, writesAgain],
  [8, opensStream],
  [3, closesStream],
  [3, crashes],
  [4, changesManner],
  [5, looks],
  [6, recalls],
  [4, recallsWhatFails],
  [6, choosesStyle],
  [1, takesWhatIsNotTheirs],
];

function writes(world: World, random: SeededRandom): void {
  const client = random.pick(world.httpClients);
  client.begin();
  world.send(client, drawLetter(world, random, client.owner, 'http'));
}

/** With its key it is the same message; without one nobody does that. */
function writesAgain(world: World, random: SeededRandom): void {
  const letters = [...world.books.letters.values()].filter(({ key }) => key !== undefined).slice(-8);
  if (letters.length === 0) return;
  const letter = random.pick(letters);
  const clients = world.httpClients.filter(({ owner }) => owner === letter.sender);
  const client = random.pick(clients);
  world.story.tell(client.name, () => `writes letter ${letter.number} again`);
  client.post(letter);
}

function opensStream(world: World, random: SeededRandom): void {
  const client = random.pick(world.httpClients);
  client.begin();
  client.openStream();
}

function closesStream(world: World, random: SeededRandom): void {
  const client = random.pick(world.httpClients);
  world.story.tell(client.name, () => 'closes its stream');
  client.closeStream();
}

function crashes(world: World, random: SeededRandom): void {
  const client = random.pick(world.httpClients);
  world.story.tell(client.name, () => 'crashes');
  client.crash();
}

function changesManner(world: World, random: SeededRandom): void {
  const client = random.pick(world.httpClients);
  client.manner = random.pick(httpManners);
  client.link.latencyMsMax = random.pick([2, 30, 400]);
  world.story.tell(client.name, () => `is ${client.manner} from now on`);
}

function looks(world: World, random: SeededRandom): void {
  const client = random.pick(world.httpClients);
  client.look(random.chance(40) ? random.pick(world.plan.people) : undefined);
}

/** What they sent over HTTP, or with another client of theirs. */
function recalls(world: World, random: SeededRandom): void {
  const client = random.pick(world.httpClients);
  const ids = [...world.books.instances.values()]
    .filter(({ letter, keptToldIn }) => letter.sender === client.owner && keptToldIn !== undefined)
    .map(({ id }) => id);
  if (ids.length > 0) client.recall(random.pick(ids.slice(-6)));
}

/** Its reader goes just before: what becomes of it is not written down yet. */
function recallsWhatFails(world: World, random: SeededRandom): void {
  const { instances } = world.books;
  const open = [...instances.values()].filter(({ attempts }) =>
    attempts.some(({ isOpen, device }) => isOpen && world.httpClients.some(({ stream }) => stream?.is(device))),
  );
  const wanted = open.filter(({ letter }) => world.httpClients.some(({ owner }) => owner === letter.sender));
  if (wanted.length === 0) return;
  const { id, letter } = random.pick(wanted);
  const sender = random.pick(world.httpClients.filter(({ owner }) => owner === letter.sender));
  for (const reader of world.httpClients) if (reader.owner === letter.recipient) reader.closeStream();
  world.time.after(random.between(0, 60), () => sender.recall(id));
}

function choosesStyle(world: World, random: SeededRandom): void {
  random.pick(world.httpClients).chooseStyle(random.pick(['push', 'push', 'notify', 'pull']));
}

function takesWhatIsNotTheirs(world: World, random: SeededRandom): void {
  const client = random.pick(world.httpClients);
  const ids = [...world.books.instances.keys()].slice(-8);
  if (ids.length > 0) client.acknowledge(random.pick(ids));
}
