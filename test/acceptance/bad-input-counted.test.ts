/** What is wrong in what a client sends gets its answer and is seen in the metrics: an operator can tell a broken client. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SipUserAgent } from '../../src/cli/demo/user-agent/sip-user-agent.ts';
import { openStage, startMsMax, type Stage } from './stage.ts';

let stage: Stage;
let tom: SipUserAgent;

beforeAll(async () => {
  stage = await openStage(['--max-body', '1000']);
  tom = await stage.phone('tom');
}, startMsMax);

afterAll(() => stage.close());

const send = (text: string, headers = {}) => tom.sendMessage('mary@localhost', text, { headers });
const when = (condition: string) => send('hello', { 'Deliver-When': condition });

/** What is done, what it is answered, and the sample that it adds one to. */
const cases: readonly (readonly [what: string, act: () => Promise<{ status: number }>, status: number, string])[] = [
  ['a malformed condition', () => when('mood iz happy'), 400, 'messages_refused_total{reason="malformed-condition"}'],
  [
    'a condition not authorised',
    () => when('mood is happy'),
    403,
    'messages_refused_total{reason="attribute-not-authorised"}',
  ],
  [
    'a negative Expires',
    () => send('hello', { Expires: '-1' }),
    400,
    'sip_refusals_total{method="MESSAGE",status="400"}',
  ],
  ['a body that is too large', () => send('x'.repeat(1001)), 413, 'messages_refused_total{reason="too-large"}'],
  [
    'a document that is no XML',
    () => tom.publish('<presence><'),
    400,
    'sip_refusals_total{method="PUBLISH",status="400"}',
  ],
];

describe('bad input', () => {
  it.each(cases)('%s is answered and counted', async (_what, act, status, sample) => {
    const before = await readSample(sample);
    expect((await act()).status).toBe(status);
    expect(await readSample(sample)).toBe(before + 1);
  });
});

async function readSample(name: string): Promise<number> {
  const lines = (await (await fetch(`${stage.server.http}/metrics`)).text()).split('\n');
  const line = lines.find((one) => one.startsWith(`restante_${name} `));
  return Number(line?.split(' ').at(-1) ?? 0);
}
