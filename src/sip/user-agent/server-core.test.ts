/** The checks of RFC 3261 8.2 in their order, dispatch, and what a failing handler leads to. */
import { describe, expect, it } from 'vitest';
import { AssertionFault } from '../../base/assert.ts';
import { Counters } from '../../base/counters.ts';
import type { LogFields } from '../../base/log.ts';
import { silentLog } from '../../base/log.ts';
import { systemIds } from '../../base/system-ids.ts';
import { VirtualTime } from '../../base/time/virtual-time.ts';
import type { SipResponse } from '../message/sip-message.ts';
import { defaultTiming } from '../transaction/machines/transaction-timing.ts';
import { RecordingTransport, requestText } from '../transaction/recording-transport.ts';
import type { RequestWords } from '../transaction/recording-transport.ts';
import { TransactionLayer } from '../transaction/transaction-layer.ts';
import { ServerCore } from './server-core.ts';

class Server {
  readonly time = new VirtualTime();
  readonly transport = new RecordingTransport();
  readonly counters = new Counters();
  readonly core: ServerCore;
  readonly logged: LogFields[] = [];
  #branch = 0;

  constructor() {
    const { time, transport, counters } = this;
    const layer = new TransactionLayer({ transport, clock: time, timers: time, ids: systemIds, counters });
    this.core = new ServerCore({
      agent: { server: 'Restante/1', host: 'example.com' },
      schemes: ['sip', 'im'],
      optionTags: ['deliver-when', 'path'],
      isOurSentBy: (host, port) => host === '192.0.2.9' && port === 5060,
      clock: time,
      ids: systemIds,
      log: { ...silentLog, error: (fields) => this.logged.push(fields) },
      counters,
      timing: defaultTiming,
    });
    layer.use(this.core);
    this.core.register('MESSAGE', (context) => context.respond(200), { handlesRepetition: true });
    this.core.register('PUBLISH', (context) => context.respond(200));
  }

  /** Sends a request with a branch of its own and answers what comes back. */
  ask(words: RequestWords, edit = (text: string): string => text): SipResponse {
    const branch = `z9hG4bKask${this.#branch++}`;
    this.transport.receive(edit(requestText({ branch, ...words })));
    const response = this.transport.responses.pop();
    if (response === undefined) throw new Error('no answer');
    return response;
  }

  count(name: string): number {
    return this.counters.counter(name).value;
  }
}

