/**
 * An INVITE to `sip:deferred@DOMAIN`: what is ready for its sender, or what they name, is played in one session, each message in
 * an envelope; their success delivers it. Whatever its style, a client gets large messages so.
 */
import { StoreFault } from '../../../base/store-fault.ts';
import type { BlobReader, MailboxEntry } from '../../../delivery/ports.ts';
import { decodeContent, type Inflate } from '../../../formats/content-encoding.ts';
import { blobSource } from '../../../sessions/content/blob-source.ts';
import { octetsOf } from '../../../sessions/content/octet-views.ts';
import { Player } from '../../../sessions/large/player.ts';
import { described } from '../../../sessions/media/described.ts';
import { receives, type RemoteDescription } from '../../../sessions/media/description.ts';
import { reoffered, takeLateAnswer } from '../../../sessions/media/later-offers.ts';
import { SessionLeg } from '../../../sessions/media/session-leg.ts';
import type { IncomingInvite } from '../../../sip/invite/incoming-invite.ts';
import type { InviteSession } from '../../../sip/invite/invite-session.ts';
import type { SipHeaders } from '../../../sip/message/sip-headers.ts';
import type { Address } from '../../../model/address.ts';
import { messageIdOf } from './large/play-large.ts';
import { legPlace } from './leg-towards.ts';
import type { SessionRoom } from './session-room.ts';

/** Messages that one session plays, and names that one INVITE may hold. */
export const retrievedMax = 100;
/** Ids that the answer tells, so that it fits a datagram as far as may be; the others say themselves which they are. */
export const toldMax = 20;

export interface RetrievalInvite {
  readonly invite: IncomingInvite;
  readonly owner: Address;
  readonly offered: RemoteDescription | undefined;
  readonly ended: () => void;
}

export class RetrievalEndpoint {
  readonly #room: SessionRoom;
  readonly #inflate: Inflate;

  constructor(room: SessionRoom, inflate: Inflate) {
    this.#room = room;
    this.#inflate = inflate;
  }

  async take(retrieval: RetrievalInvite): Promise<void> {
    const { invite, offered, owner, ended } = retrieval;
    const reject = (status: number, warning: string): void => {
      invite.reject(status, { warning });
      ended();
    };
    if (offered !== undefined && !receives(offered.media)) return reject(488, 'what is kept is sent by this server');
    const names = namesIn(invite.request.headers);
    if (names.length > retrievedMax) return reject(400, `at most ${retrievedMax} messages can be named`);
    const found = await this.#find(owner, names);
    const missing = names.filter((id) => !found.some((entry) => entry.id === id));
    if (missing.length > 0) return reject(404, `no such message: ${missing.join(', ')}`);
    if (found.length === 0) return reject(480, 'nothing is ready');
    this.#begin(retrieval, found);
  }

  #begin({ invite, offered, owner, ended }: RetrievalInvite, entries: readonly MailboxEntry[]): void {
    const player = new Player(this.#room);
    const { legs, ids } = this.#room;
    const leg = SessionLeg.open({
      legs,
      ids,
      ...legPlace(this.#room, invite.flow, offered),
      types: { acceptTypes: ['message/cpim', '*'], acceptWrappedTypes: ['*'] },
      sizeMax: this.#room.largeBytesMax,
      ...(offered === undefined ? { direction: 'sendonly' as const } : {}),
      listener: player.spools,
    });
    if (leg === undefined) {
      invite.reject(503, { warning: 'more sessions than can be held', headers: [['Retry-After', '10']] });
      return ended();
    }
    player.use(leg);
    const play = (session: InviteSession): void => {
      void this.#play({ owner, player, entries }).finally(() => {
        session.bye();
        leg.close();
        ended();
      });
    };
    const session: InviteSession | undefined = invite.accept(
      described(offered === undefined ? leg.offer() : leg.answer(offered)),
      {
        acknowledged: (answer) => {
          if (session === undefined || !takeLateAnswer(leg, answer)) player.sessionEnded();
          if (session !== undefined && offered === undefined) play(session);
        },
        offered: (offer) => reoffered(leg, offer),
        ended: () => player.sessionEnded(),
      },
      [
        [
          'Deferred-Message',
          entries
            .slice(0, toldMax)
            .map(({ id }) => id)
            .join(', '),
        ],
      ],
    );
    if (session === undefined) {
      leg.close();
      ended();
    } else if (offered !== undefined) play(session);
  }

  /** In the order of acceptance. One that the client refuses is passed over; one that broke off ends it. */
  async #play({
    owner,
    player,
    entries,
  }: {
    owner: Address;
    player: Player;
    entries: readonly MailboxEntry[];
  }): Promise<void> {
    for (const entry of entries) {
      if (!(await this.#playOne(owner, player, entry))) return;
    }
  }

  /** False where nothing more can be played. */
  async #playOne(owner: Address, player: Player, entry: MailboxEntry): Promise<boolean> {
    const { id, message } = entry;
    const { large } = message;
    let reader: BlobReader | undefined;
    try {
      if (large !== undefined) reader = await this.#room.blobs.open(large.blob);
      if (large !== undefined && reader === undefined) return true;
      const { contentType, body } = decodeContent(message, this.#inflate, this.#room.largeBytesMax);
      const { contentDisposition } = message;
      const played = await player.play({
        messageId: messageIdOf(id),
        contentType,
        headers: contentDisposition === undefined ? [] : [{ name: 'Content-Disposition', value: contentDisposition }],
        size: large?.bytes ?? body.length,
        source: large === undefined || reader === undefined ? octetsOf(body) : blobSource(reader, large.bytes),
        words: message,
        isEnveloped: true,
      });
      if (played.kind === 'delivered') await this.#room.delivery.inbox.take(owner, id);
      return played.kind === 'delivered' || played.kind === 'refused' || played.kind === 'unfit';
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      this.#room.log.warn({ fault: fault.message }, 'what is kept cannot be read');
      return false;
    } finally {
      await reader?.close();
    }
  }

  /** Rejects with `StoreFault`. */
  async #find(owner: Address, names: readonly string[]): Promise<MailboxEntry[]> {
    const { inbox } = this.#room.delivery;
    if (names.length === 0) return [...(await inbox.look(owner, { limit: retrievedMax })).entries];
    const found: MailboxEntry[] = [];
    for (const id of new Set(names)) {
      const entry = await inbox.read(owner, id);
      if (entry !== undefined) found.push(entry);
    }
    return found;
  }
}

/** `Deferred-Message: ID, ID`; parameters say nothing here. */
function namesIn(headers: SipHeaders): string[] {
  return headers
    .getAll('Deferred-Message')
    .flatMap((row) => row.split(','))
    .map((member) => (member.split(';')[0] ?? '').trim())
    .filter((id) => id !== '');
}
