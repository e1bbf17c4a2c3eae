/** What the assistant needs from outside besides the rooms that it asks. */
import type { ClientDelivery } from '../accounts/ports.ts';
import type { Address } from '../model/address.ts';
import type { InstantMessage } from '../model/instant-message.ts';
import type { Attributes } from '../presence/rule-edits.ts';

/** The text of a message, out of whatever it is wrapped in; undefined for what is no text. */
export type ReadText = (message: InstantMessage) => string | undefined;

/** Who asks to watch somebody, over any protocol, and was told to wait. */
export interface PendingWatchers {
  pendingFor(owner: Address): readonly Address[];
}

/** What an account says of itself, in effect at once. Each rejects with `StoreFault`. */
export interface OwnSettings {
  wantsReports(owner: Address): Promise<boolean>;
  setReports(owner: Address, isOn: boolean): Promise<void>;
  /** Of clients that listen over HTTP; the others say it when they register. */
  setDelivery(owner: Address, method: ClientDelivery): Promise<void>;
}

export interface AssistantSettings {
  readonly isConditional: boolean;
  readonly bodyBytesMax: number;
  readonly visibleByDefault: Attributes;
}
