import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { systemInflate } from '../../../base/system-inflate.ts';
import { DeviceBook, DeviceMemory, refusedTypesMax } from './device-memory.ts';
import type { Binding } from '../../../sip/registrar/ports.ts';
import { firstContent, secondContent } from './outgoing-content.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const inflation = { inflate: systemInflate, bytesMax: 1000 };
const envelope = {
  contentType: 'message/cpim',
  body: bytes('From: <im:a@b.c>\r\n\r\nContent-Type: text/plain\r\n\r\nhi'),
};
const deflated = (content: { contentType: string; body: Uint8Array }) => ({
  ...content,
  contentEncoding: 'deflate',
  body: deflateSync(content.body),
});
const image = { contentType: 'image/png', body: bytes('png') };
const text = { contentType: 'text/plain', body: bytes('hi') };

function device(...offer: string[]): DeviceMemory {
  const memory = new DeviceMemory();
  memory.noteOffer(offer);
  return memory;
}

describe('the first form', () => {
  it('is how it came, but for an encoding that the device has not offered to undo', () => {
    expect(firstContent(envelope, device(), inflation)).toEqual({ ...envelope, isConverted: false });
    expect(firstContent(deflated(envelope), device('deflate'), inflation)).toMatchObject(deflated(envelope));
    const plain = firstContent(deflated(envelope), device('gzip'), inflation);
    expect([plain.contentEncoding, [...plain.body]]).toEqual([undefined, [...envelope.body]]);
    const unknown = { ...image, contentEncoding: 'br' };
    expect(firstContent(unknown, device(), inflation)).toMatchObject(unknown);
  });

  it('is the text for a device that refused the type; what has no text goes as it came', () => {
    const memory = device('deflate');
    for (const { contentType } of [envelope, image]) memory.noteRefusal(contentType);
    for (const content of [envelope, deflated(envelope)]) {
      expect(firstContent(content, memory, inflation)).toEqual({ ...text, isConverted: true });
    }
    expect(firstContent(image, memory, inflation)).toMatchObject(image);
  });
});

describe('the second form, after a 415', () => {
  const second = (content: { contentType: string; contentEncoding?: string; body: Uint8Array }, memory: DeviceMemory) =>
    secondContent(content, firstContent(content, memory, inflation), inflation);

  it('is the text, or what it was without its encoding', () => {
    expect(second(envelope, device())).toEqual({ ...text, isConverted: true });
    expect(second(deflated(envelope), device('deflate'))).toEqual({ ...text, isConverted: true });
    expect(second(deflated(text), device('deflate'))).toMatchObject({ contentType: 'text/plain', isConverted: false });
    expect(second(deflated(image), device('deflate'))).toMatchObject({ contentType: 'image/png', isConverted: false });
  });

  it('is none where there is no simpler one', () => {
    const memory = device();
    memory.noteRefusal('message/cpim');
    expect(second(envelope, memory)).toBeUndefined();
    for (const content of [text, image, deflated(text), deflated(image)])
      expect(second(content, device())).toBeUndefined();
    expect(second({ ...image, contentEncoding: 'br' }, device())).toBeUndefined();
  });
});

describe('what is remembered of a device', () => {
  it(`is its last offer, and at most ${refusedTypesMax} types that it refused, the newest`, () => {
    const memory = device('gzip, DEFLATE;q=0.5');
    expect([memory.offers('gzip'), memory.offers('deflate')]).toEqual([true, true]);
    memory.noteOffer([]);
    expect(memory.offers('gzip')).toBe(true);
    memory.noteOffer(['deflate;q=0.0', 'x-gzip;q=0.1']);
    expect([memory.offers('gzip'), memory.offers('deflate')]).toEqual([true, false]);
    memory.noteOffer(['']);
    expect(memory.offers('gzip')).toBe(false);
    for (let number = 0; number < refusedTypesMax; number += 1) memory.noteRefusal(`x/${number}`);
    expect(memory.refuses('X/0;a=b')).toBe(true);
    memory.noteRefusal('x/more');
    expect([memory.refuses('x/0'), memory.refuses('x/1'), memory.refuses('x/more')]).toEqual([false, true, true]);
  });
});

describe('what is remembered of all', () => {
  const phone = { addressOfRecord: 'mary@localhost', key: 'a', userAgent: 'x' } as Binding;

  it('is nothing for a device that has shown nothing, and gone with its last binding', () => {
    const book = new DeviceBook();
    book.noteOffer(phone, []);
    book.noteOffer(phone, ['identity']);
    expect([book.size, book.of(phone).offers('gzip')]).toEqual([0, false]);
    book.noteOffer(phone, ['gzip']);
    book.noteRefusal(phone, 'x/y');
    expect([book.size, book.of(phone).offers('gzip'), book.of(phone).refuses('x/y')]).toEqual([1, true, true]);
    book.noteOffer(phone, ['identity']);
    expect(book.of(phone).offers('gzip')).toBe(false);
    expect(book.of({ ...phone, userAgent: 'z' }).refuses('x/y')).toBe(false);
    const other = { ...phone, key: 'b', instanceId: 'i' };
    book.noteRefusal(other, 'x/y');
    book.forget(other, [phone, { ...other, key: 'c' }]);
    book.forget(phone, [other]);
    expect(book.size).toBe(1);
    book.forget(other, [phone]);
    expect(book.size).toBe(0);
  });
});
