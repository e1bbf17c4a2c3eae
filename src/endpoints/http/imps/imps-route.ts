/**
 * `POST /imps`: the CSP over HTTP (its transport binding), octets in and out. What they mean is behind the door; every fault
 * of the protocol is a Status in a 200. And the URL of each session at which its client looks whether it is called (CIR).
 */
import type { FastifyInstance } from 'fastify';
import { sendProblem } from '../problem.ts';

/** Whoever speaks the CSP. */
export interface ImpsDoor {
  /** Undefined for a media type that carries none. */
  answer(request: {
    readonly mediaType: string;
    readonly body: Uint8Array;
    readonly source: string;
  }): Promise<{ readonly mediaType: string; readonly body: Uint8Array } | undefined>;
  /** For the session of a URL: a call where something waits for its client; undefined without a session. */
  callAt(name: string): { readonly text?: string } | undefined;
}

const notReady = {
  status: 503,
  name: 'not-ready',
  title: 'Not ready',
  detail: 'the server is starting or draining',
} as const;

const notTaken = { status: 415, name: 'unsupported-media-type', title: 'Unsupported media type' } as const;

const callMediaType = 'application/vnd.wv.csp.cir';

/** Larger documents are not even read; what the CSP takes has a limit of its own. */
export const impsBodyBytesMax = 1_048_576;

export async function addImpsRoute(app: FastifyInstance, door: ImpsDoor, isReady: () => boolean): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.post('/imps', { bodyLimit: impsBodyBytesMax, schema: { hide: true } }, async (request, reply) => {
      if (!isReady()) return sendProblem(reply, notReady);
      const coding = request.headers['content-encoding'] ?? 'identity';
      if (coding.trim().toLowerCase() !== 'identity') {
        void reply.header('accept-encoding', 'identity');
        return sendProblem(reply, { ...notTaken, detail: 'a document is taken as it is, without a content coding' });
      }
      const mediaType = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const answer = await door.answer({ mediaType, body, source: request.ip });
      if (answer === undefined) {
        return sendProblem(reply, {
          ...notTaken,
          detail: 'application/vnd.wv.csp.xml and application/vnd.wv.csp.wbxml are taken',
        });
      }
      return reply.type(answer.mediaType).send(Buffer.from(answer.body));
    });
    scope.get<{ Params: { name: string } }>('/imps/cir/:name', { schema: { hide: true } }, (request, reply) => {
      if (!isReady()) return sendProblem(reply, notReady);
      const call = door.callAt(request.params.name);
      void reply.header('cache-control', 'no-store');
      if (call === undefined) {
        const detail = 'there is no session with this URL';
        return sendProblem(reply, { status: 404, name: 'not-found', title: 'Not found', detail });
      }
      return call.text === undefined ? reply.code(204).send() : reply.type(callMediaType).send(call.text);
    });
  });
}
