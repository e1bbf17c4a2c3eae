/** Quotas under 64 senders at once: as many as the quota says are kept, and not one more, also over a kill (contract section 1). */
import { afterEach, describe, expect, it } from 'vitest';
import { SipUserAgent } from '../../../src/cli/demo/user-agent/sip-user-agent.ts';
import { openStage, type Stage } from '../stage.ts';
import { countStatuses, plainText, queueRows, sendAtOnce } from './crowd.ts';

const senders = 64;
const each = 12;
const whenAvailable = { headers: { 'Deliver-When': 'availability is available' } };
const phones: SipUserAgent[] = [];
let stage: Stage | undefined;

afterEach(async () => {
  for (const phone of phones.splice(0)) await phone.stop();
  await stage?.close();
  stage = undefined;
});

/** Believed, so that they need neither account nor password. */
async function openCrowd(flags: readonly string[], name = (number: number) => `s${number}`): Promise<Stage> {
  stage = await openStage(['--trust', '127.0.0.1', ...flags]);
  for (let number = 0; number < senders; number += 1) {
    phones.push(
      await SipUserAgent.start({ server: stage.server.sip, address: `${name(number)}@localhost`, t1Ms: 1000 }),
    );
  }
  return stage;
}

describe('64 senders at once', { timeout: 300_000 }, () => {
  it('fill the quota of a recipient, and pass it by none', async () => {
    const { server } = await openCrowd(['--quota-recipient', '500,64MiB']);
    const answers = await sendAtOnce(phones, each, (phone) =>
      phone.request('MESSAGE', 'sip:mary@localhost', plainText),
    );
    expect(countStatuses(answers)).toEqual({ 202: 500, 603: senders * each - 500 });
    const words = answers.filter(({ status }) => status === 603).map((answer) => answer.header('Warning'));
    expect(new Set(words)).toEqual(new Set(['399 localhost "Unable to deliver IM, offline space is full"']));
    expect(await queueRows(server)).toHaveLength(500);
  });

  it('fill the half that may be held, and pass it by none', async () => {
    const { server } = await openCrowd(['--quota-recipient', '501,64MiB']);
    const options = { ...plainText, ...whenAvailable };
    const answers = await sendAtOnce(phones, each, (phone) => phone.request('MESSAGE', 'sip:mary@localhost', options));
    expect(countStatuses(answers)).toEqual({ 202: 250, 603: senders * each - 250 });
    expect(await queueRows(server)).toHaveLength(250);
  });

  it('fill the bytes of a recipient, and pass them by none', async () => {
    const { server } = await openCrowd(['--quota-recipient', '100000,10000']);
    const options = { contentType: 'text/plain', body: 'x'.repeat(99) };
    const answers = await sendAtOnce(phones, each, (phone) => phone.request('MESSAGE', 'sip:mary@localhost', options));
    expect(countStatuses(answers)).toEqual({ 202: 101, 603: senders * each - 101 });
    expect(await queueRows(server)).toHaveLength(101);
  });

  it('fill the quota of each pair, and pass it by none', async () => {
    const { server } = await openCrowd(['--quota-pair', '5']);
    const answers = await sendAtOnce(phones, each, (phone) =>
      phone.request('MESSAGE', 'sip:mary@localhost', plainText),
    );
    expect(countStatuses(answers)).toEqual({ 202: senders * 5, 603: senders * (each - 5) });
    const froms = (await queueRows(server)).map((row) => /s\d+@localhost/.exec(row)?.[0]);
    for (let number = 0; number < senders; number += 1) {
      expect(froms.filter((from) => from === `s${number}@localhost`)).toHaveLength(5);
    }
  });

  it('with one address fill its quota over all recipients, and pass it by none', async () => {
    const { server } = await openCrowd(['--quota-sender', '100'], () => 'tom');
    const recipients = ['mary', 'john', 'peter'];
    const answers = await sendAtOnce(phones, each, (phone, number) =>
      phone.request('MESSAGE', `sip:${recipients[number % 3]}@localhost`, plainText),
    );
    expect(countStatuses(answers)).toEqual({ 202: 100, 603: senders * each - 100 });
    expect(await queueRows(server)).toHaveLength(100);
  });

  it('fill a quota over a kill, and pass it by none', async () => {
    const { server } = await openCrowd(['--quota-recipient', '500,64MiB']);
    let killed: Promise<void> | undefined;
    let kept = 0;
    const answers = await sendAtOnce(phones, each, async (phone) => {
      const answer = await phone.request('MESSAGE', 'sip:mary@localhost', plainText);
      if (answer.status === 202 && (kept += 1) > 100) killed ??= server.killAndStart();
      return answer;
    });
    await killed;
    // What was kept and not answered before the kill is answered when it is sent again, and counts once.
    expect(countStatuses(answers)).toEqual({ 202: 500, 603: senders * each - 500 });
    expect(await queueRows(server)).toHaveLength(500);
  });
});
