/**
 * What devices have shown of themselves: which content they refused (415), and which encodings they offer to undo
 * (Accept-Encoding). Kept as long as one is registered; lost with the process, since one more 415 teaches it again. Most
 * devices never show anything, and cost nothing.
 */
import { encodingOf, type KnownEncoding } from '../../../formats/content-encoding.ts';
import { mediaTypeOf } from '../../../formats/content-type.ts';
import type { Binding } from '../../../sip/registrar/ports.ts';

/** Media types that are remembered of one device; the oldest is forgotten for one more. */
export const refusedTypesMax = 16;

export class DeviceMemory {
  readonly #refused = new Set<string>();
  readonly #encodings = new Set<KnownEncoding>();

  noteRefusal(contentType: string): void {
    const type = mediaTypeOf(contentType);
    if (this.#refused.has(type)) return;
    if (this.#refused.size >= refusedTypesMax) {
      const [oldest] = this.#refused;
      if (oldest !== undefined) this.#refused.delete(oldest);
    }
    this.#refused.add(type);
  }

  refuses(contentType: string): boolean {
    return this.#refused.size > 0 && this.#refused.has(mediaTypeOf(contentType));
  }

  /** The rows of an Accept-Encoding (RFC 3261 20.2); the last word counts. No row says nothing. */
  noteOffer(rows: readonly string[]): void {
    if (rows.length === 0) return;
    this.#encodings.clear();
    for (const encoding of offeredIn(rows)) this.#encodings.add(encoding);
  }

  offers(encoding: KnownEncoding): boolean {
    return this.#encodings.has(encoding);
  }
}

/** The same device over whichever way: its instance id (RFC 5626 4.1), where it has one. */
export function deviceOf({ instanceId, key }: Pick<Binding, 'instanceId' | 'key'>): string {
  return instanceId ?? key;
}

interface KnownDevice {
  readonly memory: DeviceMemory;
  /** Another program may take what this one refused. */
  readonly userAgent: string | undefined;
}

/** Bounded by the bindings, since what is gone is forgotten. */
export class DeviceBook {
  readonly #devices = new Map<string, KnownDevice>();

  get size(): number {
    return this.#devices.size;
  }

  /** To be asked, not to be told. */
  of(binding: Binding): DeviceMemory {
    const known = this.#devices.get(nameOf(binding));
    return known !== undefined && known.userAgent === binding.userAgent ? known.memory : nothingKnown;
  }

  noteRefusal(binding: Binding, contentType: string): void {
    this.#open(binding).noteRefusal(contentType);
  }

  /** What it has not offered before need not be noted where it offers nothing. */
  noteOffer(binding: Binding, rows: readonly string[]): void {
    if (rows.length === 0) return;
    if (this.of(binding) !== nothingKnown || offeredIn(rows).length > 0) this.#open(binding).noteOffer(rows);
  }

  /** A binding is gone; `left` are those that its principal still has. */
  forget(gone: Binding, left: readonly Binding[]): void {
    if (!left.some((binding) => deviceOf(binding) === deviceOf(gone))) this.#devices.delete(nameOf(gone));
  }

  #open(binding: Binding): DeviceMemory {
    const known = this.of(binding);
    if (known !== nothingKnown) return known;
    const memory = new DeviceMemory();
    this.#devices.set(nameOf(binding), { memory, userAgent: binding.userAgent });
    return memory;
  }
}

/** Stands for all that have shown nothing. */
const nothingKnown = new DeviceMemory();

function nameOf(binding: Binding): string {
  return `${binding.addressOfRecord} ${deviceOf(binding)}`;
}

function offeredIn(rows: readonly string[]): KnownEncoding[] {
  const offered: KnownEncoding[] = [];
  for (const member of rows.join(',').split(',')) {
    const [name, ...params] = member.split(';').map((part) => part.trim());
    const encoding = encodingOf(name);
    const isOffered = !params.some((param) => /^q\s*=\s*0(?:\.0*)?$/i.test(param));
    if (isOffered && (encoding === 'deflate' || encoding === 'gzip')) offered.push(encoding);
  }
  return offered;
}
