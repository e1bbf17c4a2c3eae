/**
 * The composition root: the only file that constructs adapters. Opens the stores, joins the rooms, opens the sockets, and
 * undoes it all in the opposite order. Whatever keeps a server from starting is one clear line.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Counters } from './base/counters.ts';
import type { Log } from './base/log.ts';
import { systemHashes } from './base/system-hash.ts';
import { systemIds } from './base/system-ids.ts';
import { createSystemLog } from './base/system-log.ts';
import { systemClock, SystemTimers } from './base/time/system-time.ts';
import { ListenFault } from './base/sockets/listen-fault.ts';
import { readLocalAddresses, readOpenFilesMax } from './base/sockets/own-machine-socket.ts';
import { SystemResolver } from './base/sockets/resolver-socket.ts';
import { formatSocketAddress, type SocketAddress } from './base/sockets/socket-address.ts';
import { StoreFault } from './base/store-fault.ts';
import type { Config } from './config.ts';
import { type HttpServer, type HttpSurroundings, startHttpServer } from './endpoints/http/http-server.ts';
import { readPageFiles } from './endpoints/http/pages/page-files.ts';
import { addDemoAccounts, findDemoAccounts } from './server/accounts-side.ts';
import { openCallPort, type OpenCallPort } from './server/imps-side.ts';
import { msrpDoor, openMsrp, type OpenMsrp } from './server/msrp-side.ts';
import { formatHttpUrl, formatOwnContact, type OwnListeners } from './server/own-contact.ts';
import { octetsPassed } from './server/passing-octets.ts';
import { sipDoor } from './server/sip/web-socket-door.ts';
import { CertificateFiles } from './server/tls/certificate-files.ts';
import { AssembledServer } from './server/assemble-server.ts';
import type { ServerParts } from './server/server-parts.ts';
import { OwnAddresses } from './sip/transport/own-addresses.ts';
import type { StreamPort } from './sip/transport/ports.ts';
import { openSipSockets, openSipsSocket } from './sip/transport/sockets/listen-socket.ts';
import { limitsFor } from './sip/transport/transport-limits.ts';
import type { Flow } from './sip/registrar/ports.ts';
import { openSqliteStores, type SqliteStoresOptions } from './stores/sqlite/open-sqlite-stores.ts';
import { fileBlobs } from './stores/files/file-blobs.ts';
import { passwordSeal } from './stores/files/password-seal.ts';
import type { ServerStores, Stores } from './stores/stores.ts';

/** Below so many connections the operator is told that the limit of open files is the reason. */
const fewConnections = 10_000;

export interface RunningServer {
  readonly sip: { readonly host: string; readonly port: number };
  readonly http: { readonly host: string; readonly port: number };
  readonly msrp: SocketAddress;
  readonly sips?: SocketAddress;
  readonly https?: SocketAddress;
  readonly msrps?: SocketAddress;
  /** Addresses of the demo accounts that are there with their passwords; none without `--demo`. */
  readonly demo: readonly string[];
  readonly impsCir?: SocketAddress;
  /** Resolves when it cannot go on, with the reason in one line; nothing that was answered for is lost with it. */
  readonly lost: Promise<string>;
  /** Answers what is owed to senders, then closes everything. */
  stop(): Promise<void>;
}

/** Why nothing was started, in one line for the operator. */
export class StartFault extends Error {
  override readonly name = 'StartFault';
}

/**
 * The stores alone, as the commands that work beside a running server need them; what goes wrong with them is their caller's
 * to tell. Throws `StartFault`, also for a folder that is missing, which is a slip of the pen, unless it may be new.
 */
export async function openStores(config: Config, mayBeNew: boolean): Promise<Stores> {
  const { dataFolder } = config;
  if (!mayBeNew && !existsSync(dataFolder)) throw new StartFault(`there is no data folder ${dataFolder}`);
  return openFolder(config, { use: 'command', log: createSystemLog('silent'), counters: new Counters() });
}

/** What a test of faults plans for the store of a server; nobody else has a reason to. */
export type StoreSeams = Pick<SqliteStoresOptions, 'faultPlan' | 'pagesMax' | 'checkpointEveryMs'>;

