/** The page at `/`: says to a person with a browser what answers here. */
import type { FastifyInstance } from 'fastify';

export interface FrontPageFacts {
  readonly version: string;
  readonly domains: readonly string[];
}

/** Domains that are named; a server may have a thousand. */
const namedDomainsMax = 10;

export function addFrontPage(app: FastifyInstance, facts: FrontPageFacts): void {
  const page = formatFrontPage(facts);
  app.get('/', (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
      .header('x-content-type-options', 'nosniff')
      .send(page),
  );
}

export function formatFrontPage({ version, domains }: FrontPageFacts): string {
  const named = domains.slice(0, namedDomainsMax).map(escapeHtml).join(', ');
  const more = domains.length > namedDomainsMax ? ` and ${domains.length - namedDomainsMax} more` : '';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Restante</title>
<style>
  body { font: 1.1rem/1.6 system-ui, sans-serif; max-width: 36rem; margin: 12vh auto; padding: 0 1rem; }
  @media (prefers-color-scheme: dark) { body { background: #16181c; color: #e6e6e6; } a { color: #8ab4f8; } }
  code { font-size: 0.95em; }
  footer { margin-top: 3rem; font-size: 0.9rem; opacity: 0.7; }
</style>
</head>
<body>
<h1>Restante</h1>
<p>An instant messaging server that delivers each message at the right moment: at once, when the recipient comes online,
or when the recipient&rsquo;s presence meets a condition that the sender set.</p>
<p>It serves <code>${named}</code>${more}. Connect any SIP client with your address and password, or call
the <a href="/docs">HTTP API</a>.</p>
<p><a href="/readyz">Is it ready?</a> &middot; <a href="/healthz">Is it alive?</a> &middot;
<a href="/metrics">Metrics</a></p>
<footer>Version ${escapeHtml(version)}</footer>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
