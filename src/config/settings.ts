/**
 * The table of all settings: name, default, limits, one line of help. The flag `--NAME`, the variable RESTANTE_NAME and
 * the key of the file come from the name, so that the three cannot differ (contract section 1).
 */
import { z } from 'zod';
import { TrustedPeers, trustedBlocksMax } from '../accounts/trusted-peers.ts';
import { err, ok, type Result } from '../base/result.ts';
import { isConditionAttribute, suggestAttribute } from '../conditions/attribute-words.ts';
import { type Address, parseAddress } from '../model/address.ts';
import { canonicalWord } from '../model/presence-state.ts';
import { list, one, settingDetails, type SettingDetails } from './setting-schema.ts';
import * as values from './values.ts';

export const domainsMax = 1000;
/** A SIP transaction must be answered before its client gives up at 64*T1 = 32 s (RFC 3261 17.1.2.2). */
export const answerWithinMaxMs = 30_000;
export const settleMaxMs = 600_000;
export const validityMaxMs = 3650 * 86_400_000;
export const notifyPaceMaxMs = 3_600_000;
export const bodyBytesMaxMax = 16 * 1024 ** 2;
export const largeBytesMaxMax = 1024 ** 4;
export const quotaMessagesMax = 100_000_000;
export const quotaBytesMax = 1024 ** 5;
export const rateRequestsMax = 1_000_000;
export const rateSecondsMax = 86_400;
/** Far above what a person or a gateway sends, low enough that one account cannot hold the server. */
export const ratePerSenderDefault = '10000/10';
export const callRateDefault = '20000/10';
/** Addresses that may watch registrations. */
export const registrationWatchersMax = 100;
/** Of a user name or a password at a server elsewhere. */
export const credentialsCharactersMax = 256;
/** Origins that may be named. */
export const corsOriginsMax = 100;

