/** Listens to a person's events until they have had enough (Ctrl-C); a connection that breaks is opened again. */
import { remark, type ExitCode } from '../cli-io.ts';
import { tellFault, type ClientSession } from './client-session.ts';
import { readEvents, type ServerSentEvent } from './event-reader.ts';

/** Between two tries to reach a server that is away. */
const retryMs = 2000;

export async function followEvents(
  session: ClientSession,
  onEvent: (event: ServerSentEvent) => Promise<void>,
): Promise<ExitCode> {
  const { io, api } = session;
  const ending = new AbortController();
  io.onEndSignal(() => ending.abort());
  let lastId = '';
  let isAway = false;
  while (!ending.signal.aborted) {
    const headers: Record<string, string> = lastId === '' ? {} : { 'last-event-id': lastId };
    const answer = await api.open({ method: 'GET', path: '/v1/events', headers }, ending.signal);
    if (ending.signal.aborted) break;
    if (!answer.ok && (answer.error.kind === 'refused' || lastId === '')) return tellFault(session, answer.error);
    if (answer.ok) {
      isAway = false;
      lastId = await drain(answer.value, lastId, onEvent);
    } else if (!isAway) {
      isAway = true;
      remark(io, `${answer.error.words}; trying again`);
    }
    if (!ending.signal.aborted) await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
  return 0;
}

/** The id of the last event, from where the next stream goes on. */
async function drain(
  response: Response,
  lastId: string,
  onEvent: (event: ServerSentEvent) => Promise<void>,
): Promise<string> {
  let last = lastId === '' ? '0-0' : lastId;
  if (response.body === null) return last;
  try {
    for await (const event of readEvents(response.body)) {
      await onEvent(event);
      if (event.id !== '') last = event.id;
    }
  } catch {
    // The connection broke; what was not acknowledged comes again.
  }
  return last;
}
