/** Act 4: a sender who is not there any more when the moment comes, and finds the report later. */
import type { Act } from './act.ts';
import { memberOf } from './http-caller/http-caller.ts';
import { pause } from './stage.ts';

/** Far longer than a busy machine needs. */
const soonMs = 30_000;
const quietMs = 400;

export const actOfReports: Act = {
  number: 4,
  title: 'John writes for the moment when Peter is available, and logs out',
  cast: ['john', 'peter'],
  async play(stage, keep) {
    const [john, peter] = [stage.caller('john'), await stage.phone('peter')];
    await peter.register();
    await peter.publish({ availability: 'not-available' });
    const before = await john.listen();
    const answer = await john.call('POST', '/v1/messages', {
      to: 'peter@localhost',
      text: 'Coffee?',
      deliverWhen: 'availability is available',
      reports: ['delivered', 'failed'],
    });
    const id = memberOf(answer.json, 'id');
    keep('John, over HTTP, is told that it is held', memberOf(answer.json, 'state') === 'held', answer.text);
    await pause(quietMs);
    keep('Peter, who is not available, gets nothing', peter.messages.length === 0);
    stage.log.note('john', 'John closes his stream of events: he logs out');
    john.logOut();
    await peter.publish({ availability: 'available' });
    const message = await peter.nextMessage(soonMs);
    keep("Peter's change delivers it to his SIP phone", message.text === 'Coffee?', message.text);
    keep('John, who is away, has heard of no delivery', !before.heard.some(({ name }) => name === 'report'));
    stage.log.note('john', 'John logs in again');
    const { data } = await (await john.listen()).next('report', soonMs);
    keep('John finds the report when he logs in again', memberOf(data, 'state') === 'delivered', JSON.stringify(data));
    keep('and it is about this message', memberOf(data, 'id') === id && id !== undefined, JSON.stringify(data));
  },
};
