/** A core that is a B2BUA and sends every delivery back as a message of its own: no Via, no Call-ID tells, only hops. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitUntil } from '../processes/child-program.ts';
import { openStage, type Stage, startMsMax } from './stage.ts';

let stage: Stage | undefined;
/** The Max-Forwards of each delivery that the core got. */
const hops: number[] = [];

beforeAll(async () => {
  stage = await openStage(['--trust', '127.0.0.1', '--answer-within', '1']);
}, startMsMax);

afterAll(() => stage?.close());

it(
  'ends when the hops do, also through the store where the lane of the core is busy',
  async () => {
    if (stage === undefined) throw new Error('no server');
    const [tom, core] = [await stage.phone('tom'), await stage.phone('core')];
    core.answer('MESSAGE', async (delivery) => {
      const left = Number(delivery.header('Max-Forwards'));
      hops.push(left);
      if (left === 0) return 483;
      const answer = await core.request('MESSAGE', 'sip:mary@localhost', {
        headers: { From: `<sip:tom@localhost>;tag=b2b${hops.length}`, 'Max-Forwards': String(left - 1) },
        contentType: 'text/plain',
        body: delivery.text,
      });
      return answer.status;
    });
    const registered = await core.request('REGISTER', 'sip:localhost', {
      to: 'sip:mary@localhost',
      headers: { Contact: `<sip:127.0.0.1:${core.local.port}>`, Expires: '600' },
    });
    expect(registered.status).toBe(200);
    await tom.sendMessage('mary@localhost', 'round', { headers: { 'Max-Forwards': '8' } });
    await waitUntil(() => hops.includes(0) || hops.includes(1), startMsMax);
    let queue = '';
    await waitUntil(async () => {
      queue = (await stage?.server.command('queue')) ?? '';
      return !queue.includes('waiting');
    }, startMsMax);
    expect(queue).not.toContain('waiting');
    // It came with 8 and went with 7; each side takes one.
    expect(hops).toEqual([7, 5, 3, 1]);
  },
  2 * startMsMax,
);