describe('the checks of ServerCore', () => {
  it('answers what it knows', () => {
    const response = new Server().ask({});
    expect(response.status).toBe(200);
    expect(response.reason).toBe('OK');
    expect(response.headers.get('Server')).toBe('Restante/1');
    expect(response.to.tag).toMatch(/^[a-z0-9]{8,14}$/);
  });

  it('are counted by method and status when they refuse, without a word that a peer made up', () => {
    const server = new Server();
    for (const method of ['DANCE', 'SING', 'PUBLISH']) server.ask({ method });
    server.ask({ method: 'PUBLISH', uri: 'tel:+4930123' });
    expect(server.count('sip_refusals{method="other",status="501"}')).toBe(2);
    expect(server.count('sip_refusals{method="PUBLISH",status="416"}')).toBe(1);
    const counted = [...server.counters.entries()].filter(({ name }) => name.startsWith('sip_refusals'));
    expect(counted).toHaveLength(2);
  });

  it.each([
    ['a method that nobody knows', { method: 'DANCE' }, '501 Allow: MESSAGE, PUBLISH'],
    ['a method that is known and not served', { method: 'REFER' }, '405 Allow: MESSAGE, PUBLISH'],
    ['a scheme that is not served', { uri: 'tel:+4930123' }, '416'],
    ['a scheme that nobody knows', { uri: 'nobodyKnowsThisScheme:totally' }, '416'],
    ['extensions', { rows: ['Require: deliver-when, foo', 'Require: bar'] }, '420 Unsupported: foo, bar'],
    ['an extension for proxies', { rows: ['Proxy-Require: baz'] }, '420 Unsupported: baz'],
    ['a Require that is no list', { rows: ['Require: a b'] }, '400'],
    ['its own Via', { via: 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKl, SIP/2.0/UDP 192.0.2.9:5060' }, '482'],
  ])('refuses %s', (_what, words, expected) => {
    const { status, headers } = new Server().ask(words);
    const rows = ['Allow', 'Unsupported'].flatMap((name) => headers.getAll(name).map((value) => `${name}: ${value}`));
    expect([status, ...rows].join(' ')).toBe(expected);
  });

  it.each([
    ['option tags that are served, in any case', { rows: ['Require: Deliver-When', 'Proxy-Require: path'] }],
    ['a scheme that is served', { uri: 'im:mary@example.com' }],
    ['Max-Forwards 0', { rows: [] }],
    ['the Via of another port', { via: 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKl, SIP/2.0/UDP 192.0.2.9:5070' }],
  ])('takes %s', (_what, words) => {
    const edit = (text: string): string => text.replace('Max-Forwards: 70', 'Max-Forwards: 0');
    expect(new Server().ask(words, edit).status).toBe(200);
  });

  it('looks at the method before the Request-URI, and at that before the extensions', () => {
    const server = new Server();
    const rows = ['Require: foo'];
    expect(server.ask({ method: 'DANCE', uri: 'tel:1', rows }).status).toBe(501);
    expect(server.ask({ uri: 'tel:1', rows }).status).toBe(416);
  });
});

describe('merged requests (RFC 3261 8.2.2.2)', () => {
  it('are refused for 64*T1, unless their handler wants them', async () => {
    const server = new Server();
    expect(server.ask({ method: 'PUBLISH' }).status).toBe(200);
    expect(server.ask({ method: 'PUBLISH' })).toMatchObject({ status: 482, reason: 'Merged Request' });
    expect(server.ask({ method: 'PUBLISH', cseq: 2 }).status).toBe(200);
    expect(server.ask({ method: 'PUBLISH', callId: 'other' }).status).toBe(200);
    expect(server.ask({ method: 'PUBLISH', fromTag: 'other' }).status).toBe(200);
    expect(server.ask({}).status).toBe(200);
    expect(server.ask({}).status).toBe(200);
    await server.time.advance(32_001);
    expect(server.ask({ method: 'PUBLISH' }).status).toBe(200);
  });

  it('are not those of a dialog', () => {
    const server = new Server();
    expect(server.ask({ method: 'PUBLISH', toTag: 'x' }).status).toBe(200);
    expect(server.ask({ method: 'PUBLISH', toTag: 'x' }).status).toBe(200);
  });
});

describe('dispatch', () => {
  it('says 500 for a handler that throws or rejects, logs it and goes on', async () => {
    const server = new Server();
    server.core.register('INFO', () => {
      throw new Error('broken');
    });
    server.core.register('NOTIFY', async () => {
      await Promise.resolve();
      throw new AssertionFault('broken later');
    });
    expect(server.ask({ method: 'INFO' }).status).toBe(500);
    server.transport.receive(requestText({ method: 'NOTIFY' }));
    await server.time.settle();
    expect(server.transport.takeStatuses()).toEqual([500]);
    expect(server.logged).toHaveLength(2);
    expect(server.logged[1]).toMatchObject({ method: 'NOTIFY', callId: 'call1' });
    expect(server.count('sip_handler_faults')).toBe(2);
    expect(server.ask({}).status).toBe(200);
  });

  it('says nothing more when the handler had answered before it failed', () => {
    const server = new Server();
    server.core.register('INFO', (context) => {
      context.respond(202);
      throw new Error('broken');
    });
    server.transport.receive(requestText({ method: 'INFO' }));
    expect(server.transport.takeStatuses()).toEqual([202]);
  });

  it('survives a handler whose answer is a fault of ours', () => {
    const server = new Server();
    server.core.register('INFO', (context) => context.respond(180));
    expect(server.ask({ method: 'INFO' }).status).toBe(500);
  });

  it('waits for an answer that comes later', async () => {
    const server = new Server();
    server.core.register('INFO', async (context) => {
      await Promise.resolve();
      context.respond(200, { body: new TextEncoder().encode('late'), contentType: 'text/plain', warning: 'say "so"' });
    });
    server.transport.receive(requestText({ method: 'INFO' }));
    await server.time.settle();
    const [response] = server.transport.responses;
    expect(response?.headers.get('Content-Type')).toBe('text/plain');
    expect(response?.headers.get('Warning')).toBe('399 example.com "say \\"so\\""');
    expect(new TextDecoder().decode(response?.body)).toBe('late');
  });

  it('takes another handler for a method, and counts by method', () => {
    const server = new Server();
    server.core.register('MESSAGE', (context) => context.respond(603, { reason: 'Go away' }));
    expect(server.ask({}).reason).toBe('Go away');
    expect(server.count('sip_requests{method="MESSAGE"}')).toBe(1);
  });

  it('lists ACK and CANCEL with INVITE, and passes ACKs on', () => {
    const server = new Server();
    server.core.register('INVITE', (context) => context.respond(488));
    expect(server.core.allow).toBe('ACK, CANCEL, INVITE, MESSAGE, PUBLISH');
    const acks: string[] = [];
    server.transport.receive(requestText({ method: 'ACK' }));
    server.core.registerAck((ack) => {
      acks.push(ack.method);
      throw new Error('broken');
    });
    server.transport.receive(requestText({ method: 'ACK' }));
    expect(acks).toEqual(['ACK']);
    expect(server.logged).toHaveLength(1);
  });
});
