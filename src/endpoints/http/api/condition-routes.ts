/** Conditions before they are sent, and what this server does. */
import { describeCondition } from '../../../conditions/describe-condition.ts';
import { parseCondition } from '../../../conditions/parse-condition.ts';
import { conditionCharactersMax, conditionDepthMax, conditionTestsMax } from '../../../conditions/condition.ts';
import { knownAttributes } from '../../../model/presence-state.ts';
import { ProblemFault } from '../problem.ts';
import type { ApiApp, ApiSurroundings } from './api-surroundings.ts';
import { readAddress } from './read-words.ts';
import { problemOfRefusal } from './refusals.ts';
import { deliveryStyles } from '../events/delivery-style.ts';
import { capabilities } from './schemas/capabilities.ts';
import { commonProblems } from './schemas/shared-shapes.ts';
import { conditionAnswer, conditionQuestion } from './schemas/messages.ts';
import { callerOf } from './sign-in.ts';

export function addConditionRoutes(app: ApiApp, surroundings: ApiSurroundings): void {
  const { presence, directory, settings } = surroundings;
  app.post(
    '/v1/conditions/check',
    {
      schema: {
        summary: 'What a condition waits for, or its first fault; with `to`, also what I may not ask about',
        body: conditionQuestion,
        response: { 200: conditionAnswer, ...commonProblems },
      },
    },
    async (request) => {
      const { condition, to } = request.body;
      const parsed = parseCondition(condition);
      if (!parsed.ok) return { valid: false, position: parsed.error.position, reason: parsed.error.reason };
      const answer = { valid: true, sentence: describeCondition(parsed.value) };
      if (to === undefined) return answer;
      const recipient = readAddress(to, 'to');
      const standing = await directory.lookUp(recipient);
      if (standing !== 'known') {
        const reason = standing === 'unknown' ? 'unknown-recipient' : 'domain-not-served';
        throw new ProblemFault(problemOfRefusal({ reason }));
      }
      const visible = presence.visiblePresence(recipient, callerOf(request).address, presence.current(recipient));
      const notAuthorised = parsed.value.attributes.filter((attribute) => !visible.mayRead(attribute));
      return { ...answer, notAuthorised };
    },
  );
  app.get(
    '/v1/capabilities',
    {
      schema: { summary: 'What this server does, and its limits', response: { 200: capabilities, ...commonProblems } },
    },
    () => ({
      version: settings.version,
      domains: [...settings.domains],
      conditional: settings.isConditional,
      storeOffline: settings.isStoreOffline,
      delivery: settings.isStoreOffline ? [...deliveryStyles] : ['push' as const],
      reports: ['stored' as const, 'delivered' as const, 'displayed' as const, 'failed' as const],
      attributes: [...knownAttributes],
      visibleByDefault: settings.visibleByDefault === '*' ? ('*' as const) : [...settings.visibleByDefault],
      limits: {
        bodyBytes: settings.bodyBytesMax,
        largeBytes: settings.largeBytesMax,
        validitySeconds: settings.validityMaxMs / 1000,
        validityDefaultSeconds: settings.validityDefaultMs / 1000,
        conditionCharacters: conditionCharactersMax,
        conditionTests: conditionTestsMax,
        conditionDepth: conditionDepthMax,
        ...settings.quotas,
        callsPerPeriod: settings.callRate.requests,
        callPeriodSeconds: settings.callRate.seconds,
      },
    }),
  );
}
