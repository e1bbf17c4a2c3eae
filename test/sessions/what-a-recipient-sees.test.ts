import { expect, it } from 'vitest';
import { SessionWorld } from './session-world.ts';

/** The INVITE that she gets, without what is made up for each one. */
async function offerTo(condition: string | undefined): Promise<string> {
  const world = await SessionWorld.open();
  const [tom, mary] = [world.client('tom'), world.client('mary')];
  const rows = condition === undefined ? [] : [`Deliver-When: ${condition}`];
  const session = await tom.large('mary', { rows });
  session.send('mmmm', 'hello');
  await world.advance(5000);
  await mary.register();
  await world.advance(60_000);
  const invite = mary.invites[0]?.answer;
  if (invite === undefined) throw new Error(`nobody was asked: ${session.status}`);
  expect(mary.invites[0]?.texts).toEqual(['hello']);
  return String(invite.bytes)
    .replaceAll(/(branch=|tag=|Call-ID: |Deferred-Message: |o=- |2855\/)[^;\r ]+/g, '$1X')
    .replaceAll(/accepted=\S+/g, 'accepted=X');
}

it('the INVITE for a large message does not tell whether it waited for her or for its moment', async () => {
  const away = await offerTo(undefined);
  const held = await offerTo('online and availability is available');
  expect(held).toBe(away);
  expect(away).not.toMatch(/deliver-when|availability/i);
});
