/** The pages as they were built: who may do what with them, how long they are kept, and how large they are. */
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { Counters } from '../../src/base/counters.ts';
import { silentLog } from '../../src/base/log.ts';
import { systemIds } from '../../src/base/system-ids.ts';
import { createHttpApp } from '../../src/endpoints/http/http-server.ts';
import { readPageFiles, type PageFile } from '../../src/endpoints/http/pages/page-files.ts';

/** Of everything that a page loads, compressed. */
const pageBytesMax = 150 * 1024;

type App = Awaited<ReturnType<typeof createHttpApp>>;

let files: readonly PageFile[];
let app: App;

beforeAll(async () => {
  files = readPageFiles(fileURLToPath(new URL('../../dist/web/', import.meta.url)));
  const shared = { counters: new Counters(), log: silentLog, ids: systemIds, version: '1', domains: ['localhost'] };
  app = await createHttpApp({ ...shared, isReady: () => true, pages: files });
});

const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });
const compressed = { 'accept-encoding': 'gzip, deflate, br' };

function fileAt(path: string): PageFile {
  const found = files.find((each) => each.path === path);
  if (found === undefined) throw new Error(`there is no ${path}`);
  return found;
}

/** The page and everything that it names of its own. */
function loadedBy(page: string): PageFile[] {
  const html = fileAt(page).plain.toString();
  const named = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => fileAt(path ?? ''));
  return [fileAt(page), ...named];
}

describe.each([
  ['/', '/index.html'],
  ['/console', '/console.html'],
])('the page at %s', (url, path) => {
  it('runs nothing inline and talks to nobody else', async () => {
    const { statusCode, headers, body } = await get(url);
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*|data:/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(body).not.toMatch(/<script(?![^>]*src=)|<style|style="|\son\w+="|https?:\/\//);
  });

  it('is asked for again each time, and sent only when it changed', async () => {
    const first = await get(url, compressed);
    expect(first.headers['cache-control']).toBe('no-cache');
    expect(first.headers['vary']).toBe('accept-encoding');
    const etag = String(first.headers['etag']);
    for (const tag of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const again = await get(url, { ...compressed, 'if-none-match': tag });
      expect([again.statusCode, again.body, again.headers['etag']]).toEqual([304, '', etag]);
    }
    expect((await get(url, { ...compressed, 'if-none-match': '"x"' })).statusCode).toBe(200);
    // Another variant is another representation.
    expect((await get(url, { 'if-none-match': etag })).statusCode).toBe(200);
  });

  it('is small', () => {
    const loaded = loadedBy(path);
    expect(loaded.length).toBeGreaterThan(2);
    const bytes = loaded.reduce((sum, { gzip, plain }) => sum + (gzip ?? plain).length, 0);
    expect(bytes).toBeLessThan(pageBytesMax);
  });
});

describe('what a page consists of', () => {
  it('is kept for ever where its name says what is in it', async () => {
    const hashed = files.filter(({ isHashed }) => isHashed);
    expect(hashed.length).toBeGreaterThan(3);
    for (const { path } of hashed) {
      const { headers } = await get(path);
      expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    }
    expect((await get('/favicon.svg')).headers['cache-control']).toBe('no-cache');
  });

  it.each([
    ['br, gzip', 'br'],
    ['gzip', 'gzip'],
    ['gzip;q=0.5, br;q=0', 'gzip'],
    ['identity', undefined],
    [undefined, undefined],
  ])('comes to who accepts %s as %s', async (accepted, encoding) => {
    const script = loadedBy('/index.html').find(({ path }) => path.endsWith('.js'));
    const path = script?.path ?? '';
    const answer = await get(path, accepted === undefined ? {} : { 'accept-encoding': accepted });
    expect(answer.headers['content-encoding']).toBe(encoding);
    const bytes = answer.rawPayload;
    const plain = encoding === 'br' ? brotliDecompressSync(bytes) : encoding === 'gzip' ? gunzipSync(bytes) : bytes;
    expect(plain.equals(fileAt(path).plain)).toBe(true);
  });

  it('is nothing else of the folder', async () => {
    for (const path of ['/licenses.md', '/assets/../index.html.br', '/index.html.gz', '/assets/']) {
      expect([path, (await get(path)).statusCode]).toEqual([path, 404]);
    }
  });

  it('names no other host', () => {
    for (const { path, plain } of files) {
      const hosts = plain.toString().match(/https?:\/\/[^"'`\s)]+/g) ?? [];
      // The names of XML namespaces are no requests.
      expect(hosts.filter((each) => !each.startsWith('http://www.w3.org/'))).toEqual([]);
      expect(path).not.toContain('.map');
    }
  });
});
