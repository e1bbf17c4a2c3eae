/**
 * `POST /imps`: the CSP over HTTP (its transport binding), octets in and out. What they mean is behind the door; every fault
 * of the protocol is a Status in a 200.
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
}

/** Larger documents are not even read; what the CSP takes has a limit of its own. */
export const impsBodyBytesMax = 1_048_576;

export async function addImpsRoute(app: FastifyInstance, door: ImpsDoor, isReady: () => boolean): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.post('/imps', { bodyLimit: impsBodyBytesMax, schema: { hide: true } }, async (request, reply) => {
      if (!isReady()) {
        const detail = 'the server is starting or draining';
        return sendProblem(reply, { status: 503, name: 'not-ready', title: 'Not ready', detail });
      }
      const mediaType = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const answer = await door.answer({ mediaType, body, source: request.ip });
      if (answer === undefined) {
        const detail = 'application/vnd.wv.csp.xml and application/vnd.wv.csp.wbxml are taken';
        return sendProblem(reply, {
          status: 415,
          name: 'unsupported-media-type',
          title: 'Unsupported media type',
          detail,
        });
      }
      return reply.type(answer.mediaType).send(Buffer.from(answer.body));
    });
  });
}
