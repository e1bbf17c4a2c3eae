/**
 * Serves the pages: `/`, `/console` and what they consist of. A page may run nothing but what is served here and talk to
 * nobody but this server (Content Security Policy Level 3).
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PageFile } from './page-files.ts';

const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const pageHeaders = {
  'content-security-policy': pagePolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

/** Under which paths a page is found besides its own name. */
const pagePaths: Readonly<Record<string, readonly string[]>> = {
  '/index.html': ['/'],
  '/console.html': ['/console'],
};

/** A year, the longest that caches take seriously. */
const immutable = 'public, max-age=31536000, immutable';

export function addPageRoutes(app: FastifyInstance, files: readonly PageFile[]): void {
  for (const file of files) {
    for (const path of pagePaths[file.path] ?? [file.path]) {
      app.get(path, { schema: { hide: true } }, (request, reply) => sendFile(file, request, reply));
    }
  }
}

function sendFile(file: PageFile, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { encoding, bytes } = variantFor(file, request.headers['accept-encoding']);
  const etag = `"${file.hash}${encoding === undefined ? '' : `-${encoding}`}"`;
  reply
    .headers(pageHeaders)
    .header('cache-control', file.isHashed ? immutable : 'no-cache')
    .header('etag', etag)
    .header('vary', 'accept-encoding');
  if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send();
  if (encoding !== undefined) reply.header('content-encoding', encoding);
  return reply.type(file.contentType).send(bytes);
}

interface Variant {
  readonly encoding: 'br' | 'gzip' | undefined;
  readonly bytes: Buffer;
}

/** The smallest that is offered (RFC 9110 12.5.3); what is offered with q=0 is not. */
function variantFor({ plain, brotli, gzip }: PageFile, accepted = ''): Variant {
  const offered = new Set(
    accepted
      .toLowerCase()
      .split(',')
      .filter((each) => !/;\s*q=0(?:\.0*)?\s*$/.test(each))
      .map((each) => each.split(';')[0]?.trim()),
  );
  if (brotli !== undefined && offered.has('br')) return { encoding: 'br', bytes: brotli };
  if (gzip !== undefined && offered.has('gzip')) return { encoding: 'gzip', bytes: gzip };
  return { encoding: undefined, bytes: plain };
}

/** RFC 9110 13.1.2: weakly compared, since proxies weaken tags. */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((each) => {
    const tag = each.trim();
    return tag === '*' || tag.replace(/^W\//, '') === etag;
  });
}
