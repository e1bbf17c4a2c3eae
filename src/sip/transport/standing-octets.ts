/**
 * Messages that stand in line as octets, each datagram once: one that is sent again while it stands there is the same one
 * (RFC 3261 17.2.2). Knows not what is in them.
 */
import type { Flow } from '../registrar/ports.ts';

export interface StandingMessage {
  readonly bytes: Uint8Array;
  readonly flow: Flow;
}

export interface StandingLimits {
  readonly messagesMax: number;
  /** Of all together. */
  readonly bytesMax: number;
}

/** Places at the front whose messages are gone. */
const gonePlacesMax = 1_024;

export class StandingOctets {
  readonly #limits: StandingLimits;
  /** In the order in which they came; those before `#gone` have left. */
  #line: (StandingMessage | undefined)[] = [];
  #gone = 0;
  /** How many were cut off at the front. */
  #cut = 0;
  #bytes = 0;
  /** By a hash of a datagram: how many stood in line ever before it. Numbers only, so that no dead table of it keeps anything alive. */
  readonly #datagrams = new Map<number, number>();

  constructor(limits: StandingLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#line.length - this.#gone;
  }

  /** `known`: it stands there already. `full`: there is no room. The octets must not change later. */
  push(bytes: Uint8Array, flow: Flow): 'taken' | 'known' | 'full' {
    const hash = flow.transport === 'udp' ? hashOf(bytes) : undefined;
    if (hash !== undefined && this.#stands(hash, bytes, flow)) return 'known';
    const { messagesMax, bytesMax } = this.#limits;
    if (this.size >= messagesMax || this.#bytes + bytes.length > bytesMax) return 'full';
    if (hash !== undefined) this.#datagrams.set(hash, this.#cut + this.#line.length);
    this.#line.push({ bytes, flow });
    this.#bytes += bytes.length;
    return 'taken';
  }

  shift(): StandingMessage | undefined {
    const first = this.#line[this.#gone];
    if (first === undefined) return undefined;
    const hash = first.flow.transport === 'udp' ? hashOf(first.bytes) : -1;
    // Another one of the same hash may have come after it.
    if (this.#datagrams.get(hash) === this.#cut + this.#gone) this.#datagrams.delete(hash);
    this.#line[this.#gone] = undefined;
    this.#gone += 1;
    this.#bytes -= first.bytes.length;
    if (this.size === 0 || this.#gone >= gonePlacesMax) {
      this.#cut += this.#gone;
      this.#line = this.#line.slice(this.#gone);
      this.#gone = 0;
    }
    return first;
  }

  #stands(hash: number, bytes: Uint8Array, { remotePort, remoteAddress }: Flow): boolean {
    const place = this.#datagrams.get(hash);
    const other = place === undefined ? undefined : this.#line[place - this.#cut];
    if (other === undefined || other.flow.remotePort !== remotePort) return false;
    return other.flow.remoteAddress === remoteAddress && isEqual(other.bytes, bytes);
  }
}

/** FNV-1a, cut to what V8 keeps without an object. Whatever has the same hash is compared. */
function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < bytes.length; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return hash & 0x3fffffff;
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, at) => octet === b[at]);
}
