/** What a restart, and the end of a connection, leave of bindings that rested on a connection. */
import { expect, it } from 'vitest';
import { silentLog } from '../../base/log.ts';
import { VirtualTime } from '../../base/time/virtual-time.ts';
import { memoryStores } from '../../stores/memory/memory-stores.ts';
import { SipHeaders } from '../message/sip-headers.ts';
import { createSipRequest } from '../message/sip-message.ts';
import { LocationService } from './location-service.ts';
import type { Flow } from './ports.ts';
import { refreshDelayMs } from './refresh-writer.ts';
import { defaultRegistrarRules, type Registration } from './registrar.ts';

const stores = memoryStores();
const closed = new Set<number>();

function createService(time: VirtualTime): LocationService {
  return new LocationService({
    store: stores.bindings,
    clock: time,
    timers: time,
    log: silentLog,
    rules: { ...defaultRegistrarRules, isOurs: () => false, isOurRoute: () => false },
    isOpen: ({ connection = 0 }) => !closed.has(connection),
    onBindingsChanged: () => undefined,
  });
}

function registration(user: string, transport: Flow['transport'], isOutbound: boolean): Registration {
  const contact = `<sip:x@${user}.invalid>;+sip.instance="<urn:uuid:${user}>";reg-id=1`;
  const headers = new SipHeaders([
    ['Via', 'SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKa'],
    ['From', `<sip:${user}@example.com>;tag=f`],
    ['To', `<sip:${user}@example.com>`],
    ['Call-ID', 'call-1'],
    ['CSeq', '1 REGISTER'],
    ['Contact', contact],
    ...(isOutbound ? ([['Supported', 'outbound']] as const) : []),
  ]);
  const request = createSipRequest({ method: 'REGISTER', requestUri: 'sip:example.com', headers });
  const flow = { transport, remoteAddress: '192.0.2.1', remotePort: 5060, connection: 3 };
  return { request, addressOfRecord: `${user}@example.com`, flow };
}

it('leaves out what could be reached over a connection only, durably', async () => {
  const time = new VirtualTime();
  const first = createService(time);
  await first.register(registration('ws', 'ws', false));
  await first.register(registration('wss', 'wss', true));
  await first.register(registration('tls-outbound', 'tls', true));
  await first.register(registration('udp-outbound', 'udp', true));
  await first.register(registration('tcp', 'tcp', false));
  await first.stop();
  const second = createService(time);
  await second.load();
  const left = ['tcp@example.com', 'udp-outbound@example.com'];
  expect([...second.all()].map(({ addressOfRecord }) => addressOfRecord)).toEqual(left);
  await time.advance(refreshDelayMs);
  await second.stop();
  expect((await stores.bindings.bindings(undefined, 10)).map(({ addressOfRecord }) => addressOfRecord)).toEqual(left);
});

it('keeps nothing of a connection that closed while its REGISTER was being written, unless there is another way', async () => {
  const service = createService(new VirtualTime());
  const answers = [
    service.register(registration('gone', 'ws', false)),
    service.register(registration('connected-to', 'tcp', false)),
  ];
  closed.add(3);
  service.closeFlow(3);
  for (const answer of answers) expect(await answer).toMatchObject({ status: 200 });
  expect([...service.all()].map(({ addressOfRecord }) => addressOfRecord)).toEqual(['connected-to@example.com']);
  await service.stop();
  closed.clear();
});
