/** Status codes of the CSP, as far as this server sends them or has to know them; and the fault of a primitive. */

export const statusWords = {
  200: 'Successfully completed.',
  201: 'Partially successful.',
  202: 'Accepted.',
  400: 'Bad request.',
  401: 'Please complete the authentication challenge.',
  402: 'Bad parameter.',
  403: 'Forbidden.',
  404: 'Not found.',
  405: 'Service not supported.',
  408: 'Request timed out.',
  409: 'Invalid password.',
  410: 'Unable to deliver.',
  415: 'Unsupported media type.',
  420: 'Invalid transaction.',
  422: 'UserID and ClientID do not match.',
  426: 'Invalid message id.',
  432: 'Response too large.',
  500: 'Internal server error.',
  501: 'Not known to this server.',
  502: 'The session could not be recovered.',
  503: 'Service unavailable.',
  505: 'Version not supported.',
  506: 'Service not agreed.',
  507: 'Message queue is full.',
  516: 'Domain not supported.',
  521: 'Unresponded presence request.',
  531: 'Unknown user.',
  532: 'Blocked.',
  533: 'Message recipient not logged in.',
  534: 'Not authorised by the recipient.',
  538: 'Message rejected.',
  541: 'Message forwarded.',
  542: 'Message expired.',
  543: 'No matching digest schema.',
  600: 'Session expired.',
  601: 'Logged out by the server.',
  603: 'Already logged in.',
  604: 'Invalid session.',
  605: 'New value not accepted.',
  700: 'Contact list does not exist.',
  701: 'Contact list already exists.',
  750: 'Invalid or unsupported presence attribute.',
  751: 'Invalid or unsupported presence value.',
  752: 'Invalid or unsupported contact list property.',
  753: 'Too many contact lists.',
  754: 'Too many contacts.',
  755: 'Too many attribute lists.',
  760: 'Automatic subscription is not supported.',
  900: 'Multiple errors.',
} as const satisfies Readonly<Record<number, string>>;

export type StatusCode = keyof typeof statusWords;

/** Leaves a reader of primitives; it never leaves the room. */
export class PrimitiveFault extends Error {
  readonly code: StatusCode;

  constructor(code: StatusCode, words: string) {
    super(words);
    this.code = code;
  }
}
