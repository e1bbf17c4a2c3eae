/** What must hold for each reader, whatever it is given. A target throws when something does not. */
import { isDeepStrictEqual } from 'node:util';
import type fc from 'fast-check';
import { parseCondition } from '../../src/conditions/parse-condition.ts';
import { contentTypeParametersMax, parseContentType } from '../../src/formats/content-type.ts';
import { parseCpim } from '../../src/formats/cpim.ts';
import { formatImdn, parseImdn } from '../../src/formats/imdn.ts';
import { formatPidf, parsePidf } from '../../src/formats/pidf.ts';
import { formatReginfo } from '../../src/formats/reginfo/format-reginfo.ts';
import { parseReginfo } from '../../src/formats/reginfo/parse-reginfo.ts';
import { formatPresRules } from '../../src/formats/pres-rules/format-pres-rules.ts';
import { mergePresRules } from '../../src/formats/pres-rules/merge-pres-rules.ts';
import { parsePresRules } from '../../src/formats/pres-rules/parse-pres-rules.ts';
import { parseXmlSource, xmlLimits } from '../../src/formats/xml-reader.ts';
import { type CspDocument, formatCspDocument, parseCspDocument } from '../../src/imps/csp-document.ts';
import { cspLimits } from '../../src/imps/csp-element.ts';
import type { CspSyntax } from '../../src/imps/csp-version.ts';
import { formatCspMessage, type OutgoingTransaction, parseCspMessage } from '../../src/imps/message/csp-message.ts';
import { parseAddress } from '../../src/model/address.ts';
import { parseDigestCredentials } from '../../src/sip/digest/digest-credentials.ts';
import { formatSipRequest } from '../../src/sip/message/format-message.ts';
import { parseSipMessage } from '../../src/sip/message/parse-message.ts';
import { StreamFramer } from '../../src/sip/message/stream-framer.ts';
import { checkMsrp, checkSdp } from './session-targets.ts';
import { cspWbxmlDocuments, cspXmlDocuments } from './structures/csp-structure.ts';
import type { Texts } from './structures/pieces.ts';
import { msrpFrames, sessionDescriptions } from './structures/session-structure.ts';
import { sipMessages } from './structures/sip-structure.ts';
import { conditions, contentTypes, cpimEnvelopes, digestCredentials } from './structures/text-structure.ts';
import { ruleDocuments } from './structures/rules-structure.ts';
import { imdnDocuments, presenceDocuments, reginfoDocuments } from './structures/xml-structure.ts';

export interface FuzzTarget {
  /** As it is asked for by name, and the folder of what once broke it. */
  readonly name: string;
  /** The folder of its written seeds. */
  readonly seeds: string;
  /** Inputs that are nearly right. */
  readonly structure: Texts | fc.Arbitrary<Uint8Array>;
  check(bytes: Buffer): void;
}

export const targets: readonly FuzzTarget[] = [
  { name: 'sip', seeds: 'sip', structure: sipMessages, check: checkSipMessage },
  { name: 'framing', seeds: 'sip', structure: sipMessages, check: checkFraming },
  { name: 'pidf', seeds: 'pidf', structure: presenceDocuments, check: checkPidf },
  { name: 'cpim', seeds: 'cpim', structure: cpimEnvelopes, check: checkCpim },
  { name: 'imdn', seeds: 'imdn', structure: imdnDocuments, check: checkImdn },
  { name: 'reginfo', seeds: 'reginfo', structure: reginfoDocuments, check: checkReginfo },
  { name: 'pres-rules', seeds: 'pres-rules', structure: ruleDocuments, check: checkPresRules },
  { name: 'conditions', seeds: 'conditions', structure: conditions, check: checkCondition },
  { name: 'digest', seeds: 'digest', structure: digestCredentials, check: checkDigest },
  { name: 'content-type', seeds: 'content-type', structure: contentTypes, check: checkContentType },
  { name: 'msrp', seeds: 'msrp', structure: msrpFrames, check: checkMsrp },
  { name: 'sdp', seeds: 'sdp', structure: sessionDescriptions, check: checkSdp },
  {
    name: 'csp-xml',
    seeds: 'csp-xml',
    structure: cspXmlDocuments,
    check: (bytes) => checkCsp(bytes, 'xml'),
  },
  {
    name: 'csp-wbxml',
    seeds: 'csp-wbxml',
    structure: cspWbxmlDocuments,
    check: (bytes) => checkCsp(bytes, 'wbxml'),
  },
];

