import { describe, expect, it } from 'vitest';
import { Arrivals } from './arrivals.ts';
import { formatPidf, readPidf } from './pidf-text.ts';
import { RequestAnswerer } from './request-answerer.ts';
import { addressIn, formatSipText, parameterOf, parseSipText, type SipText } from './sip-text.ts';
import { formatTalkEntry, TalkLog } from './talk-log.ts';
import { StreamFramer } from './wire-socket.ts';

function message(branch: string): SipText {
  const headers = [
    ['Via', `SIP/2.0/UDP 192.0.2.1;branch=${branch}`],
    ['CSeq', '1 MESSAGE'],
  ] as const;
  const read = parseSipText(formatSipText('MESSAGE sip:mary@localhost SIP/2.0', headers, Buffer.from('hi')));
  if (!read) throw new Error('not read');
  return read;
}

describe('sip text', () => {
  it('reads compact, folded and oddly spaced headers', () => {
    const bytes = Buffer.from(
      'MESSAGE sip:mary@localhost SIP/2.0\r\nv: SIP/2.0/UDP 192.0.2.1\r\n ;branch=z9hG4bK1\r\n' +
        'f : "Tom, <T>" <sip:Tom@LOCALHOST;x=1>;tag=a\r\nt: im:mary@localhost\r\ni: c1\r\nl: 2\r\n\r\nhello',
    );
    const read = parseSipText(bytes);
    expect(read?.branch).toBe('z9hG4bK1');
    expect(read?.from).toBe('tom@localhost');
    expect(read?.to).toBe('mary@localhost');
    expect(read?.callId).toBe('c1');
    expect(read?.text).toBe('he');
  });

  it('tells answers from requests and both from noise', () => {
    const answer = parseSipText(Buffer.from('SIP/2.0 202 Accepted it\r\nCSeq: 7 MESSAGE\r\n\r\n'));
    expect(answer).toMatchObject({ isRequest: false, status: 202, reason: 'Accepted it', method: 'MESSAGE', cseq: 7 });
    expect(parseSipText(Buffer.from('GET / HTTP/1.1\r\n\r\n'))).toBeUndefined();
    expect(parseSipText(Buffer.from('\r\n'))).toBeUndefined();
  });

  it('looks for header parameters outside the angle brackets only', () => {
    expect(parameterOf('<sip:a@b;tag=inner>;tag=outer', 'tag')).toBe('outer');
    expect(parameterOf('<sip:a@b;tag=inner>', 'tag')).toBeUndefined();
    expect(addressIn('nobody')).toBe('');
  });
});

describe('presence document', () => {
  it('reads back what it writes', () => {
    const document = formatPidf('mary@localhost', {
      availability: 'not-available',
      mood: ['in-love', 'happy'],
      activity: 'on-the-phone',
      note: 'a < b & "c"',
    });
    expect(document).toContain('<availability xmlns="urn:restante:presence">not-available</availability>');
    expect(readPidf(document)).toEqual({
      entity: 'sip:mary@localhost',
      basic: ['open'],
      availability: 'not-available',
      mood: ['in_love', 'happy'],
      activity: ['on-the-phone'],
      notes: ['a < b & "c"'],
    });
  });
});

describe('limits', () => {
  it('Arrivals: the newest is refused beyond the maximum, unless somebody waits for it', async () => {
    const arrivals = new Arrivals<number>('number', 2);
    expect([arrivals.push(1), arrivals.push(2), arrivals.push(3)]).toEqual([true, true, false]);
    const awaited = arrivals.next(1000, (item) => item === 4);
    expect(arrivals.push(4)).toBe(true);
    expect(await awaited).toBe(4);
    expect(arrivals.drain()).toEqual([1, 2]);
  });

  it('TalkLog: the newest are only counted beyond the maximum', () => {
    const log = new TalkLog(undefined, 1);
    log.note('mary@localhost', 'first');
    log.note('mary@localhost', 'second');
    expect(log.entries.map((entry) => entry.line)).toEqual(['first']);
    expect(log.notKept).toBe(1);
  });

  it('RequestAnswerer: the oldest transaction is forgotten beyond the maximum', async () => {
    const answerer = new RequestAnswerer({ MESSAGE: 200 }, 2);
    for (const branch of ['a', 'b', 'c']) await answerer.answer(message(branch), () => undefined);
    expect(['a', 'b', 'c'].map((branch) => answerer.isRetransmission(message(branch)))).toEqual([false, true, true]);
  });
});

describe('stream framer', () => {
  it('finds the same messages however the stream is cut', () => {
    const one = message('one').bytes;
    const two = message('two').bytes;
    const stream = Buffer.concat([Buffer.from('\r\n\r\n'), one, Buffer.from('\r\n'), two]);
    for (let cut = 0; cut <= stream.length; cut += 1) {
      const framer = new StreamFramer();
      const found = [...framer.push(stream.subarray(0, cut)), ...framer.push(stream.subarray(cut))];
      expect(found.map((bytes) => parseSipText(bytes)?.branch)).toEqual(['one', 'two']);
    }
  });
});

describe('ladder line', () => {
  it('shows time, who, direction and what', () => {
    const entry = { atMs: 1234, who: 'mary@localhost', direction: 'sent', line: 'SIP/2.0 200 OK' } as const;
    expect(formatTalkEntry({ ...entry, isRetransmission: true })).toBe(
      '   1.234  mary     ---> SIP/2.0 200 OK  (again)',
    );
    const note = { ...entry, direction: 'note', isRetransmission: false } as const;
    expect(formatTalkEntry(note)).toBe('   1.234  mary          SIP/2.0 200 OK');
  });
});
