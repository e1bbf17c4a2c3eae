/**
 * Everything that can be set, as one parsed and frozen value that is passed in (contract section 1). Only the composition
 * root and the command line import this; every other room is handed the few values that concern it.
 */
import { err, ok, type Result } from './base/result.ts';
import { settingsSchema, type SettingValues } from './config/settings.ts';
import { gatherSettings, variableOf, type ConfigSources, type GivenSetting } from './config/sources.ts';
import { formatDuration, formatSize, type Endpoint, type SipServer } from './config/values.ts';
import { addressLengthMax, userOf, type Address } from './model/address.ts';

export interface Config {
  /** In lower case; the first is the one that demo accounts get. Never empty. */
  readonly domains: readonly string[];
  readonly dataFolder: string;
  readonly sip: Endpoint;
  readonly http: Endpoint;
  readonly sips?: Endpoint;
  readonly https?: Endpoint;
  readonly msrp: Endpoint;
  readonly msrps?: Endpoint;
  readonly impsCir?: Endpoint;
  /** Always there with `sips`, `https` or `msrps`. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  /** `system`, `off`, or the name of a file. */
  readonly tlsRoots: string;
  /** Networks in CIDR notation, each one that `TrustedPeers` reads. */
  readonly trust: readonly string[];
  /** Who may watch everybody's registrations. */
  readonly registrationWatchers: readonly Address[];
  readonly digest: 'md5' | 'both' | 'sha-256';
  readonly isDemo: boolean;
  readonly isConditional: boolean;
  readonly isStoreOffline: boolean;
  readonly hasTranscripts: boolean;
  readonly conversationOffline: 'refuse' | 'leave-message';
  readonly blockedAnswer: 'refuse' | 'accept';
  /** What an IMPS sender hears of a message that is kept. */
  readonly impsOfflineAnswer: 'standard' | 'success';
  readonly visibleByDefault: 'none' | '*' | readonly string[];
  readonly answerWithinMs: number;
  readonly settleMs: number;
  readonly deliverOn: 'register' | 'publish';
  /** Where presence lives; undefined where it lives here. */
  readonly presenceServer?: WatchedServer;
  /** A core that tells who registered there. */
  readonly regServer?: WatchedServer;
  /** The address of this server as a watcher elsewhere. */
  readonly watchAs: Address;
  readonly validityDefaultMs: number;
  readonly validityMaxMs: number;
  /** Of a pager message, and of a large one. */
  readonly bodyBytesMax: number;
  readonly largeBytesMax: number;
  readonly quotaRecipient: { readonly messages: number; readonly bytes: number };
  /** How people reach HTTP, without a slash at the end. */
  readonly httpUrl?: string;
  readonly quotaLargeBytes: number;
  readonly quotaPair: number;
  readonly quotaSender: number;
  readonly ratePerSender: { readonly requests: number; readonly seconds: number };
  /** Over HTTP, of one account. */
  readonly callRate: { readonly requests: number; readonly seconds: number };
  /** Origins whose pages may call over HTTP; `*` is any. */
  readonly corsOrigins: readonly string[];
  /** 0: no pace. */
  readonly notifyPaceMs: number;
  readonly historyMs: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

/** A server elsewhere that this one subscribes to. */
export interface WatchedServer {
  readonly server: SipServer;
  /** Without them nothing is proved there. */
  readonly credentials?: { readonly userName: string; readonly password: string };
}

/** The longest of the names that `--demo` adds, with its @. */
const demoNameLength = 'peter@'.length;

/** As many times the bytes of `--quota-recipient` as large bodies may have where nothing is said: room for a few of 100 MiB. */
const quotaLargeTimes = 16;

/** The error is one line that names the flag, variable or key, and what is wrong with it. */
export function readConfig(sources: ConfigSources): Result<Config, string> {
  const gathered = gatherSettings(sources);
  if (!gathered.ok) return gathered;
  const given = gathered.value;
  const parsed = settingsSchema.safeParse(Object.fromEntries([...given].map(([name, { value }]) => [name, value])));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const origin = given.get(String(issue?.path[0]))?.origin ?? String(issue?.path[0]);
    return err(`${origin}: ${issue?.message ?? 'is not valid'}`);
  }
  const contradiction = findContradiction(parsed.data, given);
  return contradiction === undefined ? ok(freezeConfig(parsed.data, given)) : err(contradiction);
}

/** Two values that cannot both be meant. A default gives way to what was set. */
function findContradiction(values: SettingValues, given: ReadonlyMap<string, GivenSetting>): string | undefined {
  if (values.domain.length === 0) return `${given.get('domain')?.origin ?? '--domain'}: names no domain`;
  const domain = given.get('domain');
  if (values.demo && domain !== undefined && (values.domain[0]?.length ?? 0) > addressLengthMax - demoNameLength) {
    return `${domain.origin}: "${values.domain[0]}" is too long for the addresses of --demo`;
  }
  const validity = given.get('validity-default');
  if (validity !== undefined && values['validity-default'] > values['validity-max']) {
    const longest = `--validity-max ${formatDuration(values['validity-max'])}`;
    return `${validity.origin}: ${formatDuration(values['validity-default'])} is longer than ${longest}`;
  }
  const elsewhere = findElsewhereContradiction(values, given);
  if (elsewhere !== undefined) return elsewhere;
  const large = given.get('max-large');
  if (large !== undefined && values['max-large'] < values['max-body']) {
    const body = `--max-body ${formatSize(values['max-body'])}`;
    return `${large.origin}: ${formatSize(values['max-large'])} is less than ${body}`;
  }
  return findTlsContradiction(values, given);
}