export const settingsSchema = z.strictObject({
  domain: list(values.parseDomain, domainsMax, {
    group: 'Addresses',
    placeholder: 'NAME',
    fallback: 'localhost',
    isRepeatable: true,
    help: 'domain served',
  }),
  sip: one(values.parseEndpoint, {
    group: 'Addresses',
    placeholder: 'HOST:PORT',
    fallback: '127.0.0.1:5060',
    help: 'where SIP listens, UDP and TCP',
  }),
  http: one(values.parseEndpoint, {
    group: 'Addresses',
    placeholder: 'HOST:PORT',
    fallback: '127.0.0.1:8080',
    help: 'where HTTP listens: the pages, the API and its events, XCAP, IMPS, WebSockets, health and metrics',
  }),
  'http-url': one(values.orAuto(parseHttpUrl), {
    group: 'Addresses',
    placeholder: 'URL',
    fallback: 'auto',
    help: 'how people reach HTTP, where something stands in front of it; told to those who have to fetch a message there',
  }),
  cors: list(parseOrigin, corsOriginsMax, {
    group: 'Addresses',
    placeholder: 'ORIGIN',
    isRepeatable: true,
    help: 'pages of this origin may call the API and open WebSockets; * is any',
  }),
  sips: one(values.orOff(values.parseEndpoint), {
    group: 'Addresses',
    placeholder: 'HOST:PORT',
    fallback: 'off',
    help: 'where SIP over TLS listens; needs --tls-cert and --tls-key',
  }),
  https: one(values.orOff(values.parseEndpoint), {
    group: 'Addresses',
    placeholder: 'HOST:PORT',
    fallback: 'off',
    help: 'where HTTP over TLS listens; needs --tls-cert and --tls-key',
  }),
  msrp: one(values.parseEndpoint, {
    group: 'Addresses',
    placeholder: 'HOST:PORT',
    fallback: '127.0.0.1:2855',
    help: 'where MSRP listens: the content of sessions and large messages',
  }),
  msrps: one(values.orOff(values.parseEndpoint), {
    group: 'Addresses',
    placeholder: 'HOST:PORT',
    fallback: 'off',
    help: 'where MSRP over TLS listens; needs --tls-cert and --tls-key',
  }),
  'imps-cir': one(values.orOff(values.parseEndpoint), {
    group: 'Addresses',
    placeholder: 'HOST:PORT',
    fallback: 'off',
    help: 'where idle IMPS clients connect to be called (CIR by TCP); 3171 is what they take for usual',
  }),
  'tls-cert': one(values.orOff(parseFile), {
    group: 'Addresses',
    placeholder: 'FILE',
    fallback: 'off',
    help: "the server's certificate and those that lead to its root, PEM; read again when it changes",
  }),
  'tls-key': one(values.orOff(parseFile), {
    group: 'Addresses',
    placeholder: 'FILE',
    fallback: 'off',
    help: 'its private key, PEM, without a passphrase; read again when it changes',
  }),
  'tls-ca': one(parseFile, {
    group: 'Addresses',
    placeholder: 'system|FILE|off',
    fallback: 'system',
    help: 'whose signature counts where the server connects over TLS itself; off believes everybody',
  }),

  trust: list(parseTrusted, trustedBlocksMax, {
    group: 'Accounts and trust',
    placeholder: 'CIDR',
    isRepeatable: true,
    help: 'a SIP core there is believed and not challenged; it needs no account',
  }),
  'reg-watchers': list(parsePrincipal, registrationWatchersMax, {
    group: 'Accounts and trust',
    placeholder: 'ADDRESS',
    isRepeatable: true,
    help: 'may watch the registrations of everybody (event package reg), besides trusted peers',
  }),
  digest: one(values.oneOf(['md5', 'both', 'sha-256']), {
    group: 'Accounts and trust',
    placeholder: 'md5|both|sha-256',
    fallback: 'md5',
    help: 'challenges offered; stock clients fail on more than MD5',
  }),
  'visible-by-default': one(parseVisible, {
    group: 'Accounts and trust',
    placeholder: 'none|ATTR,…|*',
    fallback: 'online,availability',
    help: 'what members of the same domain may see without a rule',
  }),
  demo: one(values.parseSwitch, {
    group: 'Accounts and trust',
    fallback: 'off',
    help: 'with no account yet, add tom, mary, john and peter, password NAME-secret',
  }),

  presence: one(values.oneOf(['internal', 'external']), {
    group: 'Servers elsewhere',
    placeholder: 'internal|external',
    fallback: 'internal',
    help: 'where presence lives; external: at --presence-server, which this server subscribes to',
  }),
  'presence-server': one(values.optional(values.parseSipServer), {
    group: 'Servers elsewhere',
    placeholder: 'sip:HOST:PORT',
    help: 'the presence server, with ;transport=tcp or tls where it is not UDP',
  }),
  'presence-user': one(values.optional(values.textWithin(credentialsCharactersMax)), {
    group: 'Servers elsewhere',
    placeholder: 'NAME',
    help: 'user name there, for digest; without it the user of --watch-as',
  }),
  'presence-password': one(values.optional(values.textWithin(credentialsCharactersMax)), {
    group: 'Servers elsewhere',
    placeholder: 'PASSWORD',
    isSecret: true,
    help: 'password there',
  }),
  'reg-server': one(values.optional(values.parseSipServer), {
    group: 'Servers elsewhere',
    placeholder: 'sip:HOST:PORT',
    help: 'a SIP core that tells who registered there (event package reg)',
  }),
  'reg-user': one(values.optional(values.textWithin(credentialsCharactersMax)), {
    group: 'Servers elsewhere',
    placeholder: 'NAME',
    help: 'user name there, for digest; without it the user of --watch-as',
  }),
  'reg-password': one(values.optional(values.textWithin(credentialsCharactersMax)), {
    group: 'Servers elsewhere',
    placeholder: 'PASSWORD',
    isSecret: true,
    help: 'password there',
  }),
  'watch-as': one(values.optional(parsePrincipal), {
    group: 'Servers elsewhere',
    placeholder: 'ADDRESS',
    help: 'who this server is to servers elsewhere [inbox@ the first domain]',
  }),

  conditional: one(values.parseSwitch, {
    group: 'Delivery',
    placeholder: 'on|off',
    fallback: 'on',
    help: 'conditional delivery',
  }),
  'store-offline': one(values.parseSwitch, {
    group: 'Delivery',
    placeholder: 'on|off',
    fallback: 'on',
    help: 'keep messages for recipients who are away',
  }),
  'conversation-offline': one(values.oneOf(['refuse', 'leave-message']), {
    group: 'Delivery',
    placeholder: 'refuse|leave-message',
    fallback: 'refuse',
    help: 'a conversation with somebody who is away: 480, or answered here and kept as messages',
  }),
  transcripts: one(values.parseSwitch, {
    group: 'Delivery',
    placeholder: 'on|off',
    fallback: 'off',
    help: 'on: an account may keep transcripts of its conversations',
  }),
  'blocked-answer': one(values.oneOf(['refuse', 'accept']), {
    group: 'Delivery',
    placeholder: 'refuse|accept',
    fallback: 'refuse',
    help: 'what a blocked sender is told; accept looks like an offline recipient',
  }),
  'imps-offline-answer': one(values.oneOf(['standard', 'success']), {
    group: 'Delivery',
    placeholder: 'standard|success',
    fallback: 'standard',
    help: 'what an IMPS sender hears of a kept message; success is 200',
  }),
  'deliver-on': one(values.oneOf(['register', 'publish']), {
    group: 'Delivery',
    placeholder: 'register|publish',
    fallback: 'register',
    help: 'what makes a recipient who publishes nothing available',
  }),
  'answer-within': one(values.durationWithin({ min: 0, max: answerWithinMaxMs }), {
    group: 'Delivery',
    placeholder: 'TIME',
    fallback: '5s',
    help: 'longest wait for a client before a message is stored and answered 202',
  }),
  settle: one(values.durationWithin({ min: 0, max: settleMaxMs }), {
    group: 'Delivery',
    placeholder: 'TIME',
    fallback: '3s',
    help: 'wait after a login for what the client publishes',
  }),
  'notify-pace': one(values.durationWithin({ min: 0, max: notifyPaceMaxMs }), {
    group: 'Delivery',
    placeholder: 'TIME',
    fallback: '5s',
    help: 'least time between two NOTIFYs to one watcher; 0 = none',
  }),

  'validity-default': one(values.durationWithin({ min: 1000, max: validityMaxMs }), {
    group: 'Limits',
    placeholder: 'TIME',
    fallback: '7d',
    help: 'how long a message that names no end is kept',
  }),
  'validity-max': one(values.durationWithin({ min: 1000, max: validityMaxMs }), {
    group: 'Limits',
    placeholder: 'TIME',
    fallback: '7d',
    help: 'how long any message is kept',
  }),
  'max-body': one(values.sizeWithin({ min: 1, max: bodyBytesMaxMax }), {
    group: 'Limits',
    placeholder: 'SIZE',
    fallback: '64KiB',
    help: 'largest body of a pager message',
  }),
  'max-large': one(values.sizeWithin({ min: 1, max: largeBytesMaxMax }), {
    group: 'Limits',
    placeholder: 'SIZE',
    fallback: '100MiB',
    help: 'largest body of a large message',
  }),
  'quota-recipient': one(values.messagesAndBytes({ min: 1, max: quotaMessagesMax }, { min: 1, max: quotaBytesMax }), {
    group: 'Limits',
    placeholder: 'N,SIZE',
    fallback: '20000,64MiB',
    help: 'kept for one recipient; at most half of it held',
  }),
  'quota-large': one(values.orAuto(values.sizeWithin({ min: 1, max: quotaBytesMax })), {
    group: 'Limits',
    placeholder: 'SIZE',
    fallback: 'auto',
    help: 'large bodies kept for one recipient, half of it held; auto: 16 times the bytes of --quota-recipient',
  }),
  'quota-pair': one(values.countWithin({ min: 1, max: quotaMessagesMax }), {
    group: 'Limits',
    placeholder: 'N',
    fallback: '10000',
    help: 'kept from one sender for one recipient',
  }),
  'quota-sender': one(values.countWithin({ min: 1, max: quotaMessagesMax }), {
    group: 'Limits',
    placeholder: 'N',
    fallback: '100000',
    help: 'kept from one sender for everybody',
  }),
  rate: one(values.requestsPerSeconds({ min: 1, max: rateRequestsMax }, { min: 1, max: rateSecondsMax }), {
    group: 'Limits',
    placeholder: 'N/S',
    fallback: ratePerSenderDefault,
    help: 'at most N messages of one sender in S seconds; never for trusted peers',
  }),
  'call-rate': one(values.requestsPerSeconds({ min: 1, max: rateRequestsMax }, { min: 1, max: rateSecondsMax }), {
    group: 'Limits',
    placeholder: 'N/S',
    fallback: callRateDefault,
    help: 'at most N HTTP calls of one account in S seconds',
  }),

  data: one(parseFolder, {
    group: 'Operation',
    placeholder: 'DIR',
    fallback: './data',
    help: 'folder of the embedded store',
  }),
  store: one(parseStore, {
    group: 'Operation',
    placeholder: 'URL',
    fallback: 'sqlite',
    isUnavailable: true,
    help: 'the store; SQLite in --data',
  }),
  history: one(values.durationWithin({ min: 0, max: validityMaxMs }), {
    group: 'Operation',
    placeholder: 'TIME',
    fallback: '7d',
    help: 'how long ids, times and states (not content) are kept after the end',
  }),
  'log-level': one(values.oneOf(['debug', 'info', 'warn', 'error', 'silent']), {
    group: 'Operation',
    placeholder: 'debug|info|warn|error|silent',
    fallback: 'info',
    help: 'structured logs on standard output',
  }),
} satisfies Record<string, z.ZodType>);

