/** Acts 5 and 6: what is refused, and what comes to its end undelivered. */
import type { Act } from './act.ts';
import { stateOf } from './acts.ts';
import { pause } from './stage.ts';

const soonMs = 5000;
const quietMs = 600;

export const actsOfRefusal: readonly Act[] = [
  {
    number: 5,
    title: 'Peter has not authorised John for his mood',
    cast: ['john', 'peter'],
    async play(stage, keep) {
      const john = await stage.phone('john');
      const refused = await john.sendMessage('peter@localhost', 'Now?', {
        headers: { 'Deliver-When': 'mood is happy' },
      });
      const words = refused.header('Warning') ?? '';
      keep('a condition on a mood that John may not see is refused', refused.status === 403, refused.startLine);
      keep('with the attribute named', words.includes('mood'), words);
    },
  },
  {
    number: 5,
    isSequel: true,
    title: 'Mary blocks Tom, and unblocks him',
    cast: ['tom', 'mary'],
    async play(stage, keep) {
      const tom = await stage.phone('tom');
      await stage.operator('block', 'mary@localhost', 'tom@localhost');
      const blocked = await tom.sendMessage('mary@localhost', 'Hello?');
      keep('Mary blocked Tom: his message is refused', blocked.status === 403, blocked.startLine);
      await stage.operator('unblock', 'mary@localhost', 'tom@localhost');
      const kept = await tom.sendMessage('mary@localhost', 'Hello again.');
      keep('she unblocked him: it is accepted', kept.status === 202, kept.startLine);
      const mary = await stage.phone('mary');
      await mary.register();
      keep('and arrives', (await mary.nextMessage(soonMs)).text === 'Hello again.');
    },
  },
  {
    number: 6,
    title: 'A message expires before its moment',
    cast: ['tom', 'mary'],
    async play(stage, keep) {
      const [tom, mary] = [await stage.phone('tom'), await stage.phone('mary')];
      await mary.register();
      await mary.publish({ availability: 'not-available' });
      const answer = await tom.sendMessage('mary@localhost', 'Lunch in a minute?', {
        headers: { 'Deliver-When': 'availability is available', Expires: '1' },
      });
      keep('it is held, for one second', stateOf(answer) === 'held', answer.startLine);
      await pause(1500);
      await mary.publish({ availability: 'available' });
      await pause(quietMs);
      keep('Mary, available too late, does not get it', mary.messages.length === 0);
    },
  },
];
