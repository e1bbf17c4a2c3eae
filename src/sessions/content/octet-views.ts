/** The octets of a message seen otherwise than they came: behind something new, or without their beginning. Copies nothing. */
import type { OctetSource, SourceOctets } from '../../msrp/leg/leg-words.ts';

export interface View {
  /** Comes first. */
  readonly prefix: Uint8Array;
  /** So many octets of the original are left out. */
  readonly skip: number;
}

export function viewed(source: OctetSource, { prefix, skip }: View): OctetSource {
  if (prefix.length === 0 && skip === 0) return source;
  return {
    read(offset, lengthMax): SourceOctets | Promise<SourceOctets> {
      if (offset >= prefix.length) return source.read(offset - prefix.length + skip, lengthMax);
      return { bytes: prefix.subarray(offset, offset + lengthMax), isEnd: false };
    },
  };
}

/** The size of what is seen, where that of the original is known. */
export function viewedSize(size: number | undefined, { prefix, skip }: View): number | undefined {
  return size === undefined ? undefined : size - skip + prefix.length;
}

/** Octets that are there already. */
export function octetsOf(bytes: Uint8Array): OctetSource {
  return {
    read: (offset, lengthMax) => ({
      bytes: bytes.subarray(offset, offset + lengthMax),
      isEnd: offset + lengthMax >= bytes.length,
    }),
  };
}
