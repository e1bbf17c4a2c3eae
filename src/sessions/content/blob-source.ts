/** A large body that is kept, as octets to be played. */
import type { BlobReader } from '../../delivery/ports.ts';
import type { OctetSource } from '../../msrp/leg/leg-words.ts';

export function blobSource(reader: BlobReader, size: number): OctetSource {
  return {
    async read(offset, lengthMax) {
      const bytes = await reader.read(offset, Math.min(lengthMax, size - offset));
      if (bytes.length === 0 && offset < size) throw new Error('the kept body is shorter than it was');
      return { bytes, isEnd: offset + bytes.length >= size };
    },
  };
}
