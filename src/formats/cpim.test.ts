import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cpimFrom,
  cpimHeaderBytesMax,
  cpimHeadersMax,
  cpimRecipients,
  findCpimHeader,
  formatCpim,
  parseCpim,
  unknownRequirements,
  wrappedContentType,
  type CpimMessage,
} from './cpim.ts';
import { escapeCpim, formatCpimAddress, imdnNamespace, parseCpimAddress, unescapeCpim } from './cpim-header.ts';
import { readImdnRequest } from './imdn.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (range: Uint8Array): string => new TextDecoder().decode(range);
const parse = (document: string | Uint8Array): CpimMessage => {
  const parsed = parseCpim(typeof document === 'string' ? bytes(document) : document);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};
const fault = (document: string | Uint8Array): string => {
  const parsed = parseCpim(typeof document === 'string' ? bytes(document) : document);
  return parsed.ok ? '' : parsed.error;
};

const envelope = [
  'From: "Alice \\"A\\" \\u00c4" <im:alice@example.com>',
  'To: Bob <im:bob@example.com>',
  'To: <im:carol@example.com>',
  'DateTime: 2026-11-21T09:00:00Z',
  'Subject:;lang=fr;note="a b" beau temps',
  'NS: rep <urn:ietf:params:imdn>',
  'rep.Message-ID: 34jk324j',
  'rep.Disposition-Notification: positive-delivery, display;x=1, odd',
  '',
  'Content-type: multipart/mixed;',
  ' boundary="b"',
  'Content-Disposition: notification',
  '',
  'Hello\r\nWorld\0',
].join('\r\n');

describe('parseCpim', () => {
  it('reads headers, namespaces and what is wrapped', () => {
    const message = parse(envelope);
    expect(cpimFrom(message)).toEqual({ name: 'Alice "A" \u00c4', uri: 'im:alice@example.com' });
    expect(cpimRecipients(message).map(({ uri }) => uri)).toEqual(['im:bob@example.com', 'im:carol@example.com']);
    expect(findCpimHeader(message, 'Subject')).toMatchObject({
      parameters: ';lang=fr;note="a b"',
      value: 'beau temps',
    });
    expect(findCpimHeader(message, 'Message-ID', imdnNamespace)?.value).toBe('34jk324j');
    expect(findCpimHeader(message, 'Message-ID')).toBeUndefined();
    expect(wrappedContentType(message)).toBe('multipart/mixed; boundary="b"');
    expect(text(message.content)).toBe('Hello\r\nWorld\0');
    expect(text(message.wrapped).startsWith('Content-type: multipart')).toBe(true);
    expect(message.content.buffer).toBe(message.wrapped.buffer);
  });

  it('finds the requests whatever the prefix is called', () => {
    expect(readImdnRequest(parse(envelope))).toEqual({
      messageId: '34jk324j',
      wants: ['positive-delivery', 'display'],
    });
    const undeclared = parse('imdn.Message-ID: 1\r\n\r\nContent-Type: text/plain\r\n\r\n');
    expect(readImdnRequest(undeclared)).toEqual({ messageId: undefined, wants: [] });
  });

  it('takes the form without the empty line, bare line feeds, and wrapped content without headers', () => {
    const tight = parse('From: A <im:a@b.c>\r\nContent-type: text/plain\r\n\r\nHello');
    expect(text(tight.content)).toBe('Hello');
    expect(tight.headers).toHaveLength(1);
    const bare = parse('From: A <im:a@b.c>\n\nContent-Type: text/html\n\nHello');
    expect([wrappedContentType(bare), text(bare.content)]).toEqual(['text/html', 'Hello']);
    const headless = parse('From: A <im:a@b.c>\r\n\r\n\r\nHello');
    expect([wrappedContentType(headless), text(headless.content)]).toEqual(['text/plain', 'Hello']);
  });

  it('header names count with case, and a default namespace holds from its line on', () => {
    expect(findCpimHeader(parse('from: x\r\n\r\n\r\n'), 'From')).toBeUndefined();
    const message = parse('From: a\r\nNS: <urn:other>\r\nTo: b\r\n\r\n\r\n');
    expect(message.headers.map(({ namespace }) => namespace)).toEqual([
      'urn:ietf:params:cpim-headers:',
      'urn:ietf:params:cpim-headers:',
      'urn:other',
    ]);
  });

  it.each([
    ['nothing', '', 'ends within'],
    ['no end of the headers', 'From: a\r\nTo: b', 'ends within'],
    ['no content headers', 'From: a\r\n\r\n', 'ends within'],
    ['a line that is no header', 'Hello World\r\n\r\n\r\n', 'is not a CPIM header'],
    ['content headers that are none', 'From: a\r\n\r\nHello World\r\n\r\n', 'is not a header of the wrapped'],
    ['two senders', 'From: a\r\nFrom: b\r\n\r\n\r\n', 'more than one CPIM From'],
    ['a fold', 'From: a\r\n b\r\n\r\n\r\n', 'is not a CPIM header'],
  ])('refuses %s', (_what, document, words) => {
    expect(fault(document)).toContain(words);
  });

  it('refuses headers that are not UTF-8', () => {
    expect(fault(Uint8Array.of(0x46, 0x3a, 0xff, 0x0a, 0x0a, 0x0a))).toBe('a header is not UTF-8');
  });

  it('keeps its limits, at each and one past it', () => {
    const many = (count: number): string => `${'To: a\r\n'.repeat(count)}\r\n\r\nHello`;
    expect([fault(many(cpimHeadersMax)), fault(many(cpimHeadersMax + 1))]).toEqual([
      '',
      `there are more than ${cpimHeadersMax} CPIM headers`,
    ]);
    const inner = (count: number): string => `To: a\r\n\r\n${'X: a\r\n'.repeat(count)}\r\nHello`;
    expect(fault(inner(cpimHeadersMax))).toBe('');
    expect(fault(inner(cpimHeadersMax + 1))).toContain('content headers');
    const long = (length: number): string => `To: ${'a'.repeat(length - 10)}\r\n\r\n\r\nHello`;
    expect(fault(long(cpimHeaderBytesMax))).toBe('');
    expect(fault(long(cpimHeaderBytesMax + 1))).toContain('bytes');
  });
});

