/** What was said in the caller's conversations, where they keep that (`--transcripts on`). */
import type { Transcript, TranscriptSummary } from '../../../../sessions/transcripts/ports.ts';
import { ProblemFault } from '../../problem.ts';
import type { ApiApp, ApiSurroundings } from '../api-surroundings.ts';
import { pageOf, timeOf } from '../read-words.ts';
import { nothing } from '../schemas/people.ts';
import { commonProblems, idParams } from '../schemas/shared-shapes.ts';
import { callerOf } from '../sign-in.ts';
import * as shapes from './transcript-shapes.ts';

const unknownTranscript = { status: 404, name: 'unknown-transcript', title: 'No such transcript' };

export function addTranscriptRoutes(app: ApiApp, surroundings: ApiSurroundings): void {
  addLists(app, surroundings);
  addOne(app, surroundings);
}

function addLists(app: ApiApp, { transcripts, settings }: ApiSurroundings): void {
  app.get(
    '/v1/transcripts',
    {
      schema: {
        summary: 'My transcripts, the newest first, and whether more are kept',
        querystring: shapes.transcriptQuery,
        response: { 200: shapes.transcriptPage, ...commonProblems },
      },
    },
    async (request) => {
      const { address } = callerOf(request);
      const { limit, after } = request.query;
      const found = await transcripts.list(address, { before: after, limit: limit + 1 });
      const keep = settings.hasTranscripts && (await transcripts.isKept(address));
      return { keep, ...pageOf(found.slice(0, limit).map(shownSummary), found.length > limit) };
    },
  );
  app.put(
    '/v1/transcripts',
    {
      schema: {
        summary: 'Whether transcripts of my conversations are kept',
        body: shapes.transcriptSwitch,
        response: { 200: shapes.transcriptSwitch, ...commonProblems },
      },
    },
    async (request) => {
      const { keep } = request.body;
      if (keep && !settings.hasTranscripts) {
        const title = 'This server keeps no transcripts';
        throw new ProblemFault({ status: 501, name: 'transcripts-not-supported', title });
      }
      await transcripts.setKept(callerOf(request).address, keep);
      return { keep };
    },
  );
}

function addOne(app: ApiApp, { transcripts }: ApiSurroundings): void {
  app.get(
    '/v1/transcripts/:id',
    {
      schema: {
        summary: 'What was said in one conversation',
        params: idParams,
        response: { 200: shapes.wholeTranscript, ...commonProblems },
      },
    },
    async (request) => {
      const found = await transcripts.read(callerOf(request).address, request.params.id);
      if (found === undefined) throw new ProblemFault(unknownTranscript);
      return { ...shownSummary(found), lines: shownLines(found) };
    },
  );
  app.delete(
    '/v1/transcripts/:id',
    {
      schema: { summary: 'Forget one', params: idParams, response: { 204: nothing, ...commonProblems } },
    },
    async (request, reply) => {
      const wasThere = await transcripts.remove(callerOf(request).address, request.params.id);
      if (!wasThere) throw new ProblemFault(unknownTranscript);
      return reply.code(204).send(null);
    },
  );
}

function shownSummary({ id, other, startedAt, endedAt, isMissed, messages }: TranscriptSummary) {
  return { id, with: other, at: timeOf(startedAt), endedAt: timeOf(endedAt), missed: isMissed, messages };
}

function shownLines({ owner, other, lines }: Transcript) {
  return lines.map(({ isOwn, at, contentType, bytes, text }) => ({
    from: isOwn ? owner : other,
    at: timeOf(at),
    contentType,
    size: bytes,
    ...(text === undefined ? {} : { text }),
  }));
}
