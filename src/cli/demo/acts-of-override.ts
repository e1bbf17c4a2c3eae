/** Act 6: a message whose moment does not come in time, and one that its recipient fetches before its moment. */
import type { Act, Keep } from './act.ts';
import { memberOf, type HttpCaller } from './http-caller/http-caller.ts';
import { pause, type Stage } from './stage.ts';

/** Far longer than a busy machine needs. */
const soonMs = 30_000;
/** Long enough for a wrong delivery to show itself. */
const quietMs = 600;
const whenAvailable = 'availability is available';
const fetchedText = 'The address is 5 Mill Lane.';

export const actsOfOverride: readonly Act[] = [
  {
    number: 6,
    title: 'A message expires before its moment',
    cast: ['tom', 'mary'],
    async play(stage, keep) {
      const [tom, mary] = [stage.caller('tom'), await stage.phone('mary')];
      const events = await tom.listen();
      await mary.register();
      await mary.publish({ availability: 'not-available' });
      const answer = await tom.call('POST', '/v1/messages', {
        to: 'mary@localhost',
        text: 'Lunch in a second?',
        deliverWhen: whenAvailable,
        expiresIn: 1,
        reports: ['delivered', 'failed'],
      });
      keep('it is held, for one second', memberOf(answer.json, 'state') === 'held', answer.text);
      stage.log.note('tom', 'a second goes by');
      const { data } = await events.next('report', soonMs);
      keep('Tom is told that it expired', memberOf(data, 'state') === 'expired', JSON.stringify(data));
      keep('and which one it was', memberOf(data, 'id') === memberOf(answer.json, 'id'), JSON.stringify(data));
      await mary.publish({ availability: 'available' });
      await pause(quietMs);
      keep('Mary, available too late, does not get it', mary.messages.length === 0);
    },
  },
  {
    number: 6,
    isSequel: true,
    title: 'Mary fetches everything from Tom although a condition is unmet',
    cast: ['tom', 'mary'],
    async play(stage, keep) {
      const [tom, phone, mary] = [stage.caller('tom'), await stage.phone('mary'), stage.caller('mary')];
      const events = await tom.listen();
      await phone.register();
      await phone.publish({ availability: 'not-available' });
      const answer = await tom.call('POST', '/v1/messages', {
        to: 'mary@localhost',
        text: fetchedText,
        deliverWhen: whenAvailable,
        reports: ['delivered', 'failed'],
      });
      keep('it is held', memberOf(answer.json, 'state') === 'held', answer.text);
      await fetchEverything(stage, keep, mary);
      const { data } = await events.next('report', soonMs);
      keep('and Tom is told that it is delivered', memberOf(data, 'state') === 'delivered', JSON.stringify(data));
      keep('of this message', memberOf(data, 'id') === memberOf(answer.json, 'id'), JSON.stringify(data));
      await phone.publish({ availability: 'available' });
      await pause(quietMs);
      keep('her phone does not get it again', phone.messages.length === 0);
    },
  },
];

async function fetchEverything(stage: Stage, keep: Keep, mary: HttpCaller): Promise<void> {
  const plain = await mary.call('GET', '/v1/inbox');
  keep("Mary's plain list does not show it", itemsOf(plain.json)?.length === 0, plain.text);
  stage.log.note('mary', 'Mary asks for everything from Tom');
  const list = await mary.call('GET', '/v1/inbox?from=tom@localhost');
  const items = itemsOf(list.json) ?? [];
  keep('everything from Tom does', items.length === 1, list.text);
  const id = memberOf(items[0], 'id') ?? '';
  const content = await mary.call('GET', `/v1/inbox/${id}`);
  keep('she reads it', memberOf(content.json, 'text') === fetchedText, content.text);
  const tells = /deliver_?when|condition|held|availab/i.test(list.text + content.text);
  keep('and nothing in it tells of a condition', !tells, list.text + content.text);
  const taken = await mary.call('POST', `/v1/inbox/${id}/delivered`);
  keep('she acknowledges it', taken.status === 204, `${taken.status} ${taken.text}`);
}

/** Undefined when it is no list. */
function itemsOf(json: unknown): readonly unknown[] | undefined {
  const items = typeof json === 'object' && json !== null && 'items' in json ? json.items : undefined;
  return Array.isArray(items) ? items : undefined;
}
