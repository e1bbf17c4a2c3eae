/** Bearer tokens: one for a password, and the end of one. */
import { ProblemFault } from '../problem.ts';
import type { ApiApp, ApiSurroundings } from './api-surroundings.ts';
import { timeOf } from './read-words.ts';
import { malformed } from './refusals.ts';
import { commonProblems } from './schemas/shared-shapes.ts';
import { accessToken, nothing } from './schemas/people.ts';
import { callerOf } from './sign-in.ts';

export function addTokenRoutes(app: ApiApp, { tokens }: ApiSurroundings): void {
  app.post(
    '/v1/tokens',
    { schema: { summary: 'A token for this account', response: { 201: accessToken, ...commonProblems } } },
    async (request, reply) => {
      const issued = await tokens.issue(callerOf(request).address);
      if (issued === undefined) {
        const detail = 'revoke one, or wait until one expires';
        throw new ProblemFault({ status: 409, name: 'too-many-tokens', title: 'Too many tokens', detail });
      }
      return reply.code(201).send({ token: issued.secret, expiresAt: timeOf(issued.expiresAt) });
    },
  );
  app.delete(
    '/v1/tokens',
    {
      schema: { summary: 'Revoke the token that this call comes with', response: { 204: nothing, ...commonProblems } },
    },
    async (request, reply) => {
      const { token } = callerOf(request);
      if (token === undefined) throw malformed('malformed-request', 'comes with a password; send the token to revoke');
      await tokens.revoke(token);
      return reply.code(204).send(null);
    },
  );
}
