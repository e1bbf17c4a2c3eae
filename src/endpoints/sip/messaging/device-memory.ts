/**
 * What one device has shown of itself: which content it refused (415), and which encodings it offers to undo
 * (Accept-Encoding). Kept as long as it is registered; lost with the process, since one more 415 teaches it again.
 */
import { encodingOf, type KnownEncoding } from '../../../formats/content-encoding.ts';
import { mediaTypeOf } from '../../../formats/content-type.ts';

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
    for (const member of rows.join(',').split(',')) {
      const [name, ...params] = member.split(';').map((part) => part.trim());
      const encoding = encodingOf(name);
      const isOffered = !params.some((param) => /^q\s*=\s*0(?:\.0*)?$/i.test(param));
      if (isOffered && (encoding === 'deflate' || encoding === 'gzip')) this.#encodings.add(encoding);
    }
  }

  offers(encoding: KnownEncoding): boolean {
    return this.#encodings.has(encoding);
  }
}
