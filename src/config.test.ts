import { describe, expect, it } from 'vitest';
import { readConfig, type Config } from './config.ts';
import type { ConfigSources } from './config/sources.ts';
import type { Address } from './model/address.ts';

function configOf(sources: ConfigSources): Config {
  const result = readConfig(sources);
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

function faultOf(sources: ConfigSources): string {
  const result = readConfig(sources);
  if (result.ok) throw new Error('was taken');
  return result.error;
}

describe('readConfig', () => {
  it('has the defaults of the contract', () => {
    expect(configOf({})).toEqual({
      domains: ['localhost'],
      dataFolder: './data',
      sip: { host: '127.0.0.1', port: 5060 },
      http: { host: '127.0.0.1', port: 8080 },
      msrp: { host: '127.0.0.1', port: 2855 },
      tlsRoots: 'system',
      trust: [],
      registrationWatchers: [],
      digest: 'md5',
      isDemo: false,
      isConditional: true,
      isStoreOffline: true,
      conversationOffline: 'refuse',
      hasTranscripts: false,
      blockedAnswer: 'refuse',
      impsOfflineAnswer: 'standard',
      visibleByDefault: ['online', 'availability'],
      answerWithinMs: 5000,
      settleMs: 3000,
      deliverOn: 'register',
      watchAs: 'inbox@localhost',
      validityDefaultMs: 604_800_000,
      validityMaxMs: 604_800_000,
      callRate: { requests: 20_000, seconds: 10 },
      corsOrigins: [],
      bodyBytesMax: 65_536,
      largeBytesMax: 104_857_600,
      quotaRecipient: { messages: 20_000, bytes: 67_108_864 },
      quotaLargeBytes: 1_073_741_824,
      quotaPair: 10_000,
      quotaSender: 100_000,
      ratePerSender: { requests: 10_000, seconds: 10 },
      notifyPaceMs: 5000,
      historyMs: 604_800_000,
      logLevel: 'info',
    });
  });

  it.each<[flag: string, value: unknown, part: Partial<Config>]>([
    ['domain', ['Example.COM', 'b.example', 'example.com'], { domains: ['example.com', 'b.example'] }],
    ['domain', 'a.example, b.example', { domains: ['a.example', 'b.example'] }],
    ['domain', '127.0.0.1', { domains: ['127.0.0.1'] }],
    ['data', '/var/lib/restante', { dataFolder: '/var/lib/restante' }],
    ['sip', '[::1]:5062', { sip: { host: '::1', port: 5062 } }],
    ['sip', '0.0.0.0:0', { sip: { host: '0.0.0.0', port: 0 } }],
    ['http', 'localhost:80', { http: { host: 'localhost', port: 80 } }],
    [
      'reg-watchers',
      'sip:Core@example.com john@localhost',
      { registrationWatchers: ['core@example.com' as Address, 'john@localhost' as Address] },
    ],
    ['trust', ['10.0.0.0/8', '::1'], { trust: ['10.0.0.0/8', '::1'] }],
    ['digest', 'SHA-256', { digest: 'sha-256' }],
    ['digest', 'both', { digest: 'both' }],
    ['demo', true, { isDemo: true }],
    ['demo', '1', { isDemo: true }],
    ['demo', 'yes', { isDemo: true }],
    ['conditional', 0, { isConditional: false }],
    ['conditional', 'NO', { isConditional: false }],
    ['conditional', 'off', { isConditional: false }],
    ['store-offline', 'off', { isStoreOffline: false }],
    ['blocked-answer', 'accept', { blockedAnswer: 'accept' }],
    ['visible-by-default', 'none', { visibleByDefault: 'none' }],
    ['visible-by-default', '*', { visibleByDefault: '*' }],
    ['visible-by-default', 'Mood, place_type,mood', { visibleByDefault: ['mood', 'place-type'] }],
    ['visible-by-default', ['mood', 'x-coffee'], { visibleByDefault: ['mood', 'x-coffee'] }],
    ['answer-within', '500ms', { answerWithinMs: 500 }],
    ['answer-within', '0.2', { answerWithinMs: 200 }],
    ['settle', '0', { settleMs: 0 }],
    ['deliver-on', 'publish', { deliverOn: 'publish' }],
    ['validity-default', '2h', { validityDefaultMs: 7_200_000 }],
    ['validity-max', '30d', { validityMaxMs: 2_592_000_000, validityDefaultMs: 604_800_000 }],
    ['validity-max', '90m', { validityMaxMs: 5_400_000, validityDefaultMs: 5_400_000 }],
    ['max-body', '128KiB', { bodyBytesMax: 131_072 }],
    ['max-large', '1 GiB', { largeBytesMax: 1_073_741_824 }],
    ['quota-recipient', '3,1MiB', { quotaRecipient: { messages: 3, bytes: 1_048_576 } }],
    ['quota-recipient', [3, '1MiB'], { quotaRecipient: { messages: 3, bytes: 1_048_576 } }],
    ['quota-recipient', '3,1MiB', { quotaLargeBytes: 16 * 1_048_576 }],
    ['quota-large', '5MiB', { quotaLargeBytes: 5_242_880 }],
    ['http-url', 'https://chat.example/im/', { httpUrl: 'https://chat.example/im' }],
    ['quota-pair', 2, { quotaPair: 2 }],
    ['quota-sender', '5', { quotaSender: 5 }],
    ['rate', '600/60', { ratePerSender: { requests: 600, seconds: 60 } }],
    ['notify-pace', '0', { notifyPaceMs: 0 }],
    ['history', '1d', { historyMs: 86_400_000 }],
    ['log-level', 'debug', { logLevel: 'debug' }],
    ['sips', 'off', {}],
    ['store', 'sqlite', {}],
  ])('takes --%s %s', (flag, value, part) => {
    expect(configOf({ flags: { [flag]: value } })).toMatchObject(part);
  });

  it.each<[flag: string, value: unknown, fault: string]>([
    ['domain', 'exa_mple', '"exa_mple" is not a domain, such as example.com'],
    ['domain', '-.example', '"-.example" is not a domain, such as example.com'],
    ['domain', ' ', 'names no domain'],
    ['data', '', '"" is not the name of a folder'],
    ['sip', '5060', '"5060" is not HOST:PORT, such as 127.0.0.1:5060 or [::1]:5060'],
    ['sip', '::1:5060', '"::1:5060" is not HOST:PORT, such as 127.0.0.1:5060 or [::1]:5060'],
    ['sip', '[::g]:5060', '"[::g]:5060" is not HOST:PORT, such as 127.0.0.1:5060 or [::1]:5060'],
    ['http', 'host_name:80', '"host_name:80" names "host_name", which is neither a host nor an address'],
    ['http', 'localhost:65536', '"localhost:65536" has the port 65536; the highest is 65535'],
    ['reg-watchers', 'core', '"core" is not an address such as core@example.com'],
    ['trust', '10.0.0.0/33', '"10.0.0.0/33" is not a network such as 10.0.0.0/8 or 2001:db8::/32'],
    ['trust', 'core.example', '"core.example" is not a network such as 10.0.0.0/8 or 2001:db8::/32'],
    ['digest', 'sha1', '"sha1" is not one of md5, both, sha-256'],
    ['conditional', 'perhaps', '"perhaps" is neither on nor off'],
    ['store-offline', '2', '"2" is neither on nor off'],
    ['demo', 'please', '"please" is neither on nor off'],
    ['blocked-answer', 'ignore', '"ignore" is not one of refuse, accept'],
    ['deliver-on', 'login', '"login" is not one of register, publish'],
    [
      'visible-by-default',
      'mood,',
      '"mood," is neither none, nor *, nor a list of attributes such as online,mood: "" is none',
    ],
    [
      'visible-by-default',
      'online,moood',
      '"online,moood" is neither none, nor *, nor a list of attributes such as online,mood: "moood" is none (did you mean mood?)',
    ],
    [
      'visible-by-default',
      'none,mood',
      '"none,mood" is neither none, nor *, nor a list of attributes such as online,mood: "none" is none',
    ],
    ['answer-within', '31', '"31" is not between 0s and 30s'],
    ['answer-within', '-1', '"-1" is not a time such as 7d, 2h, 30m, 45s or plain seconds'],
    ['settle', '601', '"601" is not between 0s and 10m'],
    ['settle', 'soon', '"soon" is not a time such as 7d, 2h, 30m, 45s or plain seconds'],
    ['validity-default', '0', '"0" is not between 1s and 3650d'],
    ['validity-max', '3651d', '"3651d" is not between 1s and 3650d'],
    ['validity-default', '8d', '8d is longer than --validity-max 7d'],
    ['max-body', '17MiB', '"17MiB" is not between 1B and 16MiB'],
    ['max-body', 'big', '"big" is not a size such as 64KiB, 100MiB or plain bytes'],
    ['max-large', '1KiB', '1KiB is less than --max-body 64KiB'],
    ['quota-recipient', '20000', '"20000" is not a number of messages and a size, such as 20000,64MiB'],
    ['quota-recipient', '0,1MiB', '"0,1MiB" has a number of messages that is not between 1 and 100000000'],
    ['quota-recipient', '1,much', '"1,much" has a size that is not a size such as 64KiB, 100MiB or plain bytes'],
    ['http-url', 'chat.example', '"chat.example" is not a URL such as https://chat.example.com'],
    ['http-url', 'https://chat.example/?a', '"https://chat.example/?a" is not a URL such as https://chat.example.com'],
    ['quota-pair', '0', '"0" is not between 1 and 100000000'],
    ['quota-sender', '1.5', '"1.5" is not a whole number'],
    ['rate', '100', '"100" is not a number of messages and of seconds, such as 600/60'],
    ['rate', '100/0', '"100/0" has a number of seconds that is not between 1 and 86400'],
    ['notify-pace', '2h', '"2h" is not between 0s and 1h'],
    ['history', 'ever', '"ever" is not a time such as 7d, 2h, 30m, 45s or plain seconds'],
    ['log-level', 'loud', '"loud" is not one of debug, info, warn, error, silent'],
    ['sip', { port: 5060 }, 'is neither text, nor a number, nor a list of them'],
    ['sips', '127.0.0.1:5061', 'needs --tls-cert and --tls-key'],
    ['https', '127.0.0.1:8443', 'needs --tls-cert and --tls-key'],
    ['https', '127.0.0.1', '"127.0.0.1" is not HOST:PORT, such as 127.0.0.1:5060 or [::1]:5060'],
    ['msrps', '127.0.0.1:2856', 'needs --tls-cert and --tls-key'],
    ['tls-cert', 'cert.pem', 'needs --tls-key'],
    ['tls-key', 'key.pem', 'needs --tls-cert'],
    [
      'store',
      'postgres:x',
      '"postgres:x" asks for PostgreSQL, which this version does not offer yet; leave it out for SQLite in --data',
    ],
    ['store', 'redis:x', '"redis:x" is no store that this version knows; leave it out for SQLite in --data'],
  ])('refuses --%s %s', (flag, value, fault) => {
    expect(faultOf({ flags: { [flag]: value } })).toBe(`--${flag}: ${fault}`);
  });

  it('takes TLS whole, and off as nothing', () => {
    const flags = { sips: '127.0.0.1:5061', https: 'off', msrps: '[::1]:0', 'tls-cert': 'c.pem', 'tls-key': 'k.pem' };
    expect(readConfig({ flags })).toMatchObject({
      ok: true,
      value: {
        sips: { host: '127.0.0.1', port: 5061 },
        msrps: { host: '::1', port: 0 },
        tls: { certFile: 'c.pem', keyFile: 'k.pem' },
        tlsRoots: 'system',
      },
    });
    expect(readConfig({ flags: { ...flags, 'tls-key': 'off' } })).toEqual({
      ok: false,
      error: '--sips: needs --tls-key',
    });
  });

  it('refuses a domain that is too long for the demo accounts, and takes the longest', () => {
    const label = 'a'.repeat(62);
    const [longest, tooLong] = [
      `${label}.${label}.${label}.${'b'.repeat(60)}`,
      `${label}.${label}.${label}.${'b'.repeat(61)}`,
    ];
    expect(configOf({ flags: { demo: true, domain: longest } }).domains).toEqual([longest]);
    const fault = `--domain: "${tooLong}" is too long for the addresses of --demo`;
    expect(faultOf({ flags: { demo: true, domain: tooLong } })).toBe(fault);
    expect(configOf({ flags: { domain: tooLong } }).domains).toEqual([tooLong]);
  });

  it('is frozen all the way down', () => {
    const config = configOf({});
    for (const part of [config, config.sip, config.domains, config.quotaRecipient]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });
});
