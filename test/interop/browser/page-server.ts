/** Serves one page for each library, and the libraries as they lie in `node_modules`. Knows no SIP. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bundleForPage } from './bundle-for-page.ts';

export type Library = 'SIP.js' | 'JsSIP' | 'SIP.js with MSRP';

export interface PageServer {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  close(): void;
}

export async function startPageServer(): Promise<PageServer> {
  const server = createServer((request, response) => {
    const found = find(request.url ?? '/');
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': found?.type ?? 'text/plain' });
    response.end(found?.text ?? 'not found');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve());
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

export function pageOf(library: Library): string {
  return pages[library];
}

const pages: Readonly<Record<Library, string>> = {
  'SIP.js': '/sip-js.html',
  JsSIP: '/jssip.html',
  'SIP.js with MSRP': '/msrp.html',
};

const script = 'text/javascript';

function find(path: string): { readonly type: string; readonly text: string } | undefined {
  switch (path) {
    case '/sip-js.html':
    case '/jssip.html':
    case '/msrp.html':
      return { type: 'text/html', text: readFileSync(new URL(`.${path}`, import.meta.url), 'utf8') };
    case '/jssip.js':
      return { type: script, text: bundleForPage('jssip', 'JsSIP') };
    default:
      return findLibrary(path);
  }
}

/** SIP.js is modules that import each other by relative names, so that a browser takes it as it is. */
function findLibrary(path: string): { readonly type: string; readonly text: string } | undefined {
  if (!/^\/sip\.js\/lib\/[\w./-]+\.js$/.test(path) || path.includes('..')) return undefined;
  return { type: script, text: readFileSync(new URL(`../../../node_modules${path}`, import.meta.url), 'utf8') };
}
