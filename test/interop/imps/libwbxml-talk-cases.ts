/**
 * libwbxml (the library behind SyncML and IMPS clients, Debian's `libwbxml2-utils`) as an independent reading of WBXML, of 1.1 and
 * 1.2, which it knows: it must find in every answer what our phone finds, and a phone that writes and reads through it alone
 * must get along.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DocumentCodec } from '../../../src/cli/imps-phone/csp-line.ts';
import { outline, type CspNode } from '../../../src/cli/imps-phone/csp-node.ts';
import { readXml, writeXml } from '../../../src/cli/imps-phone/phone-xml.ts';
import { expectSame, expectThat, type InteropCase, type InteropWorld } from '../interop-case.ts';
import { talk } from './phone-talk.ts';

type Version = '1.1' | '1.2';

const languages: Readonly<Record<Version, string>> = { '1.1': 'CSP11', '1.2': 'CSP12' };
const publicIds: Readonly<Record<Version, string>> = {
  '1.1': '-//OMA//DTD WV-CSP 1.1//EN',
  '1.2': '-//OMA//DTD WV-CSP 1.2//EN',
};
/** So many answers a talk has at least. */
const answersMin = 30;

export const libwbxmlTalkCases: readonly InteropCase[] = (['1.1', '1.2'] as const).flatMap((version): InteropCase[] => [
  {
    name: `libwbxml: reads every answer of the server in ${version} as our phone does, and the requests`,
    tool: 'wbxml2xml',
    async play(world) {
      const phones = await talk(world, { version, syntax: 'wbxml' }, ['mood is angry']);
      const { decode } = codecOf(world, version);
      let answers = 0;
      for (const { line } of phones) {
        for (const { document, octets } of line.replies) {
          if (document === undefined) continue;
          expectSame('an answer', outline(decode(octets)), outline(document));
          answers += 1;
        }
        for (const octets of line.sent) expectSame('a request', outline(decode(octets)), outline(line.decode(octets)));
      }
      expectThat(answers >= answersMin, `there were only ${answers} answers`);
    },
  },
  {
    name: `libwbxml: a phone that writes and reads through it alone gets along in ${version}`,
    tool: 'xml2wbxml',
    moreTools: ['wbxml2xml'],
    async play(world) {
      const phones = await talk(world, { version, syntax: 'wbxml', codec: codecOf(world, version) });
      const answers = phones.reduce((sum, { line }) => sum + line.replies.length, 0);
      expectThat(answers >= answersMin, `there were only ${answers} answers`);
    },
  },
]);

function codecOf({ folder }: InteropWorld, version: Version): DocumentCodec {
  const [xml, wbxml] = [join(folder, 'document.xml'), join(folder, 'document.wbxml')];
  return {
    encode(document) {
      writeFileSync(xml, withDoctype(document, version));
      run('xml2wbxml', ['-v', '1.3', '-o', wbxml, xml]);
      return readFileSync(wbxml);
    },
    decode(octets) {
      writeFileSync(wbxml, octets);
      run('wbxml2xml', ['-m', '0', '-l', languages[version], '-o', xml, wbxml]);
      return readXml(readFileSync(xml, 'utf8'));
    },
  };
}

/** By which it knows the version. */
function withDoctype(document: CspNode, version: Version): string {
  const doctype = `<!DOCTYPE WV-CSP-Message PUBLIC "${publicIds[version]}" "http://www.openmobilealliance.org/DTD/WV-CSP.DTD">`;
  return writeXml(document).replace('?>', `?>${doctype}`);
}

function run(program: string, words: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8' });
  expectThat(status === 0, `${program} ended with ${status}: ${stdout}${stderr}`);
}
