/** Content that goes from a file to the server, or from there to a file, piece by piece and never whole in memory. */
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { extname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { err, ok, type Result } from '../../base/result.ts';

/** What a name's end says of its content, for what people send. JSON is what the API itself speaks, and goes as octets. */
const types: Readonly<Record<string, string>> = {
  '.avi': 'video/x-msvideo',
  '.csv': 'text/csv',
  '.doc': 'application/msword',
  '.docx': 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  '.gif': 'image/gif',
  '.gz': 'application/gzip',
  '.htm': 'text/html',
  '.html': 'text/html',
  '.ics': 'text/calendar',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.m4a': 'audio/mp4',
  '.md': 'text/markdown',
  '.mkv': 'video/x-matroska',
  '.mov': 'video/quicktime',
  '.mp3': 'audio/mpeg',
  '.mp4': 'video/mp4',
  '.odt': 'application/vnd.oasis.opendocument.text',
  '.ogg': 'audio/ogg',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.tar': 'application/x-tar',
  '.txt': 'text/plain;charset=UTF-8',
  '.vcf': 'text/vcard',
  '.wav': 'audio/wav',
  '.webm': 'video/webm',
  '.webp': 'image/webp',
  '.xml': 'application/xml',
  '.zip': 'application/zip',
};

export function guessType(path: string): string {
  return types[extname(path).toLowerCase()] ?? 'application/octet-stream';
}

/** The size of a file that can be sent, or in words why it cannot. */
export async function sizeOf(path: string): Promise<Result<number, string>> {
  try {
    const found = await stat(path);
    return found.isFile() ? ok(found.size) : err(`${path} is no file`);
  } catch (fault) {
    return err(wordsOf(path, fault));
  }
}

export interface Upload {
  readonly path: string;
  readonly bytes: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Given up where nothing moves for so long. */
  readonly idleMsMax: number;
}

/** The server may answer before it has it all, which is then a refusal. Rejects when nobody answers. */
export function upload(url: URL, { path, bytes, headers, idleMsMax }: Upload): Promise<Response> {
  const request = url.protocol === 'https:' ? requestSecure : requestPlain;
  return new Promise((resolve, reject) => {
    const asking = request(url, { method: 'POST', headers: { ...headers, 'content-length': bytes } }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('error', reject);
      answer.on('end', () => {
        const type = { 'content-type': answer.headers['content-type'] ?? '' };
        resolve(new Response(Buffer.concat(pieces), { status: answer.statusCode ?? 500, headers: type }));
      });
    });
    asking.setTimeout(idleMsMax, () => asking.destroy(new Error('nothing moves any more')));
    asking.on('error', reject);
    pipeline(createReadStream(path), asking).catch(reject);
  });
}

/** The file is there when all of it is. Answers in words what went wrong. */
export async function save(content: Response, path: string): Promise<string | undefined> {
  const draft = `${path}.part`;
  try {
    await pipeline(Readable.fromWeb(content.body ?? new ReadableStream()), createWriteStream(draft, { mode: 0o600 }));
    await rename(draft, path);
    return undefined;
  } catch (fault) {
    await rm(draft, { force: true });
    return wordsOf(path, fault);
  }
}

function wordsOf(path: string, fault: unknown): string {
  return `${path}: ${fault instanceof Error ? fault.message : String(fault)}`;
}
