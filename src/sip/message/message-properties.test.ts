/**
 * What holds for every message: reading what was written gives it back, and no octets make a reader throw or take
 * long. FUZZ_RUNS raises the number of runs.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildMalformedResponse, buildResponse } from './build-response.ts';
import { formatSipRequest, formatSipResponse } from './format-message.ts';
import { ParamList } from './grammar/params.ts';
import { formatSipDate, parseSipDate } from './grammar/sip-date.ts';
import {
  formatWarning,
  parseAccept,
  parseCSeq,
  parseEvent,
  parseMediaType,
  parseSubscriptionState,
  parseTokenList,
  parseWarning,
} from './header-values.ts';
import { createNameAddr, formatNameAddr, parseContacts, parseNameAddr } from './name-addr.ts';
import { parseSipMessage } from './parse-message.ts';
import { SipHeaders } from './sip-headers.ts';
import { addressOfRecordOf, areSipUrisEqual, createSipUri, parseSipUri } from './sip-uri.ts';
import { StreamFramer } from './stream-framer.ts';
import { createVia, formatVia, parseVia, withReceived } from './via.ts';

// eslint-disable-next-line node/no-process-env -- raised by hand for a long run
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 150);
const encoder = new TextEncoder();

function check<T>(arbitrary: fc.Arbitrary<T>, property: (value: T) => void): void {
  fc.assert(fc.property(arbitrary, property), { numRuns });
}

const TOKEN_CHARACTERS = Array.from("abcXYZ019-.!%*_+`'~");
const token = fc.string({ unit: fc.constantFrom(...TOKEN_CHARACTERS), minLength: 1, maxLength: 12 });
const plain = fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.toWellFormed());
const line = plain.map((text) => text.replace(/[\r\n]/g, ' '));
const host = fc.oneof(
  fc.constantFrom(
    'h',
    'a-b.example.com',
    'example.com.',
    'X9.org',
    '192.0.2.1',
    '[::1]',
    '[2001:db8::9:1]',
    '[::ffff:1.2.3.4]',
  ),
  fc.ipV4(),
  fc.ipV6().map((address) => `[${address}]`),
);
const port = fc.option(fc.integer({ min: 0, max: 65_535 }), { nil: undefined });
const paramNames = fc.uniqueArray(token, { maxLength: 4, selector: (name) => name.toLowerCase() });
const uri = fc
  .record({
    scheme: fc.constantFrom('sip', 'sips', 'im', 'pres', 'wv'),
    user: plain,
    host,
    port,
    names: paramNames,
    value: plain,
  })
  .map(({ names, value, user, ...parts }) =>
    createSipUri({
      ...parts,
      user: user === '' ? undefined : user,
      params: Object.fromEntries(names.map((name) => [name, value === '' ? undefined : value])),
    }),
  );
const address = fc.record({ uri, names: paramNames, value: line, displayName: line }).map((parts) => {
  const names = parts.names.filter((name) => name.toLowerCase() !== 'tag');
  return createNameAddr(
    parts.uri,
    ParamList.of(Object.fromEntries(names.map((name) => [name, parts.value]))),
    parts.displayName,
  );
});
const via = fc
  .record({
    transport: fc.constantFrom('UDP', 'TCP', 'TLS', 'WS', 'WSS', 'SCTP'),
    host,
    port,
    branch: token,
    rport: fc.boolean(),
  })
  .map(createVia);
const word = fc.string({
  unit: fc.constantFrom(...TOKEN_CHARACTERS, ...Array.from('()<>:\\"/[]?{}')),
  minLength: 1,
  maxLength: 20,
});
const request = fc
  .record({
    method: fc.oneof(fc.constantFrom('MESSAGE', 'INVITE', 'REGISTER'), token),
    uri,
    vias: fc.array(via, { minLength: 1, maxLength: 3 }),
    from: address,
    to: address,
    callId: fc.tuple(word, fc.option(word)).map(([left, right]) => (right === null ? left : `${left}@${right}`)),
    cseq: fc.integer({ min: 0, max: 0xffff_ffff }),
    extra: fc.array(
      fc.tuple(
        token.filter((name) => new SipHeaders([[name, '']]).get(`x-${name}`) === undefined),
        line,
      ),
    ),
    body: fc.uint8Array({ maxLength: 40 }),
  })
  .map((parts) => {
    const headers = new SipHeaders();
    for (const each of parts.vias) headers.add('Via', formatVia(each));
    headers.add('From', `${formatNameAddr(parts.from)};tag=f`).add('To', formatNameAddr(parts.to));
    headers.add('Call-ID', parts.callId).add('CSeq', `${parts.cseq} ${parts.method}`);
    for (const [name, value] of parts.extra) headers.add(`X-${name}`, value);
    return { ...parts, requestUri: parts.uri.text, headers };
  });

describe('what was written is read back', () => {
  it('URIs', () => {
    check(uri, (value) => {
      const parsed = parseSipUri(value.text);
      expect(parsed.ok).toBe(true);
      if (!parsed.ok) return;
      expect(areSipUrisEqual(parsed.value, value)).toBe(true);
      expect(addressOfRecordOf(parsed.value)).toBe(addressOfRecordOf(value));
      expect(parsed.value.user).toBe(value.user);
    });
  });

  it('addresses', () => {
    check(address, (value) => {
      const parsed = parseNameAddr(formatNameAddr(value));
      expect(parsed.ok && parsed.value.displayName).toBe(value.displayName);
      expect(parsed.ok && [...parsed.value.params]).toEqual([...value.params]);
      expect(parsed.ok && formatNameAddr(parsed.value)).toBe(formatNameAddr(value));
    });
  });

  it('Vias, also with what the receiver adds', () => {
    check(fc.tuple(via, fc.ipV6(), port), ([value, received, rport]) => {
      for (const each of [value, withReceived(value, received, rport)]) {
        const parsed = parseVia(formatVia(each));
        expect(parsed.ok && formatVia(parsed.value)).toBe(formatVia(each));
        const { host: sentBy, branch, received: from, rport: behind } = each;
        expect(parsed.ok && parsed.value).toMatchObject({ host: sentBy, branch, received: from, rport: behind });
      }
    });
  });

  it('whole requests and the responses to them', () => {
    check(request, (value) => {
      const parsed = parseSipMessage(formatSipRequest(value));
      if (parsed.kind !== 'request') throw new Error(JSON.stringify(parsed));
      const { message } = parsed;
      expect([...message.body]).toEqual([...value.body]);
      expect(message).toMatchObject({ method: value.method, requestUri: value.requestUri, cseq: value.cseq });
      expect(message.callId).toBe(value.callId);
      expect(message.vias.map(formatVia)).toEqual(value.vias.map(formatVia));
      expect([...parseAgain(message)]).toEqual([...message.headers]);
      const response = buildResponse(message, 200, { toTag: 't' });
      expect(parseSipMessage(formatSipResponse(response))).toMatchObject({
        kind: 'response',
        message: { status: 200, callId: value.callId, cseq: value.cseq, cseqMethod: value.method, to: { tag: 't' } },
      });
    });
  });

  it('warnings and dates', () => {
    check(line, (text) => {
      expect(parseWarning(formatWarning({ code: 399, agent: 'h', text }))).toMatchObject({ ok: true, value: { text } });
    });
    check(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) => {
      expect(parseSipDate(formatSipDate(seconds * 1000))).toBe(seconds * 1000);
    });
  });
});

function parseAgain(message: {
  method: string;
  requestUri: string;
  headers: SipHeaders;
  body: Uint8Array;
}): SipHeaders {
  const parsed = parseSipMessage(formatSipRequest(message));
  if (parsed.kind !== 'request') throw new Error(JSON.stringify(parsed));
  return parsed.message.headers;
}

const SEEDS = [
  'MESSAGE sip:b%40@[::1]:5060;x=y?a=b SIP/2.0\r\nv:SIP/2.0/UDP h:1;branch=z9hG4bK1;rport, SIP / 2.0 / TCP [::1];received=::1\r\n',
  'f: "a\\"b, c" <sip:a;b=c:p@h;q>;tag=1;x="y;z"\r\nTo:\r\n sip:c@d ; p = q\r\ni: a@b\r\nCSeq: 1 MESSAGE\r\n',
  'm: *\r\nContact: <sip:a@b>;q=0.5,"x" <tel:1>\r\nl: 3\r\nMax-Forwards: 70\r\nSubject: \u0416\r\n\r\nabc',
  'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n',
].map((text) => [...encoder.encode(text)]);

const INTERESTING = [0, 9, 10, 13, 32, 34, 37, 44, 47, 58, 59, 60, 61, 62, 63, 64, 91, 92, 93, 127, 128, 195, 255];
const mutation = fc.record({
  at: fc.nat(600),
  remove: fc.nat(6),
  insert: fc.array(fc.oneof(fc.constantFrom(...INTERESTING), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
});

/** Pieces of sound messages in any order, with some octets removed, changed and added. */
const mutated = fc
  .tuple(fc.array(fc.constantFrom(...SEEDS), { minLength: 1, maxLength: 6 }), fc.array(mutation, { maxLength: 6 }))
  .map(([pieces, mutations]) => {
    const octets = pieces.flat();
    for (const { at, remove, insert } of mutations) octets.splice(at % (octets.length + 1), remove, ...insert);
    return Uint8Array.from(octets);
  });

