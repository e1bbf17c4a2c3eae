/**
 * A conversation with somebody who is away, in which this server takes the messages in their place
 * (`--conversation-offline leave-message`): each is kept as if it had been sent by itself, and only then reported as taken.
 */
import type { SubmissionHead } from '../../../delivery/submission.ts';
import { Answering } from '../../../sessions/large/answering.ts';
import { described } from '../../../sessions/media/described.ts';
import { SessionLeg } from '../../../sessions/media/session-leg.ts';
import type { IncomingMessage } from '../../../sessions/transfer/incoming-spools.ts';
import type { ConversationInvite } from './conversation-endpoint.ts';
import { legPlace } from './leg-towards.ts';
import type { SessionRoom } from './session-room.ts';
import { reportStatusOf, storeMessage } from './large/store-message.ts';

const everything = { acceptTypes: ['message/cpim', '*'], acceptWrappedTypes: ['*'] };

export class LeftMessages {
  readonly #room: SessionRoom;
  readonly #head: SubmissionHead;

  /** `head`: of whom, for whom, as the INVITE says it. */
  constructor(room: SessionRoom, head: SubmissionHead) {
    this.#room = room;
    this.#head = head;
  }

  take({ invite, offered, ended }: ConversationInvite): void {
    const { legs, ids, pool, clock, timers, largeBytesMax } = this.#room;
    const answering = new Answering({ pool, clock, timers, ended, keep: (message) => this.#keep(message) });
    const leg = SessionLeg.open({
      legs,
      ids,
      ...legPlace(this.#room, invite.flow, offered),
      types: everything,
      sizeMax: largeBytesMax,
      listener: answering.spools,
      onReopened: (msrp) => {
        answering.spools.leg = msrp;
      },
    });
    if (leg === undefined) {
      invite.reject(503, { warning: 'more sessions than can be held', headers: [['Retry-After', '10']] });
      return ended();
    }
    answering.use(leg);
    const description = offered === undefined ? leg.offer() : leg.answer(offered);
    const session = invite.accept(described(description), answering.sessionListener);
    if (session !== undefined) return answering.begin(session);
    leg.close();
    ended();
  }

  async #keep(message: IncomingMessage): Promise<number> {
    const { message: words, isTrusted } = this.#head;
    const outcome = await storeMessage({
      delivery: this.#room.delivery,
      head: {
        message: { ...words, sentAt: this.#room.clock.wall() },
        bytes: undefined,
        duplicateKeys: [],
        isTrusted,
        isTransient: false,
      },
      message,
    });
    return reportStatusOf(outcome);
  }
}
