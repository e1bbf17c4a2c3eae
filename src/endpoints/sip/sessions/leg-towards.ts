/** Our leg towards a contact: over which transport it can be, and at which of our addresses. */
import type { MessageDirection, MessageFile } from '../../../formats/sdp/message-media.ts';
import type { AcceptedTypes } from '../../../sessions/media/accepted-types.ts';
import type { RemoteDescription } from '../../../sessions/media/description.ts';
import { SessionLeg, type SessionLegPlan, transportOf } from '../../../sessions/media/session-leg.ts';
import type { Binding, Flow } from '../../../sip/registrar/ports.ts';
import { destinationOf } from '../registration/contact-destination.ts';
import type { SessionRoom } from './session-room.ts';

export interface LegWish {
  readonly listener: SessionLegPlan['listener'];
  readonly sizeMax: number;
  readonly direction?: MessageDirection;
  readonly types: AcceptedTypes;
  readonly file?: MessageFile;
  readonly onReopened?: SessionLegPlan['onReopened'];
}

/** Undefined where there is no room, or no transport that the client could use. */
export function legTowards(room: SessionRoom, binding: Binding, wish: LegWish): SessionLeg | undefined {
  const { legs, ids } = room;
  const transport = transportFor(destinationOf(binding).transport, legs.offers('tls'));
  if (!legs.offers(transport)) return undefined;
  return SessionLeg.open({ legs, ids, transport, host: room.hostFor(binding.flow, transport), ...wish });
}

/** A browser has WebSockets and nothing else; whoever registered over TLS gets TLS where there is any. */
export function transportFor(sip: Flow['transport'], hasTls: boolean): 'tcp' | 'tls' | 'ws' {
  if (sip === 'ws' || sip === 'wss') return 'ws';
  return sip === 'tls' && hasTls ? 'tls' : 'tcp';
}

/** Of our leg towards whoever invites: as their path says it, else the usual. */
export function legPlace(
  room: SessionRoom,
  flow: Flow,
  offered: RemoteDescription | undefined,
): Pick<SessionLegPlan, 'transport' | 'host'> {
  const transport =
    offered === undefined ? transportFor(flow.transport, room.legs.offers('tls')) : transportOf(offered.media);
  return { transport, host: room.hostFor(flow, transport) };
}
