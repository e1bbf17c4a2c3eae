/**
 * Reading and writing documents of the CSP, in this process and without a socket, beside JSON of the same content: how many one
 * CPU second makes, with everything that the server checks.
 */
import { assert } from '../../../base/assert.ts';
import { formatCspDocument, parseCspDocument } from '../../../imps/csp-document.ts';
import type { CspElement } from '../../../imps/csp-element.ts';
import type { CspSyntax } from '../../../imps/csp-version.ts';
import { parseCspMessage } from '../../../imps/message/csp-message.ts';
import { CspLine } from '../../imps-phone/csp-line.ts';
import { node } from '../../imps-phone/csp-node.ts';
import { bodyBytes } from '../load/wire/request-texts.ts';
import type { BenchRow } from '../bench-row.ts';

export function measureCodec(total: number): BenchRow[] {
  const wbxml = documentIn('wbxml');
  const xml = documentIn('xml');
  const tree = treeOf(wbxml, 'wbxml');
  const value = valueOf(tree);
  const json = JSON.stringify(value);
  return [
    rowOf('read CSP in WBXML', total, wbxml.length, () => isRead(wbxml, 'wbxml')),
    rowOf('read CSP in XML', total, xml.length, () => isRead(xml, 'xml')),
    rowOf('JSON.parse of the same', total, json.length, () => JSON.parse(json) !== null),
    rowOf('write CSP in WBXML', total, wbxml.length, () => formatCspDocument(tree, 'wbxml', '1.2').length > 0),
    rowOf('write CSP in XML', total, xml.length, () => formatCspDocument(tree, 'xml', '1.2').length > 0),
    rowOf('JSON.stringify of the same', total, json.length, () => JSON.stringify(value).length > 0),
  ];
}

function documentIn(syntax: CspSyntax): Uint8Array {
  const line = new CspLine({ http: '', version: '1.2', syntax });
  line.sessionId = 'a1b2c3d4e5f6a7b8c9d0e1f2a3';
  const user = (name: string) => node('User', node('UserID', `wv:${name}@bench.test`));
  const info = node(
    'MessageInfo',
    node('ContentType', 'text/plain'),
    node('ContentEncoding', 'None'),
    node('ContentSize', bodyBytes),
    node('Recipient', user('callee')),
    node('Sender', user('caller')),
    node('DateTime', '20261128T120000Z'),
    node('Validity', 600),
  );
  const text = node('ContentData', ''.padEnd(bodyBytes, '.'));
  const request = node('SendMessage-Request', node('DeliveryReport', 'F'), info, text);
  return line.encode(line.document([line.transaction(request)]));
}

function treeOf(octets: Uint8Array, syntax: CspSyntax): CspElement {
  const read = parseCspDocument(octets, syntax);
  assert(read.ok, 'what the phone writes can be read');
  return read.value.root;
}

function isRead(octets: Uint8Array, syntax: CspSyntax): boolean {
  const read = parseCspDocument(octets, syntax);
  return read.ok && parseCspMessage(read.value.root, read.value.version).ok;
}

/** As somebody would write it who knows JSON only. */
function valueOf({ children, text }: CspElement): unknown {
  return children.length === 0 ? text : Object.fromEntries(children.map((child) => [child.name, valueOf(child)]));
}

function rowOf(name: string, total: number, bytes: number, work: () => boolean): BenchRow {
  for (let at = 0; at < total / 2; at += 1) work();
  const before = process.threadCpuUsage();
  let wrong = 0;
  for (let at = 0; at < total; at += 1) if (!work()) wrong += 1;
  const { user, system } = process.threadCpuUsage(before);
  const cpuSeconds = (user + system) / 1_000_000;
  return {
    stage: 'imps',
    name,
    count: total,
    ...(cpuSeconds > 0 ? { perSecond: total / cpuSeconds, serverCpuSecondsPer10k: (cpuSeconds / total) * 10_000 } : {}),
    remark: `${bytes} bytes, for one CPU second`,
    faults: wrong === 0 ? [] : [`${wrong} could not be read`],
    details: { cpuSeconds, bytes },
  };
}
