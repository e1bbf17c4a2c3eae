/** What answers a primitive in a session, and which functions of the CSP that makes up. */
import type { Primitive, PrimitiveName, PrimitiveValue } from '../../../imps/primitives/primitive.ts';
import type { Extension } from '../../../imps/message/extension.ts';
import type { LiveSession, SessionAnswer } from '../session/live-session.ts';

export interface ServiceRequest<N extends PrimitiveName> {
  readonly session: LiveSession;
  /** Of the transaction. */
  readonly id: string;
  readonly value: PrimitiveValue<N>;
  readonly extension: Extension;
}

/** Alone, or with an extension beside it. */
export type ServiceAnswer = Primitive | SessionAnswer;

/** Rejects only as the stores do. */
export type Handlers = {
  readonly [N in PrimitiveName]?: (request: ServiceRequest<N>) => ServiceAnswer | Promise<ServiceAnswer>;
};