/** Throws `StartFault`; then nothing runs and nothing was changed but what a migration did. */
export async function startServer(config: Config, seams: StoreSeams = {}): Promise<RunningServer> {
  const log = createSystemLog(config.logLevel);
  const counters = new Counters();
  let lose: (why: string) => void = () => {};
  const lost = new Promise<string>((resolve) => {
    lose = resolve;
  });
  const onLost = ({ message }: StoreFault): void => lose(message);
  const stores = await openWhole(config, { ...seams, use: 'server', log, counters, onLost });
  const timers = new SystemTimers(systemClock);
  const openFilesMax = readOpenFilesMax();
  const listening: Listening = {};
  const parts: ServerParts = {
    config,
    ownHttpUrl: () => (listening.at === undefined ? undefined : formatHttpUrl(listening.at, config.domains[0] ?? '')),
    ownCallAddress: () => listening.calls?.reached,
    stores,
    timers,
    log,
    counters,
    clock: systemClock,
    ids: systemIds,
    hashes: systemHashes,
    passwordSeal: passwordSeal(config.dataFolder),
    resolver: new SystemResolver(),
    version: readVersion(),
    ...(openFilesMax === undefined ? {} : { openFilesMax }),
  };
  const undo: (() => Promise<void> | void)[] = [() => timers.stop(), () => stores.close()];
  try {
    return { ...(await run(parts, listening, undo)), lost };
  } catch (fault) {
    for (const step of undo.toReversed()) await step();
    throw startFaultOf(fault);
  }
}

async function run(
  parts: ServerParts,
  listening: Listening,
  undo: (() => Promise<void> | void)[],
): Promise<Omit<RunningServer, 'lost'>> {
  const { config, log, counters, version } = parts;
  let isReady = false;
  const certificate = openCertificate(parts);
  undo.push(() => certificate?.stop());
  const server = new AssembledServer(parts, (flow, isSecure) => contactOf(listening, flow, isSecure));
  const { api, imps } = server;
  const shown = { counters, log, ids: systemIds, version, domains: config.domains, api, imps, isReady: () => isReady };
  const pages = readPageFiles(fileURLToPath(new URL('./web/', import.meta.url)));
  const webSockets = { doors: [sipDoor(parts, server.transport), msrpDoor(server.msrp)], origins: config.corsOrigins };
  const http = await listenForHttp(config, { ...shown, pages, webSockets: { ...webSockets, ...parts } });
  undo.push(() => http.stop());
  const https = await listenForHttps(config, http, certificate);
  await server.load();
  const ports: { close(): void }[] = [];
  undo.push(() => {
    for (const port of ports) port.close();
  });
  undo.push(() => server.stop());
  const { datagrams, streams } = await openSipSockets(config.sip.host, config.sip.port, server.transport);
  ports.push(datagrams, streams);
  const secureStreams = await listenForSips(config, server, certificate);
  if (secureStreams !== undefined) ports.push(secureStreams);
  const msrp = await openMsrp(config, server.msrp, { certificate, http, https });
  ports.push(...msrp.ports);
  listening.calls = await openCallPort(config, imps);
  if (listening.calls !== undefined) ports.push(listening.calls.port);
  listening.at = listenersOf(config, { sip: datagrams.local, sips: secureStreams?.local, http, https });
  const { addresses } = listening.at;
  const demo = config.isDemo ? await addDemoAccounts(parts) : [];
  await server.open({
    datagrams,
    streams: [streams, ...(secureStreams === undefined ? [] : [secureStreams])],
    addresses,
  });
  isReady = true;
  const impsCir = listening.calls?.port.local;
  tellStart(log, { ...listening.at, ...msrp, impsCir }, demo);
  tellFewFiles(parts);
  return {
    sip: { host: datagrams.local.address, port: datagrams.local.port },
    http: { host: http.host, port: http.port },
    ...(secureStreams === undefined ? {} : { sips: secureStreams.local }),
    ...(https === undefined ? {} : { https }),
    msrp: msrp.msrp,
    ...(msrp.msrps === undefined ? {} : { msrps: msrp.msrps }),
    demo: config.isDemo ? await findDemoAccounts(parts) : [],
    ...(impsCir === undefined ? {} : { impsCir }),
    async stop() {
      isReady = false;
      for (const step of undo.toReversed()) await step();
      log.info({}, 'stopped');
    },
  };
}

/** Known when the sockets are open. */
interface Listening {
  at?: OwnListeners;
  calls?: OpenCallPort | undefined;
}

