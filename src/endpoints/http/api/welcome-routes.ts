/** What anybody may know before signing in: what this is, and, on a server for trying things out, who can be tried. */
import { z } from 'zod';
import { isPasswordOf } from '../../../accounts/client-credentials.ts';
import type { ApiApp, ApiSurroundings } from './api-surroundings.ts';
import { commonProblems } from './schemas/shared-shapes.ts';

/** Domains that are named; a server may have a thousand. */
const namedDomainsMax = 10;

const welcome = z.object({
  version: z.string(),
  domains: z.array(z.string()).describe(`at most ${namedDomainsMax}`),
  demo: z
    .array(z.object({ address: z.string(), password: z.string() }))
    .optional()
    .describe('accounts to try it with; only where the server runs with --demo'),
});

/** Takes an application without a sign-in. */
export function addWelcomeRoute(app: ApiApp, { directory, hasher, settings }: ApiSurroundings): void {
  const { version, domains, demoAccounts } = settings;
  app.get(
    '/v1/welcome',
    {
      schema: {
        summary: 'What this server is; without a sign-in',
        security: [],
        response: { 200: welcome, ...commonProblems },
      },
    },
    async () => {
      const answer = { version, domains: domains.slice(0, namedDomainsMax) };
      if (demoAccounts === undefined) return answer;
      const demo: { address: string; password: string }[] = [];
      for (const one of demoAccounts) {
        // Somebody may have taken it for their own, with another password.
        const account = await directory.find(one.address);
        if (isPasswordOf(one, account?.passwords, hasher)) demo.push(one);
      }
      return { ...answer, demo };
    },
  );
}
