/** Host names by the system's resolver (A and AAAA, and the hosts file); answers are kept for a while. */
import { lookup } from 'node:dns';
import { lookup as lookupOne } from 'node:dns/promises';
import { isIP } from 'node:net';
import { LRUCache } from 'lru-cache';
import { ListenFault } from './listen-fault.ts';
import { plainAddress } from './socket-address.ts';

const namesMax = 1_000;
const keptMs = 30_000;
/** Look-ups under way; the system does four at a time. Beyond it a name has no address. */
export const lookupsMax = 256;

/** Asks for the addresses of a name; an empty list when there are none. */
export type Lookup = (host: string, done: (addresses: readonly string[]) => void) => void;

export class SystemResolver {
  readonly #kept = new LRUCache<string, readonly string[]>({ max: namesMax, ttl: keptMs });
  readonly #waiting = new Map<string, ((addresses: readonly string[]) => void)[]>();
  readonly #lookup: Lookup;

  constructor(look: Lookup = askSystem) {
    this.#lookup = look;
  }

  resolve(host: string, done: (addresses: readonly string[]) => void): void {
    const kept = this.#kept.get(host);
    if (kept !== undefined) {
      done(kept);
      return;
    }
    const waiting = this.#waiting.get(host);
    if (waiting !== undefined) {
      waiting.push(done);
      return;
    }
    if (this.#waiting.size === lookupsMax) {
      done([]);
      return;
    }
    this.#waiting.set(host, [done]);
    this.#lookup(host, (addresses) => this.#finish(host, addresses));
  }

  #finish(host: string, addresses: readonly string[]): void {
    if (addresses.length > 0) this.#kept.set(host, addresses);
    const waiting = this.#waiting.get(host) ?? [];
    this.#waiting.delete(host);
    for (const done of waiting) done(addresses);
  }
}

function askSystem(host: string, done: (addresses: readonly string[]) => void): void {
  lookup(host, { all: true }, (fault, found) => {
    done(fault === null ? found.map(({ address }) => plainAddress(address)) : []);
  });
}

/** Where to listen. The host may be a name or an IPv6 address in brackets. Throws `ListenFault`. */
export async function numericAddress(host: string, port: number): Promise<string> {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (isIP(bare) !== 0) return bare;
  try {
    return (await lookupOne(bare)).address;
  } catch (cause) {
    throw new ListenFault(`${host}:${port}`, cause);
  }
}
