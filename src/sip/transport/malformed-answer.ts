/**
 * The answer to a request that could not be read (RFC 3261 8.2.6), without a transaction: the same octets for the
 * same request, so that its retransmission is answered alike (8.2.7). It finds no faults itself.
 */
import { buildMalformedResponse } from '../message/build-response.ts';
import { formatSipResponse } from '../message/format-message.ts';
import { firstMemberEnd } from '../message/grammar/split-list.ts';
import { formatWarning } from '../message/header-values.ts';
import type { MalformedRequest } from '../message/malformed-message.ts';
import type { HeaderRow } from '../message/sip-headers.ts';
import { formatVia } from '../message/via.ts';
import type { Flow } from '../registrar/ports.ts';
import { completeVia } from './response-target.ts';

/** Who answers: the Server row, and the host of the Warning row; either is left out where it is empty. */
export interface MalformedAnswerer {
  readonly server: string;
  readonly warningHost: string;
}

export function formatMalformedAnswer(malformed: MalformedRequest, flow: Flow, by: MalformedAnswerer): Uint8Array {
  const { echo } = malformed;
  const [first = '', ...rest] = echo.vias;
  const top = formatVia(completeVia(echo.topVia, flow)) + first.slice(firstMemberEnd(first));
  const { callId = '', cseq = '', topVia } = echo;
  const response = buildMalformedResponse(
    { ...malformed, echo: { ...echo, vias: [top, ...rest] } },
    {
      toTag: fingerprint(`${callId} ${cseq} ${topVia.branch ?? ''}`),
      headers: moreRows(malformed.reason, by),
    },
  );
  return formatSipResponse(response);
}

function moreRows(reason: string, { server, warningHost }: MalformedAnswerer): HeaderRow[] {
  const rows: HeaderRow[] = [];
  if (warningHost !== '') rows.push(['Warning', formatWarning({ code: 399, agent: warningHost, text: reason })]);
  if (server !== '') rows.push(['Server', server]);
  return rows;
}

/** FNV-1a; nobody gains by steering it. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
