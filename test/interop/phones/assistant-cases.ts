/** The assistant with a client that knows nothing but texts: everything that the HTTP API does, in plain words. */
import { type Baresip, startBaresip } from './baresip-cases.ts';
import { expectSame, patienceMs, startPhone, type InteropCase } from '../interop-case.ts';

async function say(baresip: Baresip, text: string, answer: RegExp): Promise<void> {
  await baresip.command('message', text);
  await baresip.program.waitForOutput(answer, patienceMs);
}

export const assistantCases: readonly InteropCase[] = [
  {
    name: 'baresip and the assistant: publishes, allows, lists, fetches before the moment, blocks',
    tool: 'baresip',
    async play(world) {
      const tom = await startPhone(world, 'tom');
      const mary = await startBaresip(world, 'mary', [], 'inbox');
      await say(mary, 'Hello!', /sip:inbox@localhost: "Write to me in plain words/);
      await say(mary, 'mood angry', /Your mood is now: angry\./);
      const when = { headers: { 'Deliver-When': 'mood changes from angry' } };
      expectSame('before she allows', (await tom.sendMessage('mary@localhost', 'no', when)).status, 403);
      await say(mary, 'allow tom mood', /tom may see: mood\./);
      for (const text of ['are you well?', 'call me']) {
        expectSame('answer', (await tom.sendMessage('mary@localhost', text, when)).status, 202);
      }
      await say(mary, 'list', /Nothing waits for you\./);
      await say(mary, 'all from tom', /From tom:\s+1\. tom, .* 13 bytes\s+2\. tom, .* 7 bytes/);
      await say(mary, 'get 2', /sip:tom@localhost: "call me"[^]*Sent you 1 message\./);
      await say(mary, 'mood happy', /Your mood is now: happy\./);
      await mary.program.waitForOutput(/sip:tom@localhost: "are you well\?"/, patienceMs);
      await say(mary, 'block tom', /You take nothing from tom any more\./);
      expectSame('blocked', (await tom.sendMessage('mary@localhost', 'hello?')).status, 403);
      await say(mary, 'unblock tom', /You take messages from tom again\./);
      expectSame('unblocked', (await tom.sendMessage('mary@localhost', 'hello again')).status, 200);
      await mary.program.waitForOutput(/sip:tom@localhost: "hello again"/, patienceMs);
    },
  },
  {
    name: 'baresip and the assistant: holds, recalls, is told in words what became of it',
    tool: 'baresip',
    async play(world) {
      const tom = await startPhone(world, 'tom');
      await tom.register();
      await tom.publish('not-available');
      const mary = await startBaresip(world, 'mary', [], 'inbox');
      await say(mary, 'reports on', /Reports are on:/);
      const hold = 'when availability is available to tom:';
      await say(
        mary,
        `${hold} lunch?`,
        /Held for tom until: availability is available\. It is number 1 of your outbox/,
      );
      await mary.program.waitForOutput(
        /Your message to tom of .* is stored: its condition is not met yet\./,
        patienceMs,
      );
      await say(mary, `${hold} dinner?`, /It is number 2 of your outbox/);
      await say(mary, 'outbox', /1\. to tom, .* held until: availability is available\s+2\. to tom/);
      await say(mary, 'recall 1', /Number 1 is taken back\./);
      await tom.publish('available');
      expectSame('what tom gets', (await tom.nextMessage(patienceMs)).text, 'dinner?');
      await mary.program.waitForOutput(/Your message to tom of .* was delivered\./, patienceMs);
      await say(mary, 'moood happy', /I do not understand "moood happy"\. Did you mean "mood"\?/);
    },
  },
];
