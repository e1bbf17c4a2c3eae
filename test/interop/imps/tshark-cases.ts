/** tshark (Wireshark) looks over the shoulder of IMPS phones: its dissector of WBXML must know every tag and value of all versions. */
import { join } from 'node:path';
import { startCapture } from '../capture.ts';
import { expectSame, expectThat, type InteropCase, type InteropWorld } from '../interop-case.ts';
import { talk } from './phone-talk.ts';

/** It does not look behind the name that 1.3 has for it, but the server takes this one for every version. */
const mediaType = 'application/vnd.wv.csp.wbxml';
/** So many documents a talk has at least. */
const documentsMin = 60;

export const tsharkWbxmlCases: readonly InteropCase[] = (['1.1', '1.2', '1.3'] as const).map((version) => ({
  name: `tshark: knows every tag and value of a talk in ${version}`,
  tool: 'tshark',
  async play(world) {
    const { port } = new URL(world.http);
    const capture = await startCapture(world, join(world.folder, 'talk.pcapng'), `tcp port ${port}`);
    await talk(world, { version, syntax: 'wbxml', mediaType });
    await capture.end((mark) => fetch(`${world.http}/healthz?${mark}`));
    const { documents, complaints } = await dissect(world, capture.file);
    expectSame('what tshark complains of', JSON.stringify(complaints), '[]');
    expectThat(documents >= documentsMin, `tshark saw only ${documents} documents`);
  },
}));

const fault = /malformed|<unknown|not defined|unrecogni|error|invalid/i;
/** What a busy machine does to TCP is no fault of what it carries. */
const noFault = /TCP|checksum|Reassembl|Severity|Group:/;

async function dissect({ http, start }: InteropWorld, file: string) {
  const { port } = new URL(http);
  const words = ['-r', file, '-d', `tcp.port==${port},http`, '-Y', 'wbxml', '-O', 'wbxml'];
  const tshark = start('tshark', words);
  expectSame('tshark ended with', await tshark.ended, 0);
  const rows = tshark.output.split('\n');
  return {
    documents: rows.filter((row) => row.startsWith('WAP Binary XML')).length,
    complaints: rows.filter((row) => fault.test(row) && !noFault.test(row)),
  };
}
