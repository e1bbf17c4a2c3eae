import { beforeEach, describe, expect, it } from 'vitest';
import { octets } from '../../src/msrp/leg/test-sides.ts';
import { spoolAheadMax } from '../../src/sessions/spool/spool.ts';
import type { ClientSession, SessionClient } from './session-client.ts';
import { SessionWorld } from './session-world.ts';

const body = octets(6_000_000);
let world: SessionWorld;
let tom: SessionClient;
let mary: SessionClient;

beforeEach(async () => {
  world = await SessionWorld.open();
  tom = world.client('tom');
  mary = world.client('mary');
  await mary.register();
});

async function both(kind: 'large' | 'talk'): Promise<{ ours: ClientSession; theirs: ClientSession }> {
  const ours = await tom[kind]('mary');
  await world.advance(100);
  const [theirs] = mary.invites;
  if (theirs === undefined) throw new Error('nobody was asked');
  return { ours, theirs };
}

describe.each(['large', 'talk'] as const)('in a session of kind %s', (kind) => {
  it('who is slow slows the other down, and memory stays as it is', async () => {
    const { ours, theirs } = await both(kind);
    theirs.leg.pause();
    const sent = ours.send('mmmm', body);
    await world.advance(5000);
    expect(sent.readBytes).toBeLessThan(spoolAheadMax + 2_000_000);
    expect(world.gauge('restante_spool_bytes')).toBeLessThan(spoolAheadMax + 1_000_000);
    theirs.leg.resume();
    await world.advance(5000);
    expect(Buffer.compare(theirs.side.bodies.values().next().value ?? new Uint8Array(), body)).toBe(0);
    expect(sent.ends).toMatchObject([{ kind: 'answered' }]);
    ours.bye();
    await world.advance(1000);
    world.nothingIsLeft();
  });

  it('who takes nothing at all is given up, and it is kept for them', async () => {
    const { ours, theirs } = await both(kind);
    theirs.leg.pause();
    mary.answer = 480;
    const sent = ours.send('mmmm', body.subarray(0, 900_000));
    await world.advance(120_000);
    expect(sent.ends).toMatchObject([{ kind: 'answered' }]);
    expect(await world.kept('mary')).toMatchObject([{ bytes: 900_000 }]);
    await world.advance(10_000);
    world.nothingIsLeft();
  });
});