/** Reads everything that can be read, also what is lazy; answers what came out. */
function readAll(octets: Uint8Array): string {
  const parsed = parseSipMessage(octets);
  new StreamFramer().push(octets);
  if (parsed.kind === 'malformed-request') {
    formatSipResponse(buildMalformedResponse(parsed, { toTag: 't' }));
    return parsed.reason === '' ? 'a refusal without a reason' : 'refused';
  }
  if (parsed.kind !== 'request') return parsed.kind;
  const { message } = parsed;
  for (const each of [message.from, message.to]) JSON.stringify([...each.params, each.displayName, ...each.uri.params]);
  formatSipRequest(message);
  const response = parseSipMessage(formatSipResponse(buildResponse(message, 200, { toTag: 't' })));
  return response.kind === 'response' ? 'answered' : 'a request whose response nobody can read';
}

const outcomes = expect.stringMatching(/^(?:refused|answered|response|malformed-response|unanswerable)$/);

describe('no octets do harm', () => {
  it('random ones', () => {
    check(fc.uint8Array({ maxLength: 200 }), (octets) => {
      expect(readAll(octets)).toEqual(outcomes);
    });
  });

  it('mutated messages', () => {
    check(mutated, (octets) => {
      expect(readAll(octets)).toEqual(outcomes);
    });
  });

  it('texts as values', () => {
    check(
      fc.oneof(
        plain,
        mutated.map((octets) => new TextDecoder().decode(octets)),
      ),
      (text) => {
        parseSipUri(text);
        parseNameAddr(text);
        parseContacts([text]);
        parseVia(text);
        parseCSeq(text);
        parseEvent(text);
        parseSubscriptionState(text);
        parseMediaType(text);
        parseAccept([text]);
        parseTokenList([text]);
        parseWarning(text);
        parseSipDate(text);
        expect(new SipHeaders([['Accept', text]]).values('Accept')).not.toContain('');
      },
    );
  });

  it('found before', () => {
    const folder = fileURLToPath(new URL('../../../test/fuzz/sip/', import.meta.url));
    const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.sip')) : [];
    for (const file of files) expect(readAll(readFileSync(folder + file))).toEqual(outcomes);
  });

  it.each([
    [';', ''],
    [' ', ''],
    ['"', ''],
    ['\\', ''],
    [',', ''],
    [';a', ''],
    ['<', ''],
    ['sip:', ''],
    ['\r\n ', ''],
    ['x:\r\n', ''],
    [';a=', 'b'],
    ['%41', '@h'],
    ['a.', ''],
    ['[', ']'],
  ])('repeated without end: %j', (piece, end) => {
    const fill = piece.repeat(Math.floor(30_000 / piece.length)) + end;
    const started = process.cpuUsage();
    for (const name of ['Via: SIP/2.0/UDP h', 'From: ', 'To: <sip:a@b>', 'Contact: ', 'X: ', 'Call-ID: ']) {
      readAll(encoder.encode(`REGISTER sip:h SIP/2.0\r\n${name}${fill}\r\nVia: SIP/2.0/UDP h\r\n\r\n`));
    }
    readAll(encoder.encode(`REGISTER sip:${fill} SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n\r\n`));
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(2_000);
  });
});
