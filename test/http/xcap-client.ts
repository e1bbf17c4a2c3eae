/** Somebody with an XCAP client, and the documents that they put. */
import { request as httpRequest } from 'node:http';
import { afterEach, beforeEach } from 'vitest';
import { basic, HttpWorld } from './http-world.ts';

export interface XmlAnswer {
  readonly status: number;
  readonly type: string;
  readonly etag: string;
  readonly text: string;
}

export interface Wish {
  readonly who?: string;
  readonly body?: string | Uint8Array;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** By hand, since fetch tidies paths up. */
async function askXcap(world: HttpWorld, method: string, path: string, wish: Wish = {}): Promise<XmlAnswer> {
  const { who = 'mary', body, type, headers } = wish;
  return new Promise((resolve, reject) => {
    const asking = httpRequest(world.origin, {
      method,
      path: `/xcap/${path}`,
      agent: false,
      headers: { authorization: basic(who), ...(type === undefined ? {} : { 'content-type': type }), ...headers },
    });
    asking.on('error', reject);
    asking.on('response', (response) => {
      const chunks: Uint8Array[] = [];
      response.on('data', (chunk: Uint8Array) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          etag: response.headers['etag'] ?? '',
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    asking.end(body);
  });
}

/** The world of a test, opened before it and closed behind it, and Mary's client in it. */
export function xcapStage() {
  let world: HttpWorld;
  beforeEach(async () => {
    world = await HttpWorld.open();
  });
  afterEach(() => world.close());
  const ask = (method: string, path: string, wish: Wish = {}) => askXcap(world, method, path, wish);
  return {
    get world(): HttpWorld {
      return world;
    },
    async restart(): Promise<void> {
      world = await world.restarted();
    },
    ask,
    putRules: (body: string | Uint8Array, headers: Record<string, string> = {}) =>
      ask('PUT', rulesPath, { body, type: rulesType, headers }),
    putElement: (node: string, body: string, headers: Record<string, string> = {}) =>
      ask('PUT', `${rulesPath}/~~/${node}`, { body, type: elementType, headers }),
    rules: async () => (await world.call('mary', 'GET', '/v1/rules')).json as unknown,
  };
}

export const rulesType = 'application/auth-policy+xml';
export const elementType = 'application/xcap-el+xml';
export const attributeType = 'application/xcap-att+xml';
export const listsType = 'application/resource-lists+xml';
export const rulesPath = 'pres-rules/users/sip:mary@localhost/index';
export const listsPath = 'resource-lists/users/sip:mary@localhost/index';
export const cr = '?xmlns(cr=urn:ietf:params:xml:ns:common-policy)';
export const root = 'xmlns="urn:ietf:params:xml:ns:common-policy" xmlns:pr="urn:ietf:params:xml:ns:pres-rules"';
export const allows =
  '<actions><pr:sub-handling>allow</pr:sub-handling></actions><transformations><pr:provide-persons><pr:all-persons/>' +
  '</pr:provide-persons><pr:provide-mood>true</pr:provide-mood></transformations>';
export const tomRule = `<rule id="a"><conditions><identity><one id="sip:tom@localhost"/></identity></conditions>${allows}</rule>`;
export const document = `<?xml version="1.0"?>\n<!-- mine -->\n<ruleset ${root}>\n  ${tomRule}\n</ruleset>\n`;
export const lists =
  '<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists">\n <list name="friends"><entry uri="sip:tom@localhost">' +
  '<display-name>Tom</display-name></entry></list></resource-lists>';

/** The name of the error, and its words. */
export const conflictOf = ({ status, type, text }: XmlAnswer): string =>
  type === 'application/xcap-error+xml'
    ? `${status} ${/<xcap-error [^>]*><([^>]*?)\/?>/.exec(text)?.[1] ?? ''}`
    : `${status} ${type}`;
