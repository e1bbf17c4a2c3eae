/** sipp begins, takes back, refreshes and ends sessions of messages; its own side has no MSRP. */
import { expectSame, expectThat, patienceMs, startAgent, type InteropCase } from '../interop-case.ts';
import { startSipp } from '../sipp-cases.ts';

export const sippSessionCases: readonly InteropCase[] = [
  {
    name: 'sipp: an INVITE without MSRP gets 488',
    tool: 'sipp',
    async play(world) {
      await startSipp(world, { scenario: 'invite-audio', user: 'tom', to: 'mary' }).over;
    },
  },
  {
    name: 'sipp: an INVITE for a conversation with somebody away gets 480',
    tool: 'sipp',
    async play(world) {
      await startSipp(world, { scenario: 'invite-away', user: 'tom', to: 'mary' }).over;
    },
  },
  {
    name: 'sipp: an INVITE rings, is taken back with CANCEL, and ends with 487 on both sides',
    tool: 'sipp',
    async play(world) {
      const mary = await startAgent(world, 'mary');
      await mary.register();
      const tom = startSipp(world, { scenario: 'invite-cancelled', user: 'tom', to: 'mary' });
      const invite = await mary.nextInvite(patienceMs);
      invite.ring();
      await tom.over;
      expectSame('taken back by', (await invite.cancelled).method, 'CANCEL');
      expectSame('acknowledged by', (await invite.acknowledged).method, 'ACK');
    },
  },
  {
    name: 'sipp: a large message begins, its session timer is kept alive by UPDATE and INVITE, BYE ends it',
    tool: 'sipp',
    async play(world) {
      const log = await startSipp(world, { scenario: 'invite-large', user: 'tom', to: 'mary' }).over;
      expectThat(/^SIP\/2\.0 422 [^]*?^Min-SE: \d+/m.test(log), `no 422 with Min-SE:\n${log}`);
      const answers = log.split(/^-{10,}.*$/m).filter((entry) => /^SIP\/2\.0 200 /m.test(entry));
      const timed = answers.filter((entry) => /^(?:Session-Expires|x): *1800/im.test(entry));
      expectSame('answers with a session timer', timed.length, 3);
    },
  },
];