/** What is taken for a request can be written and is taken for the same again; octets behind its body change nothing. */
function checkSipMessage(bytes: Buffer): void {
  const parsed = parseSipMessage(bytes);
  if (parsed.kind !== 'request') return;
  const written = formatSipRequest(parsed.message);
  const again = parseSipMessage(written);
  must(again.kind === 'request', `written again it is ${JSON.stringify(again)}`);
  must(again.message.callId === parsed.message.callId, 'its Call-ID changed');
  must(again.message.cseq === parsed.message.cseq, 'its CSeq changed');
  must(again.message.vias.length === parsed.message.vias.length, 'its Vias changed');
  must(again.message.uri.text === parsed.message.uri.text, 'its Request-URI changed');
  must(Buffer.compare(again.message.body, parsed.message.body) === 0, 'its body changed');
  must(Buffer.compare(formatSipRequest(again.message), written) === 0, 'written twice it is another');
  const longer = parseSipMessage(Buffer.concat([written, trailing]));
  must(longer.kind === 'request' && longer.message.body.length === again.message.body.length, 'its body grew');
}

const trailing = Buffer.from('\r\n\r\nOPTIONS sip:x SIP/2.0\r\n\0');

/** The same pieces, whether they come at once, or byte by byte; and no more of them wait than came. */
function checkFraming(bytes: Buffer): void {
  const whole = new StreamFramer();
  const atOnce = whole.push(bytes);
  must(whole.pendingBytes <= bytes.length, 'more waits than came');
  const framer = new StreamFramer();
  let at = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    for (const event of framer.push(bytes.subarray(index, index + 1))) {
      must(isSameEvent(event, atOnce[at]), `byte by byte, event ${at} is different`);
      at += 1;
    }
  }
  must(at === atOnce.length, `byte by byte there are ${at} events instead of ${atOnce.length}`);
  must(framer.pendingBytes === whole.pendingBytes, 'byte by byte another part waits');
}

function isSameEvent(one: ReturnType<StreamFramer['push']>[number], other: typeof one | undefined): boolean {
  if (one.kind !== 'message' || other?.kind !== 'message') return isDeepStrictEqual(one, other);
  return Buffer.compare(one.bytes, other.bytes) === 0;
}

/** What is understood of a document can be written, and is understood again; nothing may stand behind it. */
function checkPidf(bytes: Buffer): void {
  const parsed = parsePidf(bytes, 0);
  if (!parsed.ok) return;
  const mary = parseAddress('mary@localhost');
  must(mary.ok, 'the address');
  const again = parsePidf(formatPidf(mary.value, parsed.value.state, [bytes]), 0);
  must(again.ok, `written again it is refused: ${again.ok ? '' : again.error}`);
  must(!parsePidf(Buffer.concat([bytes, Buffer.from('x')]), 0).ok, 'something stands behind the document');
}

/** The parts are ranges of the envelope, and the content lies within what is wrapped. */
function checkCpim(bytes: Buffer): void {
  const parsed = parseCpim(bytes);
  if (!parsed.ok) return;
  const { wrapped, content } = parsed.value;
  must(bytes.subarray(bytes.length - wrapped.length).equals(wrapped), 'what is wrapped is not the end of the envelope');
  must(bytes.subarray(bytes.length - content.length).equals(content), 'the content is not the end of the envelope');
  must(content.length <= wrapped.length, 'the content is longer than what is wrapped');
  const longer = parseCpim(Buffer.concat([bytes, trailing]));
  must(
    longer.ok && longer.value.content.length === content.length + trailing.length,
    'octets behind it are not content',
  );
}

/** What is understood of a report can be written, and says the same. */
function checkImdn(bytes: Buffer): void {
  const parsed = parseImdn(bytes);
  if (!parsed.ok) return;
  const { messageId, kind, status } = parsed.value;
  const again = parseImdn(formatImdn(parsed.value));
  must(again.ok, `written again it is refused: ${again.ok ? '' : again.error}`);
  must(
    isDeepStrictEqual([again.value.messageId, again.value.kind, again.value.status], [messageId, kind, status]),
    'it changed',
  );
}

/** What is understood of registrations can be written, and is understood as the same. */
function checkReginfo(bytes: Buffer): void {
  const parsed = parseReginfo(bytes);
  if (!parsed.ok) return;
  const again = parseReginfo(formatReginfo(parsed.value));
  must(again.ok, `written again it is refused: ${again.ok ? '' : again.error}`);
  must(isDeepStrictEqual(again.value, parsed.value), 'it changed');
}

function checkCondition(bytes: Buffer): void {
  const text = bytes.toString();
  const parsed = parseCondition(text);
  if (!parsed.ok) {
    must(parsed.error.position >= 0 && parsed.error.position <= text.length, `position ${parsed.error.position}`);
    return;
  }
  const again = parseCondition(parsed.value.text);
  must(again.ok && again.value.text === parsed.value.text, `printed it is ${parsed.value.text}`);
  must(!parseCondition(`${text} )`).ok, 'a bracket behind it is let through');
}