type BoundListeners = Omit<OwnListeners, 'addresses'>;

function listenersOf({ domains }: Config, bound: BoundListeners): OwnListeners {
  const listening = [bound.sip, bound.sips, bound.http, bound.https].filter((each) => each !== undefined);
  const addresses = new OwnAddresses({ listening, machine: readLocalAddresses(), names: domains });
  return { ...bound, addresses };
}

function openCertificate({ config, clock, timers, log, counters }: ServerParts): CertificateFiles | undefined {
  const { tls, tlsRoots: roots, domains } = config;
  if (tls === undefined) return undefined;
  const opened = CertificateFiles.open({ ...tls, roots, domains, clock, timers, log, counters });
  if (!opened.ok) throw new StartFault(opened.error);
  return opened.value;
}

type ToldListeners = BoundListeners &
  Pick<OpenMsrp, 'msrp' | 'msrps'> & { readonly impsCir: SocketAddress | undefined };

function tellStart(log: Log, listeners: ToldListeners, demo: readonly string[]): void {
  const { sip, sips, http, https, msrp, msrps, impsCir } = listeners;
  const textOf = (at: SocketAddress | undefined): string | undefined =>
    at === undefined ? undefined : formatSocketAddress(at.address, at.port);
  const web = { http: textOf(http), https: textOf(https) };
  const sessions = { msrp: textOf(msrp), msrps: textOf(msrps) };
  const calls = impsCir === undefined ? {} : { impsCir: textOf(impsCir) };
  log.info({ sip: textOf(sip), sips: textOf(sips), ...web, ...sessions, ...calls }, 'ready');
  if (demo.length > 0) log.info({ accounts: demo.join(' '), password: 'NAME-secret' }, 'demo accounts were added');
}

/** The usual limit of a shell is far below what a server of many clients needs. */
function tellFewFiles({ log, openFilesMax }: ServerParts): void {
  const { connectionsMax } = limitsFor(openFilesMax);
  if (connectionsMax >= fewConnections) return;
  log.warn(
    { openFiles: openFilesMax, connections: connectionsMax },
    'few open files are allowed, and so few connections',
  );
}

function contactOf({ at }: Listening, flow: Flow, isSecure: boolean): string {
  return at === undefined ? '<sip:localhost>' : formatOwnContact(at, flow, isSecure);
}

/** The tables, and beside them the bodies that are too large for them. */
async function openWhole(config: Config, options: Omit<SqliteStoresOptions, 'folder'>): Promise<ServerStores> {
  const tables = await openFolder(config, options);
  try {
    return { ...tables, blobs: fileBlobs({ folder: join(config.dataFolder, 'blobs'), octetsPassed }) };
  } catch (fault) {
    await tables.close();
    throw startFaultOf(fault);
  }
}

async function openFolder(config: Config, options: Omit<SqliteStoresOptions, 'folder'>): Promise<Stores> {
  try {
    return await openSqliteStores({ ...options, folder: config.dataFolder });
  } catch (fault) {
    throw startFaultOf(fault);
  }
}

async function listenForHttp({ http }: Config, surroundings: HttpSurroundings): Promise<HttpServer> {
  try {
    return await startHttpServer(http, surroundings);
  } catch (fault) {
    throw new ListenFault(`http ${formatSocketAddress(http.host, http.port)}`, fault);
  }
}

async function listenForHttps(
  { https }: Config,
  http: HttpServer,
  certificate: CertificateFiles | undefined,
): Promise<SocketAddress | undefined> {
  if (https === undefined || certificate === undefined) return undefined;
  try {
    return await http.listenSecurely(https, certificate);
  } catch (fault) {
    throw new ListenFault(`https ${formatSocketAddress(https.host, https.port)}`, fault);
  }
}

async function listenForSips(
  { sips }: Config,
  { transport }: AssembledServer,
  contexts: CertificateFiles | undefined,
): Promise<StreamPort | undefined> {
  if (sips === undefined || contexts === undefined) return undefined;
  return openSipsSocket(sips.host, sips.port, { contexts, accept: (connection) => transport.accept(connection) });
}

function startFaultOf(fault: unknown): unknown {
  if (!(fault instanceof StoreFault) && !(fault instanceof ListenFault)) return fault;
  return new StartFault(fault.message, { cause: fault });
}

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return version;
}
