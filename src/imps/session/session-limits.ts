/** What a client takes, as it has said in capability negotiation; and how long a session lives without a word from it. */
export interface SessionLimits {
  /** Transactions in one message, and open from the server at once. */
  readonly multiTrans: number;
  /** Of a whole message, in bytes. */
  readonly parserSize: number;
}

/** Before the client has said anything: what the smallest client in the field takes. */
export const initialLimits: SessionLimits = { multiTrans: 1, parserSize: 32_767 };

/** Of what a client claims for itself. */
export const multiTransMax = 16;
export const parserSizeMax = 262_144;
/** Less could not carry a refusal. */
export const parserSizeMin = 1_024;

export const keepAliveDefaultS = 600;
/** Clients send a sign of life five seconds before the end. */
export const keepAliveMinS = 30;
export const keepAliveMaxS = 86_400;

/** Seconds that are granted to a client that wishes for so many. */
export function grantKeepAlive(wishedS: number | undefined): number {
  return Math.min(keepAliveMaxS, Math.max(keepAliveMinS, wishedS ?? keepAliveDefaultS));
}

export function limitsOf(claimed: {
  readonly multiTrans?: number | undefined;
  readonly parserSize?: number | undefined;
}): SessionLimits {
  const { multiTrans = initialLimits.multiTrans, parserSize = initialLimits.parserSize } = claimed;
  return {
    multiTrans: Math.min(multiTransMax, Math.max(1, multiTrans)),
    parserSize: Math.min(parserSizeMax, Math.max(parserSizeMin, parserSize)),
  };
}
