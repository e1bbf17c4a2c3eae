/**
 * HTTP: what calls cost beside the framework's own hello in the same run, and what an open stream of events weighs. Over
 * connections that stay, each with one request under way, and with a password in each.
 */
import type { BenchRow } from '../bench-row.ts';
import { benchDomain, type BenchSite, type Rig } from '../bench-site.ts';
import type { BenchSizes } from '../bench-sizes.ts';
import { HelloProcess } from '../hello/hello-process.ts';
import { fillHeldMessages } from '../held-messages.ts';
import { inboxPageLimit, type HttpPlan } from '../load/http/http-plan.ts';
import type { Stores } from '../../../stores/stores.ts';
import { measureWork, rowOfAnswers, warmUpOf, type MeasuredRun, type Stage } from './stage.ts';

/** As many as the bar for a durable POST is meant. */
export const httpWidth = 64;
/** Streams before those that are weighed, so that the code is compiled and the heap has grown. */
const warmStreams = 200;
const warmRequests = 5000;

export const http: Stage = async (site, sizes) => [
  ...(await storing(site, sizes)),
  await delivering(site, sizes),
  await listing(site, sizes),
  await holdingStreams(site, sizes),
];

/** The two that are compared follow each other, since a machine that others use is never the same for long. */
async function storing(site: BenchSite, sizes: BenchSizes): Promise<BenchRow[]> {
  const { users } = sizes;
  const name = 'POST, stored';
  return site.withRig({ name, users, transport: 'udp', isTrusted: false }, async (rig) => {
    const hello = await measureHello(rig, sizes);
    const plan: HttpPlan = { ...planOf(rig, sizes), kind: 'post', wantedStatus: 202 };
    const stored = rowOfAnswers({ stage: 'http', name }, await warmAndMeasure(rig, plan));
    const { perSecond: rate } = stored;
    const { perSecond: helloRate } = hello;
    if (rate === undefined || helloRate === undefined) return [hello, stored];
    const shareOfHello = rate / helloRate;
    const details = { ...stored.details, shareOfHello };
    return [hello, { ...stored, remark: `durable, ${shareOfHello.toFixed(2)} of hello`, details }];
  });
}

async function measureHello(rig: Rig, sizes: BenchSizes): Promise<BenchRow> {
  const name = 'framework hello';
  const hello = await HelloProcess.start();
  try {
    const { host, port } = hello;
    const plan: HttpPlan = { ...planOf(rig, sizes), kind: 'hello', host, port, wantedStatus: 200 };
    await rig.runHttp(`${name}, warming up`, warmUpOf(plan));
    const run = await measureWork(hello, () => rig.runHttp(`${name}, measuring`, plan));
    return rowOfAnswers({ stage: 'http', name, remark: 'no route of this server' }, run);
  } finally {
    hello.close();
  }
}

async function delivering(site: BenchSite, sizes: BenchSizes): Promise<BenchRow> {
  const name = 'POST, delivered to a stream';
  return site.withRig({ name, users: httpWidth, transport: 'udp', isTrusted: false }, async (rig) => {
    const plan: HttpPlan = { ...planOf(rig, sizes), kind: 'deliver', users: httpWidth, wantedStatus: 200 };
    const run = await warmAndMeasure(rig, plan);
    const row = rowOfAnswers({ stage: 'http', name, remark: 'with its acknowledgement' }, run);
    const missing = run.report.ok - run.report.arrivals.count;
    return missing <= 0 ? row : { ...row, faults: [...row.faults, `${missing} were answered 200 and did not arrive`] };
  });
}

/** For the user behind all those for whom much waits. */
async function listing(site: BenchSite, sizes: BenchSizes): Promise<BenchRow> {
  const { users } = sizes;
  const held = Math.max(...sizes.held);
  const name = `inbox among ${held} waiting`;
  const prepare = async ({ mailbox }: Stores): Promise<void> => {
    let stored = 0;
    site.progress.step(`${name}: filling the store`, () => stored / held);
    await fillHeldMessages(mailbox, { domain: benchDomain, users, held }, (count) => {
      stored = count;
    });
  };
  return site.withRig({ name, users: users + 1, transport: 'udp', isTrusted: false, prepare }, async (rig) => {
    const plan: HttpPlan = { ...planOf(rig, sizes), kind: 'inbox', firstUser: users, users: 1, wantedStatus: 200 };
    const own: HttpPlan = { ...plan, kind: 'post', total: inboxPageLimit, width: 1, wantedStatus: 202 };
    await rig.runHttp('storing what is listed', own);
    const run = await warmAndMeasure(rig, plan);
    return rowOfAnswers({ stage: 'http', name, remark: `${inboxPageLimit} listed` }, run);
  });
}

async function holdingStreams(site: BenchSite, sizes: BenchSizes): Promise<BenchRow> {
  const { streams } = sizes;
  const name = 'event streams';
  const wish = { name, users: warmStreams + streams, transport: 'udp', isTrusted: false } as const;
  return site.withRig(wish, async (rig) => {
    const plan: HttpPlan = { ...planOf(rig, sizes), kind: 'stream', secondsMax: 3600, wantedStatus: 200 };
    const warm: HttpPlan = { ...plan, users: warmStreams, total: warmStreams };
    await rig.runHttp('warming up', { ...warm, kind: 'inbox', total: warmRequests });
    await rig.runHttp('opening streams, warming up', warm);
    const before = await rig.server.figures();
    const all: HttpPlan = { ...plan, firstUser: warmStreams, users: streams, total: streams };
    const run = await measureWork(rig.server, () => rig.runHttp('opening streams', all));
    const after = await rig.server.figures();
    const row = rowOfAnswers({ stage: 'http', name }, run);
    if (before === undefined || after === undefined) return row;
    const bytesPerStream = Math.round((after.memoryBytes - before.memoryBytes) / streams);
    return {
      ...row,
      remark: `${(bytesPerStream / 1024).toFixed(1)} KiB each`,
      details: { ...row.details, bytesPerStream },
    };
  });
}

/** Half as many as over SIP: each costs several times as much. */
function planOf({ server }: Rig, { users, messages, seconds }: BenchSizes): Omit<HttpPlan, 'kind' | 'wantedStatus'> {
  const { host, ports } = server;
  const total = Math.ceil(messages / 2);
  return {
    host,
    port: ports.http,
    domain: benchDomain,
    firstUser: 0,
    users,
    total,
    width: httpWidth,
    secondsMax: seconds,
  };
}

async function warmAndMeasure(rig: Rig, plan: HttpPlan): Promise<MeasuredRun> {
  await rig.runHttp('warming up', warmUpOf(plan));
  return measureWork(rig.server, () => rig.runHttp('measuring', plan));
}
