/** Acts 1 to 3: a message waits for a login, for a state, for a change. */
import type { Act } from './act.ts';
import { pause } from './stage.ts';
import type { SipText } from './user-agent/sip-text.ts';

/** Far longer than a busy machine needs. */
const soonMs = 30_000;
/** Long enough for a wrong delivery to show itself. */
const quietMs = 400;

export const actsOfWaiting: readonly Act[] = [
  {
    number: 1,
    title: 'Tom writes to Mary while her phone is off',
    cast: ['tom', 'mary'],
    async play(stage, keep) {
      const tom = await stage.phone('tom');
      await tom.register();
      const answer = await tom.sendMessage('mary@localhost', 'Call me when you are back.');
      keep('Tom is told that it is accepted for an offline user', answer.status === 202, answer.startLine);
      keep('and what it waits for', stateOf(answer) === 'waiting', answer.header('Deferred-Message'));
      const mary = await stage.phone('mary');
      await mary.register();
      const message = await mary.nextMessage(soonMs);
      keep('Mary gets it when she comes online', message.text === 'Call me when you are back.', message.text);
      keep('marked as deferred', message.deferred !== undefined);
    },
  },
  {
    number: 2,
    title: 'Mary is in a meeting; Tom writes "when available"',
    cast: ['tom', 'mary'],
    async play(stage, keep) {
      const [tom, mary] = [await stage.phone('tom'), await stage.phone('mary')];
      await mary.register();
      await mary.publish({ availability: 'not-available', activity: 'meeting' });
      const answer = await tom.sendMessage('mary@localhost', 'How did it go?', {
        headers: { 'Deliver-When': 'availability is available' },
      });
      keep('it is held', answer.status === 202 && stateOf(answer) === 'held', answer.startLine);
      await pause(quietMs);
      keep('Mary, in her meeting, gets nothing', mary.messages.length === 0);
      await mary.publish({ availability: 'available' });
      const message = await mary.nextMessage(soonMs);
      keep('she gets it when she is available', message.text === 'How did it go?', message.text);
      const tells = message.request.bytes.includes('Deliver-When') || message.request.bytes.includes('availability');
      keep('and nothing in it tells of a condition', !tells);
    },
  },
  {
    number: 3,
    title: 'Mary is angry; Tom asks "when mood changes from angry"',
    cast: ['tom', 'mary'],
    async play(stage, keep) {
      await stage.operator('allow', 'mary@localhost', 'tom@localhost', 'mood');
      const [tom, mary] = [await stage.phone('tom'), await stage.phone('mary')];
      await mary.register();
      await mary.publish({ mood: 'angry' });
      const answer = await tom.sendMessage('mary@localhost', 'May I take Friday off?', {
        headers: { 'Deliver-When': 'mood changes from angry' },
      });
      keep('Tom, whom she lets see her mood, may ask so; it is held', stateOf(answer) === 'held', answer.startLine);
      await pause(quietMs);
      keep('an angry Mary gets nothing', mary.messages.length === 0);
      await mary.publish({ mood: 'happy' });
      const message = await mary.nextMessage(soonMs);
      keep('a happy Mary gets it', message.text === 'May I take Friday off?', message.text);
    },
  },
];

export function stateOf(answer: SipText): string | undefined {
  return /;state=(\w+)/.exec(answer.header('Deferred-Message') ?? '')?.[1];
}
