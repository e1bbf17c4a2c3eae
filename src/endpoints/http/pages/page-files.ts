/** The files of the web client and the console as they were built, read once; with them their compressed variants. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, sep } from 'node:path';

export interface PageFile {
  /** Below `/`, with a slash in front. */
  readonly path: string;
  readonly contentType: string;
  /** Its name changes with its content, so it may be kept for ever. */
  readonly isHashed: boolean;
  readonly hash: string;
  readonly plain: Buffer;
  readonly brotli?: Buffer;
  readonly gzip?: Buffer;
}

/** Bytes of all files as they are on disk; a folder with more is not what the build has made. */
export const pageBytesMax = 16 * 1_048_576;

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};

/** Empty when there is no such folder. Files of other types are not served. */
export function readPageFiles(folder: string): readonly PageFile[] {
  if (!existsSync(folder)) return [];
  const files: PageFile[] = [];
  let bytes = 0;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const contentType = contentTypes[extname(name)];
    if (contentType === undefined) continue;
    const file = readPageFile(folder, name, contentType);
    bytes += file.plain.length;
    if (bytes > pageBytesMax) throw new Error(`${folder} has more than ${pageBytesMax} bytes`);
    files.push(file);
  }
  return files;
}

function readPageFile(folder: string, name: string, contentType: string): PageFile {
  const at = join(folder, name);
  const plain = readFileSync(at);
  const path = `/${name.split(sep).join('/')}`;
  const [brotli, gzip] = [readIfThere(`${at}.br`), readIfThere(`${at}.gz`)];
  return {
    path,
    contentType,
    isHashed: path.startsWith('/assets/'),
    hash: createHash('sha256').update(plain).digest('base64url').slice(0, 22),
    plain,
    ...(brotli === undefined ? {} : { brotli }),
    ...(gzip === undefined ? {} : { gzip }),
  };
}

function readIfThere(path: string): Buffer | undefined {
  return existsSync(path) ? readFileSync(path) : undefined;
}
