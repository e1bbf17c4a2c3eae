import { beforeEach, describe, expect, it } from 'vitest';
import { regExpires } from '../../src/endpoints/sip/watching/core-registrations.ts';
import type { VirtualPhone } from '../broken-calls/virtual-phone.ts';
import { contactElement, ScriptedCore } from './scripted-core.ts';
import { Network, ours, Server } from './two-servers.ts';

let network: Network;
let core: ScriptedCore;
let server: Server;
let tom: VirtualPhone;

async function send(text: string): Promise<number> {
  const headers = [['Content-Type', 'text/plain'] as const];
  const answer = await network.pass(tom.request({ method: 'MESSAGE', uri: 'sip:mary@localhost', headers, body: text }));
  return answer.status;
}

const texts = (): string[] => core.messages.map(({ body }) => body.toString());

beforeEach(async () => {
  network = new Network();
  core = new ScriptedCore(network);
  server = await new Server(network, ours, { 'reg-server': ['sip:192.0.2.7'] }).start();
  tom = network.phone('tom', ours);
});

describe('a core that tells who registered', () => {
  it('is asked about every account, at a pace', async () => {
    expect(core.subscribes.length).toBeLessThan(4);
    await network.time.advance(1_000);
    const [first] = core.subscribes;
    expect(core.subscribes.map(({ uri }) => uri).toSorted()).toEqual(
      ['john', 'mary', 'peter', 'tom'].map((user) => `sip:${user}@localhost`),
    );
    expect(first?.header('Event')).toBe('reg');
    expect(first?.header('Accept')).toBe('application/reginfo+xml');
    expect(first?.header('Expires')).toBe(String(regExpires));
    expect(first?.header('From')).toMatch(/^<sip:inbox@localhost>;tag=/);
    expect(core.notifyAnswers).toEqual([200, 200, 200, 200]);
  });

  it('is the route to whoever is registered there, whatever their contacts', async () => {
    core.contacts.set('mary', contactElement('phone'));
    await network.time.advance(1_000);
    expect(server.count('restante_bindings')).toBe(1);
    expect(await send('hello')).toBe(200);
    const [message] = core.messages;
    expect(message?.uri).toBe('sip:mary@localhost');
  });

  it('releases what waits when somebody registers, and keeps when they are gone', async () => {
    await network.time.advance(1_000);
    expect(await send('one')).toBe(202);
    core.tell('mary', contactElement('phone'));
    await network.time.advance(1_000);
    expect(texts()).toEqual(['one']);
    core.tell('mary', contactElement('tablet', 'created'));
    core.tell('mary', contactElement('phone', 'expired'));
    await network.time.advance(1_000);
    expect(await send('two'), 'one contact is left').toBe(200);
    core.tell('mary', contactElement('tablet', 'unregistered'), 'terminated');
    await network.time.advance(1_000);
    expect(server.count('restante_bindings')).toBe(0);
    expect(await send('three')).toBe(202);
    expect(texts()).toEqual(['one', 'two']);
  });

  it('asks for everything when a document was missed', async () => {
    await network.time.advance(1_000);
    core.omit('mary');
    core.contacts.set('mary', contactElement('phone'));
    const before = core.subscribes.length;
    core.tell('mary', contactElement('phone'));
    await network.time.advance(1_000);
    expect(core.subscribes.length - before).toBe(1);
    expect(core.subscribes.at(-1)?.header('To')).toContain(';tag=');
    expect(server.count('restante_bindings')).toBe(1);
  });

  it('a user none of whose phones takes messages is not sent any', async () => {
    const inside = '<unknown-param name="methods">"INVITE,ACK,BYE"</unknown-param>';
    core.contacts.set('mary', contactElement('desk', 'registered', inside));
    await network.time.advance(1_000);
    expect(await send('one')).toBe(202);
    core.tell('mary', contactElement('mobile'));
    await network.time.advance(1_000);
    expect(texts()).toEqual(['one']);
  });

  it('keeps a binding as long as the subscription lives, over refreshes, and not longer', async () => {
    core.contacts.set('mary', contactElement('phone'));
    await network.time.advance(3 * regExpires * 1_000);
    expect(server.count('restante_bindings')).toBe(1);
    expect(await send('still there')).toBe(200);
    core.end('mary', 'noresource');
    await network.time.advance(1_000);
    expect(server.count('restante_bindings')).toBe(0);
  });

  it('a new subscription after `deactivated` changes nothing for the user', async () => {
    core.contacts.set('mary', contactElement('phone'));
    await network.time.advance(60_000);
    core.end('mary', 'deactivated');
    await network.time.advance(1_000);
    expect(server.count('restante_bindings')).toBe(1);
    expect(await send('hello')).toBe(200);
    expect(core.subscribes.filter(({ uri }) => uri === 'sip:mary@localhost')).toHaveLength(2);
  });

  it('a document that is none changes nothing and is refused', async () => {
    core.contacts.set('mary', contactElement('phone'));
    await network.time.advance(1_000);
    core.notifyAnswers.length = 0;
    core.tell('mary', '<contact>');
    core.tell('mary', '<!DOCTYPE x>');
    await network.time.advance(1_000);
    expect(core.notifyAnswers).toEqual([400, 400]);
    expect(server.count('restante_bindings')).toBe(1);
  });

  it('is known again after a kill of this server', async () => {
    core.contacts.set('mary', contactElement('phone'));
    await network.time.advance(1_000);
    server.kill();
    core.contacts.delete('mary');
    await server.start();
    expect(server.count('restante_bindings'), 'as it was stored').toBe(1);
    await network.time.advance(1_000);
    expect(server.count('restante_bindings')).toBe(0);
  });
});
