/** What a seed decides before anything happens: settings of the server, people and devices, and what may go wrong. */
import { systemHashes } from '../../../src/base/system-hash.ts';
import { createAccount } from '../../../src/accounts/new-account.ts';
import { type Config, readConfig } from '../../../src/config.ts';
import { parseAddress } from '../../../src/model/address.ts';
import { type MemorySnapshot, memoryStores } from '../../../src/stores/memory/memory-stores.ts';
import type { DevicePlan } from '../clients/device.ts';
import { type Manner, manners } from '../clients/replying.ts';
import type { HttpClientPlan } from '../http/http-client.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { StorePlan } from './simulated-stores.ts';

export const names = ['tom', 'mary', 'john', 'peter'];
const deviceNames = ['phone', 'desk', 'tablet'];

/** Not every world has every trouble: what is rare beside everything else is common in some. */
export interface WorldPlan {
  readonly config: Config;
  readonly steps: number;
  readonly people: readonly string[];
  readonly devices: readonly DevicePlan[];
  /** In half of the worlds there are some. */
  readonly httpClients: readonly HttpClientPlan[];
  readonly manners: readonly Manner[];
  readonly storePlan: StorePlan;
  readonly hasKills: boolean;
  readonly hasStoreTrouble: boolean;
  readonly hasClockSteps: boolean;
  readonly hasSharing: boolean;
  readonly hasWatchers: boolean;
  readonly hasLies: boolean;
  readonly lossPercentMax: number;
  readonly conditionPercent: number;
}

export function drawPlan(random: SeededRandom): WorldPlan {
  const people = names.slice(0, 2 + random.below(3)).map((name) => `${name}@localhost`);
  const isLossy = random.chance(60);
  return {
    people,
    config: drawConfig(random),
    steps: 20 + random.below(50),
    devices: people.flatMap((owner, index) => drawDevices(random, owner, index)),
    manners: random.chance(30) ? ['good'] : [...new Set([random.pick(manners), random.pick(manners), 'good' as const])],
    storePlan: {
      commitMsMax: random.pick([0.5, 5, 60]),
      answerMsMax: random.pick([0.1, 5]),
      readMsMax: random.pick([0, 0, 8]),
    },
    hasKills: random.chance(50),
    hasStoreTrouble: random.chance(35),
    hasClockSteps: random.chance(20),
    hasSharing: random.chance(50),
    hasWatchers: random.chance(40),
    hasLies: random.chance(30),
    lossPercentMax: isLossy ? random.pick([5, 30, 60]) : 0,
    conditionPercent: random.pick([0, 40, 80]),
    httpClients: random.chance(50) ? people.flatMap((owner) => drawHttpClients(random, owner)) : [],
  };
}

function drawDevices(random: SeededRandom, owner: string, index: number): DevicePlan[] {
  const count = random.weighted([
    [5, 1],
    [4, 2],
    [2, 3],
  ]);
  return deviceNames.slice(0, count).map((name, at) => ({
    name: `${owner.slice(0, owner.indexOf('@'))}/${name}`,
    owner,
    address: { address: `198.51.100.${10 * index + at + 1}`, port: 5060 },
    isDatagram: random.chance(65),
    isListening: random.chance(30),
    q: random.pick([1, 1, 0.5]),
    link: { lossPercent: 0, doublePercent: 0, latencyMsMax: random.pick([2, 30, 400]) },
  }));
}

function drawHttpClients(random: SeededRandom, owner: string): HttpClientPlan[] {
  const count = random.weighted([
    [3, 0],
    [5, 1],
    [2, 2],
  ]);
  return ['web', 'bot'].slice(0, count).map((name) => ({
    name: `${owner.slice(0, owner.indexOf('@'))}/${name}`,
    owner,
    link: { cutPercent: random.pick([0, 10, 30]), latencyMsMax: random.pick([2, 30, 400]) },
  }));
}

function drawConfig(random: SeededRandom): Config {
  const isQuotaSmall = random.chance(30);
  return configOf({
    ...(random.chance(75) ? { trust: '198.51.100.0/24' } : {}),
    settle: random.pick(['3s', '3s', '3s', '0s', '10s']),
    'answer-within': random.pick(['5s', '5s', '1s', '0s']),
    'blocked-answer': random.pick(['refuse', 'accept']),
    'deliver-on': random.chance(10) ? 'publish' : 'register',
    'notify-pace': random.pick(['5s', '0s']),
    'visible-by-default': random.pick(['online,availability', 'online,availability', '*', 'online', 'none']),
    'validity-max': random.pick(['7d', '7d', '10m']),
    'store-offline': random.chance(5) ? 'off' : 'on',
    conditional: random.chance(3) ? 'off' : 'on',
    'max-body': '2KiB',
    'quota-recipient': isQuotaSmall ? random.pick(['4,64KiB', '7,64KiB']) : '20000,64MiB',
    'quota-pair': isQuotaSmall ? random.pick(['2', '3', '10']) : '10000',
    'quota-sender': isQuotaSmall ? random.pick(['3', '5', '10']) : '100000',
  });
}

const known = new Map<string, Config>();

/** Reading settings costs more than a seed should; there are not many combinations. */
function configOf(flags: Record<string, string>): Config {
  const key = JSON.stringify(flags);
  let config = known.get(key);
  if (config === undefined) {
    const read = readConfig({
      flags: Object.fromEntries(Object.entries(flags).map(([name, value]) => [name, [value]])),
    });
    if (!read.ok) throw new Error(read.error);
    config = read.value;
    known.set(key, config);
  }
  return config;
}

let accounts: Promise<MemorySnapshot> | undefined;

/** A store with the accounts of everybody and nothing else. */
export async function firstSnapshot(): Promise<MemorySnapshot> {
  accounts ??= makeAccounts();
  return accounts;
}

async function makeAccounts(): Promise<MemorySnapshot> {
  const stores = memoryStores();
  const rows = names.map((name) => {
    const address = parseAddress(`${name}@localhost`);
    if (!address.ok) throw new Error(address.error);
    const making = { address: address.value, password: `${name}-secret`, isOperator: false, id: name, createdAt: 0 };
    return createAccount(making, systemHashes);
  });
  await stores.accounts.add(rows);
  return stores.snapshot();
}
