import { beforeEach, describe, expect, it } from 'vitest';
import type { Address } from '../../src/model/address.ts';
import { octets } from '../../src/msrp/leg/test-sides.ts';
import { lineBytesMax } from '../../src/sessions/transcripts/transcript-recorder.ts';
import type { SessionClient } from './session-client.ts';
import { SessionWorld } from './session-world.ts';

const [tomAddress, maryAddress] = ['tom@localhost' as Address, 'mary@localhost' as Address];
let world: SessionWorld;
let tom: SessionClient;
let mary: SessionClient;

async function enter(flags: Readonly<Record<string, string>>): Promise<void> {
  world = await SessionWorld.open(flags);
  tom = world.client('tom');
  mary = world.client('mary');
  await mary.register();
  await world.stores.transcripts.setKept(maryAddress, true);
}

beforeEach(() => enter({ transcripts: 'on' }));

async function lastOf(owner: Address) {
  const [last] = await world.stores.transcripts.list(owner, { limit: 1 });
  return last === undefined ? undefined : world.stores.transcripts.read(owner, last.id);
}

async function talk(): Promise<void> {
  const ours = await tom.talk('mary');
  await world.advance(100);
  const theirs = mary.invites.at(-1);
  ours.send('mmm1', 'hello');
  await world.advance(100);
  theirs?.send('nnn1', 'From: <sip:mary@localhost>\r\n\r\nContent-Type: text/plain\r\n\r\nhi', {
    contentType: 'message/cpim',
  });
  await world.advance(100);
  ours.send('mmm2', '<state>', { contentType: 'application/im-iscomposing+xml' });
  ours.send('mmm3', octets(5), { contentType: 'image/png' });
  await world.advance(100);
  ours.send('mmm4', 'x'.repeat(lineBytesMax));
  await world.advance(100);
  ours.send('mmm5', 'x'.repeat(lineBytesMax + 1));
  await world.advance(100);
  ours.bye();
  await world.advance(1000);
}

describe('a transcript', () => {
  it('has what was said, as far as it is text and not too long, for the side that keeps it', async () => {
    await talk();
    const kept = await lastOf(maryAddress);
    expect(kept).toMatchObject({ owner: maryAddress, other: tomAddress, isMissed: false, messages: 5 });
    expect(kept?.lines.map(({ isOwn, contentType, bytes, text }) => [isOwn, contentType, bytes, text?.length])).toEqual(
      [
        [false, 'text/plain', 5, 5],
        [true, 'text/plain', 60, 2],
        [false, 'image/png', 5, undefined],
        [false, 'text/plain', lineBytesMax, lineBytesMax],
        [false, 'text/plain', lineBytesMax + 1, undefined],
      ],
    );
    expect(await lastOf(tomAddress)).toBeUndefined();
    world.nothingIsLeft();
  });

  it('is of a conversation that was missed, too', async () => {
    mary.answer = 480;
    await tom.talk('mary');
    await world.advance(100);
    expect(await lastOf(maryAddress)).toMatchObject({ isMissed: true, messages: 0, lines: [] });
    await mary.register('', 0);
    await tom.talk('mary');
    await world.advance(100);
    expect(await world.stores.transcripts.list(maryAddress, { limit: 9 })).toHaveLength(2);
  });

  it('is not of one that was refused', async () => {
    mary.answer = 603;
    await tom.talk('mary');
    await world.advance(100);
    expect(await lastOf(maryAddress)).toBeUndefined();
  });

  it('is not kept where the operator does not say so', async () => {
    await enter({});
    await talk();
    expect(await lastOf(maryAddress)).toBeUndefined();
  });
});
