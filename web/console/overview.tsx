/** How the server is: health, what is kept, rates and times as charts, clients, limits. */
import type { ServerStatus } from '../api/shapes.ts';
import { duration, wholeTime } from '../words/times.ts';
import { Chart } from './chart.tsx';
import { figure, sumOf } from './rates.ts';
import type { StatusFeed } from './status-feed.ts';
import { Clients, Limits } from './tables.tsx';

export function Overview({ feed }: { readonly feed: StatusFeed }) {
  const status = feed.status.value;
  const samples = feed.samples.value;
  if (status === undefined) return <p class="quiet">Asking the server…</p>;
  return (
    <>
      <h1 class="visually-hidden">Overview</h1>
      <Tiles status={status} />
      <section aria-labelledby="charts-heading">
        <h2 id="charts-heading">Now</h2>
        <div class="charts">
          <Chart
            title="Messages"
            unit="a second"
            lines={['delivered at once', 'kept', 'ended after waiting', 'refused']}
            samples={samples}
          />
          <Chart
            title="Work"
            unit="a second"
            lines={['HTTP calls', 'SIP requests', 'writes to disk']}
            samples={samples}
          />
          <Chart
            title="Usual times"
            unit="ms"
            lines={['SIP answers p50', 'HTTP answers p50', 'writes to disk p50']}
            samples={samples}
          />
          <Chart
            title="Slowest of a hundred"
            unit="ms"
            lines={['SIP answers p99', 'HTTP answers p99', 'writes to disk p99']}
            samples={samples}
          />
        </div>
      </section>
      <div class="columns">
        <Clients status={status} />
        <Limits status={status} />
      </div>
      <Health status={status} />
    </>
  );
}

function Tiles({ status }: { readonly status: ServerStatus }) {
  const { kept, clients, counters } = status;
  const connected = Object.values(clients.counts).reduce((sum, count) => sum + count, 0);
  const faults = faultsOf(counters);
  const tiles = [
    ['Kept now', figure(kept.messages), `for ${figure(kept.recipients)} recipients`],
    ['Waiting for a client', figure(kept.waiting), 'their condition holds, or there is none'],
    ['With a condition', figure(kept.conditional), 'held until it does'],
    ['Clients', figure(connected), clients.whole ? 'registered or listening' : 'and more'],
    ['Faults', figure(faults), faults === 0 ? 'none since the start' : 'since the start; see the log'],
  ] as const;
  return (
    <dl class="tiles">
      {tiles.map(([name, value, more]) => (
        <div key={name} class={name === 'Faults' && faults > 0 ? 'tile tile-bad' : 'tile'}>
          <dt>{name}</dt>
          <dd class="tile-value">{value}</dd>
          <dd class="quiet small">{more}</dd>
        </div>
      ))}
    </dl>
  );
}

const faultNames = [
  'store_faults',
  'restante_store_refusals_total',
  'sip_handler_faults',
  'restante_reports_lost_total',
];

function faultsOf(counters: Readonly<Record<string, number>>): number {
  return sumOf(counters, faultNames);
}

function Health({ status }: { readonly status: ServerStatus }) {
  const { version, startedAt, now, listeners, counters } = status;
  const storeFaults = sumOf(counters, ['store_faults']);
  const waiting = counters['store_operations_waiting'] ?? 0;
  const rows = [
    ['Version', version],
    ['Running for', `${duration(Date.parse(now) - Date.parse(startedAt))}, since ${wholeTime(Date.parse(startedAt))}`],
    ['Listening', listeners.map(({ protocol, at }) => `${protocol} ${at}`).join(', ')],
    ['Store', `${storeFaults === 0 ? 'writes' : `${storeFaults} writes failed`}; ${waiting} writes in line`],
  ] as const;
  return (
    <section class="panel" aria-labelledby="health-heading">
      <h2 id="health-heading">Health</h2>
      <dl class="facts">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
