/** The transcript of one conversation, for those of its two sides who keep them; written when it is over, or was missed. */
import { StoreFault } from '../../../base/store-fault.ts';
import type { Millis } from '../../../base/time/clock.ts';
import type { Address } from '../../../model/address.ts';
import type { Transcript, TranscriptStore } from '../../../sessions/transcripts/ports.ts';
import { TranscriptRecorder } from '../../../sessions/transcripts/transcript-recorder.ts';
import type { IncomingMessage } from '../../../sessions/transfer/incoming-spools.ts';
import type { SessionRoom } from './session-room.ts';

interface Sides {
  readonly caller: Address;
  readonly callee: Address;
  /** Of the two those who keep transcripts. */
  readonly keepers: readonly Address[];
}

export class TranscriptKeeping {
  readonly #room: SessionRoom;
  readonly #store: TranscriptStore;
  readonly #sides: Sides;
  readonly #recorder = new TranscriptRecorder();
  readonly #startedAt: Millis;

  private constructor(room: SessionRoom, store: TranscriptStore, sides: Sides) {
    this.#room = room;
    this.#store = store;
    this.#sides = sides;
    this.#startedAt = room.clock.wall();
  }

  /** Undefined where nobody keeps any, which is usual. A store that cannot be read keeps nobody from talking. */
  static async of(room: SessionRoom, caller: Address, callee: Address): Promise<TranscriptKeeping | undefined> {
    const { transcripts } = room;
    if (transcripts === undefined) return undefined;
    try {
      const keepers: Address[] = [];
      for (const each of new Set([caller, callee])) if (await transcripts.isKept(each)) keepers.push(each);
      return keepers.length === 0 ? undefined : new TranscriptKeeping(room, transcripts, { caller, callee, keepers });
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      room.log.warn({ fault: fault.message }, 'whether a transcript is kept cannot be read: none is');
      return undefined;
    }
  }

  note(from: Address, message: IncomingMessage): Promise<void> {
    return this.#recorder.note(from, message, this.#room.clock.wall());
  }

  ended(): void {
    for (const owner of this.#sides.keepers) {
      void this.#add(this.#recorder.transcript({ id: this.#room.ids.timeOrderedId(), ...this.#about(owner) }));
    }
  }

  /** The one who was called did not answer. */
  missed(): void {
    const { callee, keepers } = this.#sides;
    if (!keepers.includes(callee)) return;
    const id = this.#room.ids.timeOrderedId();
    void this.#add({ id, ...this.#about(callee), isMissed: true, messages: 0, lines: [] });
  }

  #about(owner: Address): Pick<Transcript, 'owner' | 'other' | 'startedAt' | 'endedAt'> {
    const { caller, callee } = this.#sides;
    const other = owner === caller ? callee : caller;
    return { owner, other, startedAt: this.#startedAt, endedAt: this.#room.clock.wall() };
  }

  async #add(transcript: Transcript): Promise<void> {
    try {
      const outcome = await this.#store.add(transcript);
      if (outcome === 'full') this.#room.counters.add('restante_transcripts_not_kept_total');
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      this.#room.log.warn({ fault: fault.message }, 'a transcript cannot be kept');
    }
  }
}
