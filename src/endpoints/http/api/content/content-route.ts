/**
 * The content of a message as its sender wrote it, for its recipient: whole, in parts, or only what there would be. A
 * browser is told to save what is not plain text, since a sender chose its type.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { OpenedMessage } from '../../../../delivery/desks/inbox.ts';
import { mediaTypeOf, parseContentType } from '../../../../formats/content-type.ts';
import { ProblemFault, sendProblem } from '../../problem.ts';
import type { ApiApp, ApiSurroundings } from '../api-surroundings.ts';
import { unknownMessage } from '../refusals.ts';
import { commonProblems, idParams } from '../schemas/shared-shapes.ts';
import { callerOf } from '../sign-in.ts';
import { type ByteRange, readByteRange } from './byte-range.ts';
import { ContentStream } from './content-stream.ts';

const octets = { content: { '*/*': { schema: z.string().meta({ format: 'binary' }) } } };
const headers = z.looseObject({
  range: z.string().optional().describe('one part of it, such as `bytes=0-65535`'),
  'if-range': z.string().optional(),
  'if-none-match': z.string().optional(),
});

export function addContentRoute(app: ApiApp, { delivery }: ApiSurroundings): void {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/v1/inbox/:id/content',
    schema: {
      summary:
        'The content of one message as it was written, whole or in part; it is not delivered before that is acknowledged',
      params: idParams,
      headers,
      response: {
        200: { description: 'all of it', ...octets },
        206: { description: 'the part that was asked for', ...octets },
        304: z.null().describe('it is what If-None-Match has'),
        ...commonProblems,
      },
    },
    handler: async (request, reply) => {
      const opened = await delivery.inbox.open(callerOf(request).address, request.params.id);
      if (opened === undefined) throw new ProblemFault(unknownMessage);
      return answer(request, reply, opened);
    },
  });
}

async function answer(request: FastifyRequest, reply: FastifyReply, opened: OpenedMessage): Promise<FastifyReply> {
  const { content, entry } = opened;
  // What is under an id never changes.
  const tag = `"${entry.id}"`;
  void reply.header('etag', tag).header('accept-ranges', 'bytes').header('cache-control', 'private, no-store');
  const range = isUnchanged(request, tag) ? 'unchanged' : rangeOf(request, tag, content.bytes);
  if (range === 'unchanged') {
    await content.close();
    return reply.code(304).send(null);
  }
  if (range.kind === 'unsatisfiable') {
    await content.close();
    void reply.header('content-range', `bytes */${content.bytes}`);
    return sendProblem(reply, { status: 416, name: 'range-not-satisfiable', title: 'There is no such part of it' });
  }
  const { start, end } = range.kind === 'part' ? range : { start: 0, end: content.bytes };
  if (range.kind === 'part') void reply.code(206).header('content-range', `bytes ${start}-${end - 1}/${content.bytes}`);
  describe(reply, opened).header('content-length', end - start);
  if (request.method !== 'HEAD') return reply.send(new ContentStream(content, start, end));
  await content.close();
  return reply.send();
}

function isUnchanged({ headers: { 'if-none-match': known } }: FastifyRequest, tag: string): boolean {
  return (
    known !== undefined &&
    (known.trim() === '*' || known.split(',').some((one) => one.trim().replace(/^W\//, '') === tag))
  );
}

/** RFC 9110 13.1.5: of something else than what the client has a part of it gets it all. HEAD knows no parts (14.2). */
function rangeOf(
  { method, headers: { range, 'if-range': ifRange } }: FastifyRequest,
  tag: string,
  bytes: number,
): ByteRange {
  const isMeant = method === 'GET' && (ifRange === undefined || String(ifRange).trim() === tag);
  return readByteRange(isMeant ? range : undefined, bytes);
}

function describe(reply: FastifyReply, { entry: { id, message } }: OpenedMessage): FastifyReply {
  const { contentType, contentEncoding } = message;
  const isText = mediaTypeOf(contentType) === 'text/plain';
  const isHeader = parseContentType(contentType) !== undefined && /^[\x20-\x7e]+$/.test(contentType);
  if (contentEncoding !== undefined && /^[\w-]+$/.test(contentEncoding)) {
    void reply.header('content-encoding', contentEncoding);
  }
  return reply
    .header('content-type', isHeader ? contentType : 'application/octet-stream')
    .header('content-disposition', isText ? 'inline' : `attachment; filename="${id}"`)
    .header('x-content-type-options', 'nosniff')
    .header('content-security-policy', "default-src 'none'; sandbox");
}
