/** What a session is agreed to be: services, capabilities; and who offers it. */
import { urlCharactersMax } from '../../../imps/primitives/shared-shapes.ts';
import type { PrimitiveName } from '../../../imps/primitives/primitive.ts';
import {
  agreeCapabilities,
  functionsOf,
  negotiateServices,
  type ServerFacts,
} from '../../../imps/session/negotiation.ts';
import { keptAlive } from '../../../imps/session/csp-session.ts';
import { grantKeepAlive } from '../../../imps/session/session-limits.ts';
import type { ImpsSurroundings } from '../imps-surroundings.ts';
import type { LiveSession } from '../session/live-session.ts';
import type { Handlers } from './service.ts';

export function negotiationHandlers(
  surroundings: ImpsSurroundings,
  isAnswered: (name: PrimitiveName) => boolean,
): Handlers {
  return {
    'Service-Request': ({ session, value }) => {
      const { agreed, response } = negotiateServices(value, functionsOf(isAnswered, session.version));
      session.agree({ agreed: [...agreed] });
      return { name: 'Service-Response', value: response };
    },
    'ClientCapability-Request': ({ session, value }) => {
      const agreement = agreeCapabilities(value, factsFor(session, surroundings));
      session.agreeLimits(agreement.limits);
      const { contentLimits, acceptedContentTypes: contentTypes, method, cirMethod } = agreement;
      session.agree({ method, contentTypes, contentLimits, isCalledByTcp: cirMethod === 'STCP' });
      return { name: 'ClientCapability-Response', value: agreement.response };
    },
    'KeepAlive-Request': ({ session, value }) => {
      session.keepAlive(grantKeepAlive(value.timeToLive));
      return keptAlive(session.details.keepAliveS);
    },
    'GetSPInfo-Request': ({ value }) => ({
      name: 'GetSPInfo-Response',
      value: { ...value, name: 'Restante', description: 'Delivers each message at the right moment' },
    }),
  };
}

/** 1.1 has no word for a URL. */
function factsFor({ version, targetId }: LiveSession, surroundings: ImpsSurroundings): ServerFacts {
  const [cirTcp, cirUrl] = [surroundings.callAddress(), surroundings.callUrlOf(targetId)];
  return {
    pollMinS: surroundings.settings.pollMinS,
    ...(cirTcp === undefined ? {} : { cirTcp }),
    ...(version === '1.1' || cirUrl.length > urlCharactersMax ? {} : { cirUrl }),
  };
}