/** What stands in the value comes out of it, and what is open or follows without a comma is refused. */
function checkDigest(bytes: Buffer): void {
  const text = bytes.toString();
  const parsed = parseDigestCredentials(text);
  if (parsed?.ok !== true) return;
  for (const [name, value] of Object.entries<string | undefined>({ ...parsed.value })) {
    must(value === undefined || name === 'userName' || value.length <= text.length, `${name} is longer than the value`);
  }
  must(parseDigestCredentials(`${text}, x="`)?.ok === false, 'a quote that does not end is let through');
}

function checkContentType(bytes: Buffer): void {
  const parsed = parseContentType(bytes.toString());
  if (parsed === undefined) return;
  must(parsed.type === parsed.type.toLowerCase(), 'the type is not in lower case');
  must(parsed.parameters.size <= contentTypeParametersMax, 'too many parameters');
}

/** Every element stands where the text has it; rules that are read are the same when written, and the document stays. */
function checkPresRules(bytes: Buffer): void {
  const source = parseXmlSource(bytes, xmlLimits);
  const mary = parseAddress('mary@localhost');
  if (!source.ok || !mary.ok) return;
  const { text, root, spans } = source.value;
  for (const [element, { start, contentStart, contentEnd, end }] of spans) {
    must(text.slice(start, contentStart).startsWith('<') && text[contentStart - 1] === '>', `${element.name} begins`);
    must(text[end - 1] === '>' && (contentStart === end || text.startsWith('</', contentEnd)), `${element.name} ends`);
  }
  const read = parsePresRules(root, mary.value);
  if (!read.ok) return;
  const rules = read.value.map(({ rule }) => rule);
  must(mergePresRules({ owner: mary.value, rules, document: text }, xmlLimits) === text, 'the document is another');
  const written = parseXmlSource(Buffer.from(formatPresRules(rules)), xmlLimits);
  const again = written.ok ? parsePresRules(written.value.root, mary.value) : undefined;
  must(again?.ok === true, `written again it is refused: ${JSON.stringify(again)}`);
  const plain = (rule: (typeof rules)[number]): unknown => ({
    ...rule,
    attributes: rule.attributes === '*' ? '*' : new Set(rule.attributes),
  });
  const same = isDeepStrictEqual(
    again.value.map(({ rule }) => plain(rule)),
    rules.map(plain),
  );
  must(same, `written again they are others: ${JSON.stringify(again.value.map(({ rule }) => rule))}`);
}

/** One syntax needs more octets than another for the same. */
const roomy = { ...cspLimits, bytesMax: Number.POSITIVE_INFINITY };

/** What is understood can be written in either syntax, and is the same again, as far as XML can carry it. */
function checkCsp(bytes: Buffer, syntax: CspSyntax): void {
  const parsed = parseCspDocument(bytes, syntax);
  if (!parsed.ok) return;
  const { root, version } = parsed.value;
  const written = formatCspDocument(root, 'wbxml', version);
  const again = parseCspDocument(written, 'wbxml', roomy);
  must(again.ok, `written as WBXML it is refused: ${again.ok ? '' : again.error.words}`);
  must(isDeepStrictEqual(again.value.root, root), 'written as WBXML it is another');
  must(!parseCspDocument(Buffer.concat([written, trailing]), 'wbxml').ok, 'something stands behind the document');
  const text = formatCspDocument(root, 'xml', version);
  const fromText = parseCspDocument(text, 'xml', roomy);
  must(fromText.ok, `written as XML it is refused: ${fromText.ok ? '' : fromText.error.words}`);
  const isWhole = !Buffer.from(text).includes('\ufffd');
  if (isWhole) must(isDeepStrictEqual(fromText.value.root, root), 'written as XML it is another');
  checkCspMessage(parsed.value);
}

/** What is understood of a message can be written in its version, and says the same; refusals have a code and words. */
function checkCspMessage({ root, version }: CspDocument): void {
  const message = parseCspMessage(root, version);
  if (!message.ok) return;
  const transactions: OutgoingTransaction[] = [];
  for (const { mode, id, primitive, extension } of message.value.transactions) {
    if (primitive.ok) transactions.push({ mode, id, primitive: primitive.value, extension });
    else must(primitive.error.code >= 400 && primitive.error.words !== '', 'a refusal says nothing');
  }
  if (transactions.length === 0) return;
  const written = formatCspMessage({ ...message.value, transactions });
  const once = parseCspMessage(written, version);
  must(once.ok, `written again it is refused: ${once.ok ? '' : once.error.words}`);
  const again = once.value.transactions.flatMap(({ mode, id, primitive, extension }) =>
    primitive.ok ? [{ mode, id, primitive: primitive.value, extension }] : [],
  );
  must(again.length === transactions.length, 'written again a part is refused');
  const twice = formatCspMessage({ ...once.value, transactions: again });
  must(isDeepStrictEqual(twice, written), 'written twice it is another');
}

function must(holds: boolean, words: string): asserts holds {
  if (!holds) throw new Error(words);
}
