/** Act 5: what is refused. */
import type { Act } from './act.ts';

/** Far longer than a busy machine needs. */
const soonMs = 30_000;

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
];
