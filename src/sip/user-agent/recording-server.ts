/** For tests: the whole server half over a transport that notes what is sent, in virtual time, without a handler yet. */
import { Counters } from '../../base/counters.ts';
import { silentLog } from '../../base/log.ts';
import { VirtualTime } from '../../base/time/virtual-time.ts';
import { defaultTiming } from '../transaction/machines/transaction-timing.ts';
import { RecordingTransport } from '../transaction/recording-transport.ts';
import { TransactionLayer } from '../transaction/transaction-layer.ts';
import { ServerCore } from './server-core.ts';

export interface RecordingServer {
  readonly time: VirtualTime;
  readonly transport: RecordingTransport;
  readonly core: ServerCore;
}

export function createRecordingServer(): RecordingServer {
  const time = new VirtualTime();
  const transport = new RecordingTransport();
  const counters = new Counters();
  let count = 0;
  const nextId = (): string => `id${++count}`;
  const ids = { randomToken: nextId, timeOrderedId: nextId, fraction: () => 0.5 };
  const layer = new TransactionLayer({ transport, clock: time, timers: time, ids, counters });
  const core = new ServerCore({
    agent: { server: 'Restante/1', host: 'example.com' },
    schemes: ['sip'],
    optionTags: [],
    isOurSentBy: () => false,
    clock: time,
    ids,
    log: silentLog,
    counters,
    timing: defaultTiming,
  });
  layer.use(core);
  return { time, transport, core };
}