describe('Require', () => {
  it('names what this server does not know', () => {
    const known = 'NS: i <urn:ietf:params:imdn>\r\nRequire: Subject, i.Message-ID\r\n\r\n\r\n';
    expect(unknownRequirements(parse(known))).toEqual([]);
    const odd = 'NS: My <mid:x@y>\r\nRequire: My.Vital,Other\r\nMy.Vital: yes\r\n\r\n\r\n';
    expect(unknownRequirements(parse(odd))).toEqual(['My.Vital', 'Other']);
    const before = 'NS: i <urn:ietf:params:imdn>\r\nRequire: i.Message-ID\r\ni.Message-ID: 1\r\n\r\n\r\n';
    expect(unknownRequirements(parse(before))).toEqual([]);
  });
});

describe('formatCpim', () => {
  const printable = fc.stringMatching(/^[!-~][ -~]{0,20}$/).filter((value) => value === value.trim());

  it('is undone by reading', () => {
    fc.assert(
      fc.property(fc.array(printable, { maxLength: 4 }), fc.uint8Array(), (values, content) => {
        const headers = values.map((value) => ({ prefix: '', name: 'Subject', parameters: '', value }));
        const message = parse(formatCpim(headers, [{ name: 'Content-Type', value: 'text/plain' }], content));
        expect(message.headers.map(({ value }) => value)).toEqual(values);
        expect(message.content).toEqual(content);
        expect(wrappedContentType(message)).toBe('text/plain');
      }),
    );
  });

  it('never lets a value start a line', () => {
    const message = parse(formatCpim([{ name: 'Subject', value: 'a\r\nFrom: x' }], [], bytes('')));
    expect(message.headers.map(({ name }) => name)).toEqual(['Subject']);
    expect(unescapeCpim(message.headers[0]?.value ?? '')).toBe('a\r\nFrom: x');
  });

  it('escapes and unescapes any text, also in names', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect(unescapeCpim(escapeCpim(value))).toBe(value);
        expect(parseCpimAddress(formatCpimAddress({ name: value, uri: 'im:a@b.c' })).name).toBe(value);
      }),
    );
    expect(unescapeCpim(String.raw`\b\t\n\r\x\\\"`)).toBe('\b\t\n\rx\\"');
  });
});

const samples = new URL('../../../shared/reference/samples/', import.meta.url);

describe('the envelopes of the RFCs', () => {
  it.skipIf(!existsSync(samples))('are read (needs ../shared/reference/samples beside the project)', () => {
    const read = (path: string): CpimMessage => parse(readFileSync(new URL(path, samples)));
    expect(unknownRequirements(read('cpim/cpim-headers-and-ns.cpim'))).toEqual(['MyFeatures.VitalMessageOption']);
    for (const path of ['imdn/im-requesting-imdn.cpim', 'imdn/im-requesting-imdn-as-printed.cpim']) {
      const message = read(path);
      expect(readImdnRequest(message)).toEqual({
        messageId: '34jk324j',
        wants: ['positive-delivery', 'negative-delivery'],
      });
      expect(text(message.content).trim()).toBe('Hello World');
    }
    for (const path of ['imdn/delivered.cpim', 'imdn/displayed.cpim']) {
      expect(wrappedContentType(read(path))).toBe('message/imdn+xml');
    }
    expect(wrappedContentType(read('imdn/aggregated.cpim'))).toBe('multipart/mixed; boundary="imdn-boundary"');
  });
});

describe('any bytes', () => {
  it('are read or refused, never thrown at', () => {
    const lines = fc.array(
      fc.oneof(
        fc.constantFrom(...envelope.split('\r\n'), 'Require: a', 'NS: <x>', 'Content-Type:', ':', '\0', ''),
        fc.string(),
      ),
    );
    fc.assert(
      fc.property(lines, (parts) => {
        expect(typeof parseCpim(bytes(parts.join('\r\n'))).ok).toBe('boolean');
      }),
    );
    fc.assert(fc.property(fc.uint8Array(), (part) => typeof parseCpim(part).ok === 'boolean'));
  });
});