function findTlsContradiction(values: SettingValues, given: ReadonlyMap<string, GivenSetting>): string | undefined {
  const hasCert = values['tls-cert'] !== undefined;
  const hasKey = values['tls-key'] !== undefined;
  if (hasCert && hasKey) return undefined;
  const needing = (['sips', 'https', 'msrps', 'tls-cert', 'tls-key'] as const).find(
    (name) => values[name] !== undefined,
  );
  if (needing === undefined) return undefined;
  const missing = hasCert ? '--tls-key' : hasKey ? '--tls-cert' : '--tls-cert and --tls-key';
  return `${given.get(needing)?.origin ?? needing}: needs ${missing}`;
}

function tlsOf(values: SettingValues): Pick<Config, 'tls'> {
  const { 'tls-cert': certFile, 'tls-key': keyFile } = values;
  return certFile === undefined || keyFile === undefined ? {} : { tls: { certFile, keyFile } };
}

function findElsewhereContradiction(
  values: SettingValues,
  given: ReadonlyMap<string, GivenSetting>,
): string | undefined {
  const isExternal = values.presence === 'external';
  const presence = given.get('presence')?.origin ?? '--presence';
  if (isExternal && values['presence-server'] === undefined) return `${presence}: external needs --presence-server`;
  if (!isExternal && values['presence-server'] !== undefined) {
    return `${given.get('presence-server')?.origin}: counts only with --presence external`;
  }
  for (const kind of ['presence', 'reg'] as const) {
    const server = values[`${kind}-server`];
    const user = given.get(`${kind}-user`);
    if (user !== undefined && server === undefined) return `${user.origin}: there is no --${kind}-server`;
    if (user !== undefined && values[`${kind}-password`] === undefined) {
      return `${user.origin}: needs a password, in ${variableOf(`${kind}-password`)} or ${kind}-password in the file`;
    }
    if (server?.transport === 'tls' && values.sips === undefined) {
      return `${given.get(`${kind}-server`)?.origin}: transport=tls needs --sips`;
    }
    if (server?.host === values.sip.host && server.port === values.sip.port) {
      return `${given.get(`${kind}-server`)?.origin}: ${server.uri} is this server itself`;
    }
  }
  return undefined;
}

function freezeConfig(values: SettingValues, given: ReadonlyMap<string, GivenSetting>): Config {
  const isDefaultCut = !given.has('validity-default');
  const validityDefaultMs = values['validity-default'];
  const watchAs = values['watch-as'] ?? (`inbox@${values.domain[0]}` as Address);
  return deepFreeze({
    domains: [...new Set(values.domain)],
    dataFolder: values.data,
    sip: values.sip,
    http: values.http,
    ...(values.sips === undefined ? {} : { sips: values.sips }),
    ...(values.https === undefined ? {} : { https: values.https }),
    msrp: values.msrp,
    ...(values.msrps === undefined ? {} : { msrps: values.msrps }),
    ...(values['imps-cir'] === undefined ? {} : { impsCir: values['imps-cir'] }),
    ...tlsOf(values),
    tlsRoots: values['tls-ca'],
    trust: values.trust,
    registrationWatchers: values['reg-watchers'],
    digest: values.digest,
    isDemo: values.demo,
    isConditional: values.conditional,
    isStoreOffline: values['store-offline'],
    conversationOffline: values['conversation-offline'],
    hasTranscripts: values.transcripts,
    blockedAnswer: values['blocked-answer'],
    impsOfflineAnswer: values['imps-offline-answer'],
    visibleByDefault: values['visible-by-default'],
    answerWithinMs: values['answer-within'],
    settleMs: values.settle,
    deliverOn: values['deliver-on'],
    ...watchedServer(values, 'presence', watchAs),
    ...watchedServer(values, 'reg', watchAs),
    watchAs,
    validityDefaultMs: isDefaultCut ? Math.min(validityDefaultMs, values['validity-max']) : validityDefaultMs,
    validityMaxMs: values['validity-max'],
    bodyBytesMax: values['max-body'],
    largeBytesMax: values['max-large'],
    quotaRecipient: values['quota-recipient'],
    ...(values['http-url'] === undefined ? {} : { httpUrl: values['http-url'] }),
    quotaLargeBytes: values['quota-large'] ?? quotaLargeTimes * values['quota-recipient'].bytes,
    quotaPair: values['quota-pair'],
    quotaSender: values['quota-sender'],
    ratePerSender: values.rate,
    callRate: values['call-rate'],
    corsOrigins: values.cors,
    notifyPaceMs: values['notify-pace'],
    historyMs: values.history,
    logLevel: values['log-level'],
  });
}

function watchedServer(
  values: SettingValues,
  kind: 'presence' | 'reg',
  watchAs: Address,
): Pick<Config, 'presenceServer' | 'regServer'> {
  const server = values[`${kind}-server`];
  if (server === undefined) return {};
  const password = values[`${kind}-password`];
  const userName = values[`${kind}-user`] ?? userOf(watchAs);
  const watched = { server, ...(password === undefined ? {} : { credentials: { userName, password } }) };
  return kind === 'presence' ? { presenceServer: watched } : { regServer: watched };
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) deepFreeze(part as object);
  return Object.freeze(value);
}
