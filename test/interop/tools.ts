/** The foreign programs: what each comes with in Debian, whether it is here, and how it gets here. */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export type Tool =
  | 'curl'
  | 'sipp'
  | 'sipsak'
  | 'baresip'
  | 'linphonec'
  | 'kamailio'
  | 'xmllint'
  | 'chromium'
  | 'openssl'
  | 'tshark'
  | 'wbxml2xml'
  | 'xml2wbxml';

export const toolPackages: Readonly<Record<Tool, string>> = {
  curl: 'curl',
  sipp: 'sip-tester',
  sipsak: 'sipsak',
  baresip: 'baresip',
  linphonec: 'linphone-cli',
  kamailio: 'kamailio',
  xmllint: 'libxml2-utils',
  chromium: 'chromium',
  openssl: 'openssl',
  tshark: 'tshark',
  wbxml2xml: 'libwbxml2-utils',
  xml2wbxml: 'libwbxml2-utils',
};

/** Modules that Kamailio is shipped without. */
const morePackages = ['kamailio-presence-modules', 'kamailio-sqlite-modules'];

export function isInstalled(tool: Tool): boolean {
  // Servers of a system are not on everybody's path.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Lists first, then every package; false, with the reason printed, when that did not work. */
export async function installTools(): Promise<boolean> {
  if (process.getuid?.() !== 0) {
    console.error('--install calls apt-get and needs root');
    return false;
  }
  const packages = [...Object.values(toolPackages), ...morePackages];
  const isDone =
    (await runApt(['update'])) && (await runApt(['install', '-y', '--no-install-recommends', ...packages]));
  if (!isDone) console.error('apt-get failed; its words are above');
  return isDone;
}

const packager = 'apt-get';

function runApt(words: readonly string[]): Promise<boolean> {
  console.log(`${packager} ${words.join(' ')}`);
  const child = spawn(packager, ['-q', ...words], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}
