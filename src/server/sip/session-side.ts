/**
 * INVITE sessions of this server: how requests reach them, and who takes the new ones. While nobody does, every offer is refused for
 * its own reason.
 */
import type { Identity } from '../../endpoints/sip/identity.ts';
import { destinationOfUri, destinationTo } from '../../endpoints/sip/registration/contact-destination.ts';
import type { IncomingInvite } from '../../sip/invite/incoming-invite.ts';
import { InviteLayer } from '../../sip/invite/invite-layer.ts';
import type { Flow } from '../../sip/registrar/ports.ts';
import { defaultTiming } from '../../sip/transaction/machines/transaction-timing.ts';
import type { TransactionLayer } from '../../sip/transaction/transaction-layer.ts';
import type { RequestContext } from '../../sip/user-agent/request-context.ts';
import { findOfferRefusal, refuseInvite } from '../../sip/user-agent/session-refusal.ts';
import type { ServerParts } from '../server-parts.ts';

export interface SessionNeeds {
  readonly transactions: TransactionLayer;
  readonly contactFor: (flow: Flow, isSecure: boolean) => string;
  /** The Allow row. */
  readonly allow: () => string;
}

export class SessionSide {
  readonly invites: InviteLayer;
  /**
   * Gets each INVITE whose sender is known, whose target is here and whose body may be an offer; accepts or rejects it, now or
   * later. What it throws is a 500, and a `StoreFault` a 503.
   */
  onInvite: ((invite: IncomingInvite, identity: Identity) => void | Promise<void>) | undefined = undefined;

  constructor(parts: ServerParts, needs: SessionNeeds) {
    const { timing = defaultTiming } = parts;
    this.invites = new InviteLayer({
      ...parts,
      ...needs,
      timing,
      wayTo: (uri, flow) => (flow === undefined ? destinationOfUri(uri) : destinationTo(uri, flow)),
    });
  }

  /** A first INVITE, or one whose dialog nobody knows. */
  begin(context: RequestContext, identity: Identity): void | Promise<void> {
    const { onInvite } = this;
    if (onInvite === undefined || context.request.to.tag !== undefined) return void refuseInvite(context);
    const refusal = findOfferRefusal(context.request);
    if (refusal !== undefined) return context.respond(refusal.status, refusal);
    return this.invites.begin(context, (invite) => onInvite(invite, identity));
  }
}
