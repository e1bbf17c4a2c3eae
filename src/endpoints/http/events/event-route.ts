/** `GET /v1/events`: opens a stream and hands the connection to the hub (contract section 7). */
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import type { ApiApp, ApiSurroundings } from '../api/api-surroundings.ts';
import { readAddress } from '../api/read-words.ts';
import { malformed, problemOfRefusal } from '../api/refusals.ts';
import { addressText, commonProblems } from '../api/schemas/shared-shapes.ts';
import { callerOf } from '../api/sign-in.ts';
import { agreedStyle } from './delivery-style.ts';
import { ProblemFault } from '../problem.ts';
import { streamsPerPrincipalMax, watchedMax } from './event-hub.ts';
import { parsePosition, type EventWire } from './event-stream.ts';

const eventQuery = z.strictObject({
  presence: z
    .union([addressText, z.array(addressText)])
    .optional()
    .describe('whose presence to be told of, besides my own; several times'),
});
const eventHeaders = z.looseObject({ 'last-event-id': z.string().max(100).optional() });

export function addEventRoute(app: ApiApp, surroundings: ApiSurroundings): void {
  const { events, directory, blocks, settings } = surroundings;
  app.get(
    '/v1/events',
    {
      schema: {
        summary: 'Server-sent events: message, waiting, report, presence, subscription',
        querystring: eventQuery,
        headers: eventHeaders,
        response: { 200: z.string().describe('text/event-stream'), ...commonProblems },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { presence = [] } = request.query;
      const watched = [presence].flat().map((text) => readAddress(text, 'presence'));
      if (watched.length > watchedMax) throw malformed('malformed-request', `presence: more than ${watchedMax}`);
      for (const address of watched) {
        if ((await directory.lookUp(address)) !== 'known') throw new ProblemFault(problemOfRefusal(unknown));
        // Who is shown what is asked for later, and must be known then.
        await blocks.listsOf(address);
      }
      const wire = new ResponseWire(reply.raw);
      const position = parsePosition(request.headers['last-event-id']);
      // Another style may have been chosen since the sign-in; one that is chosen from here on meets an open stream.
      let account = directory.find(caller.address);
      while (account instanceof Promise) {
        await account;
        account = directory.find(caller.address);
      }
      const style = agreedStyle((account ?? caller.account).httpDelivery, settings);
      const opening = () => events.open({ owner: caller.address, style, watched, position }, wire);
      if (!wire.begin(opening, reply.getHeaders())) {
        throw new ProblemFault({
          status: 429,
          name: 'too-many-streams',
          title: 'Too many streams',
          detail: `at most ${streamsPerPrincipalMax} at once`,
        });
      }
      reply.hijack();
    },
  );
}

const unknown = { reason: 'unknown-recipient' } as const;

/** A response that stays open. */
class ResponseWire implements EventWire {
  readonly #response: ServerResponse;
  /** Written before the head is. */
  #early: (() => void)[] | undefined = [];

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get bytesWaiting(): number {
    return this.#response.writableLength;
  }

  /** The head goes out once the stream is open, and before its first event. */
  begin(open: () => { closed(): void } | undefined, headers: Readonly<Record<string, unknown>>): boolean {
    const stream = open();
    if (stream === undefined) return false;
    const response = this.#response;
    response.on('close', () => stream.closed());
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value as string);
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    response.flushHeaders();
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const write of early) write();
    return true;
  }

  write(text: string, onTaken: (isTaken: boolean) => void): void {
    if (this.#early !== undefined) {
      this.#early.push(() => this.write(text, onTaken));
      return;
    }
    if (this.#response.destroyed || this.#response.writableEnded) onTaken(false);
    else this.#response.write(text, (fault) => onTaken(fault === null || fault === undefined));
  }

  destroy(): void {
    this.#response.destroy();
  }
}
