/** The answer to an upgrade that is not to be: what HTTP says elsewhere, written by hand, since no route is involved. */
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Problem, problemBody, problemContentType } from '../problem.ts';

export function refuseUpgrade(socket: Duplex, problem: Problem): void {
  const body = JSON.stringify(problemBody(problem));
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
    'connection: close',
    `content-type: ${problemContentType}`,
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  if (problem.retryAfter !== undefined) head.push(`retry-after: ${problem.retryAfter}`);
  socket.on('error', () => undefined);
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
