/** What a session is agreed to be: services, capabilities; and who offers it. */
import type { PrimitiveName } from '../../../imps/primitives/primitive.ts';
import { agreeCapabilities, functionsOf, negotiateServices } from '../../../imps/session/negotiation.ts';
import type { ImpsSurroundings } from '../imps-surroundings.ts';
import type { Handlers } from './service.ts';

export function negotiationHandlers(
  { settings }: ImpsSurroundings,
  isAnswered: (name: PrimitiveName) => boolean,
): Handlers {
  return {
    'Service-Request': ({ session, value }) => {
      const { agreed, response } = negotiateServices(value, functionsOf(isAnswered, session.version));
      session.agree({ agreed: [...agreed] });
      return { name: 'Service-Response', value: response };
    },
    'ClientCapability-Request': ({ session, value }) => {
      const agreement = agreeCapabilities(value, { pollMinS: settings.pollMinS });
      session.agreeLimits(agreement.limits);
      const { pushBytesMax, acceptedContentTypes: contentTypes, method } = agreement;
      session.agree({ method, contentTypes, ...(Number.isFinite(pushBytesMax) ? { pushBytesMax } : {}) });
      return { name: 'ClientCapability-Response', value: agreement.response };
    },
    'GetSPInfo-Request': ({ value }) => ({
      name: 'GetSPInfo-Response',
      value: { ...value, name: 'Restante', description: 'Delivers each message at the right moment' },
    }),
  };
}
