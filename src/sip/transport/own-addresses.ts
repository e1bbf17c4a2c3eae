/**
 * Under which addresses this server is reached: what it writes into the sent-by of its Via (RFC 3261 18.1.1) and by
 * which Via, Route or Request-URI it recognises itself. It opens nothing.
 */
import { canonicalIpv6 } from '../message/uri/host.ts';
import type { Flow } from '../registrar/ports.ts';
import type { SocketAddress } from './ports.ts';

export const defaultSipPort = 5_060;
/** With TLS (RFC 3261 18.1.1, 19.1.2). */
export const defaultSipsPort = 5_061;

export function defaultPortOf(transport: Flow['transport']): number {
  return transport === 'tls' ? defaultSipsPort : defaultSipPort;
}

export interface OwnAddressesOptions {
  /** Where the sockets listen; `0.0.0.0` and `::` stand for every address of the machine. */
  readonly listening: readonly SocketAddress[];
  /** The numeric addresses of the machine, loopback last. */
  readonly machine: readonly string[];
  /** Names and addresses from outside that lead here, such as the domains. */
  readonly names?: readonly string[];
  /** What peers shall see in place of the listening address. */
  readonly advertised?: string;
}

export class OwnAddresses {
  readonly #hosts = new Set<string>();
  readonly #names = new Set<string>();
  readonly #ports = new Set<number>();
  readonly #machine: readonly string[];
  readonly #advertised: string | undefined;
  /** For a wildcard: what was chosen for a kind of peer. */
  readonly #chosen = new Map<string, string>();

  constructor(options: OwnAddressesOptions) {
    this.#machine = options.machine;
    this.#advertised = options.advertised === undefined ? undefined : inBrackets(options.advertised);
    for (const { address, port } of options.listening) {
      this.#ports.add(port);
      if (isWildcard(address)) for (const own of options.machine) this.#hosts.add(comparableHost(own));
      else this.#hosts.add(comparableHost(address));
    }
    for (const name of options.names ?? []) this.#names.add(bareHost(name));
    if (options.advertised !== undefined) this.#hosts.add(comparableHost(options.advertised));
  }

  /** Whether host and port of a URI or a sent-by mean this server. A name without a port may mean any of its ports. */
  isOurs(host: string, port: number | undefined): boolean {
    const bare = bareHost(host);
    if (this.#names.has(bare) && (port === undefined || this.#ports.has(port))) return true;
    return this.isOurSentBy(host, port);
  }

  /** Whether a sent-by is one that this server writes into its Via: never a mere name of a domain. */
  isOurSentBy(host: string, port: number | undefined): boolean {
    return this.#hosts.has(comparableHost(host)) && this.#ports.has(port ?? defaultSipPort);
  }

  /**
   * The host of sent-by, in brackets where it is IPv6: the advertised one; else the address listened on; for a
   * wildcard loopback towards loopback, else the first address of the machine that is of the peer's family.
   */
  sentByHost(localAddress: string, remoteAddress: string): string {
    if (this.#advertised !== undefined) return this.#advertised;
    if (!isWildcard(localAddress)) return inBrackets(localAddress);
    const kind = `${isIpv6(remoteAddress)} ${isLoopback(remoteAddress)}`;
    const chosen = this.#chosen.get(kind) ?? inBrackets(this.#choose(remoteAddress));
    this.#chosen.set(kind, chosen);
    return chosen;
  }

  #choose(remoteAddress: string): string {
    const ofFamily = this.#machine.filter((own) => isIpv6(own) === isIpv6(remoteAddress));
    const fit = ofFamily.find((own) => isLoopback(own) === isLoopback(remoteAddress));
    return fit ?? ofFamily[0] ?? remoteAddress;
  }
}

/** Every form of an IPv6 address alike. */
function comparableHost(host: string): string {
  const bare = bareHost(host);
  return isIpv6(bare) ? canonicalIpv6(bare) : bare;
}

/** Lower case, without brackets and without the dot at the end. */
export function bareHost(host: string): string {
  let bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (bare.endsWith('.')) bare = bare.slice(0, -1);
  return bare.toLowerCase();
}

export function isNumericAddress(bare: string): boolean {
  return isIpv6(bare) || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(bare);
}

function isIpv6(address: string): boolean {
  return address.includes(':');
}

function inBrackets(address: string): string {
  return isIpv6(address) && !address.startsWith('[') ? `[${address}]` : address;
}

function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}