export type SettingName = keyof typeof settingsSchema.shape;
export type SettingValues = z.output<typeof settingsSchema>;
export type Setting = SettingDetails & { readonly name: SettingName };

/** In the order of the help. */
export const settings: readonly Setting[] = Object.entries(settingsSchema.shape).map(([name, schema]) => ({
  name: name as SettingName,
  ...(settingDetails.get(schema) ?? { group: 'Operation', help: '' }),
}));

function parseTrusted(text: string): Result<string, string> {
  return TrustedPeers.parse([text]).ok ? ok(text) : err('is not a network such as 10.0.0.0/8 or 2001:db8::/32');
}

function parsePrincipal(text: string): Result<Address, string> {
  const address = parseAddress(text);
  return address.ok ? address : err('is not an address such as core@example.com');
}

function parseOrigin(text: string): Result<string, string> {
  if (text === '*') return ok(text);
  const isOrigin = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
  return isOrigin ? ok(text) : err('is not an origin such as https://chat.example.com');
}

/** With a path where the front has it below one; without a slash at its end. */
function parseHttpUrl(text: string): Result<string, string> {
  const isUrl = URL.canParse(text) && /^https?:\/\/[^?#@]+$/i.test(text);
  return isUrl ? ok(text.replace(/\/+$/, '')) : err('is not a URL such as https://chat.example.com');
}

function parseStore(text: string): Result<'sqlite', string> {
  if (text === 'sqlite') return ok('sqlite');
  const isPostgres = /^postgres(?:ql)?:/i.test(text);
  if (isPostgres)
    return err('asks for PostgreSQL, which this version does not offer yet; leave it out for SQLite in --data');
  return err('is no store that this version knows; leave it out for SQLite in --data');
}

function parseFile(text: string): Result<string, string> {
  return text === '' || text.includes('\0') ? err('is not the name of a file') : ok(text);
}

function parseFolder(text: string): Result<string, string> {
  return text === '' || text.includes('\0') ? err('is not the name of a folder') : ok(text);
}

function parseVisible(text: string): Result<'none' | '*' | readonly string[], string> {
  if (text === 'none' || text === '*') return ok(text);
  const names = text.split(',').map((name) => canonicalWord(name.trim()));
  const wrong = names.find((name) => !isConditionAttribute(name));
  if (wrong === undefined) return ok([...new Set(names)]);
  const near = suggestAttribute(wrong);
  const hint = near === undefined ? '' : ` (did you mean ${near}?)`;
  return err(`is neither none, nor *, nor a list of attributes such as online,mood: "${wrong}" is none${hint}`);
}
