/** Who asks, from which of their clients, and the rooms that are asked for them. */
import type { OwnBlocks } from '../../accounts/own-blocks.ts';
import type { AccountDirectory } from '../../accounts/account-directory.ts';
import type { Clock } from '../../base/time/clock.ts';
import type { DeliveryService } from '../../delivery/delivery-service.ts';
import type { Submission } from '../../delivery/submission.ts';
import type { Address } from '../../model/address.ts';
import type { PresenceService } from '../../presence/presence-service.ts';
import type { Conversation } from '../conversation.ts';
import type { AssistantSettings, OwnSettings, PendingWatchers } from '../ports.ts';

export interface Rooms {
  readonly clock: Clock;
  readonly delivery: DeliveryService;
  readonly presence: PresenceService;
  readonly directory: AccountDirectory;
  readonly blocks: OwnBlocks;
  readonly watchers: PendingWatchers;
  readonly accountSettings: OwnSettings;
  readonly settings: AssistantSettings;
}

export interface Asking {
  readonly owner: Address;
  /** Of the assistant as it was addressed. */
  readonly assistant: Address;
  /** Ids of the asker's clients that an answer goes to: the one that asked, where it is known. */
  readonly clients: readonly string[];
  readonly conversation: Conversation;
  /** What was asked, as it came. */
  readonly submission: Submission;
}

export type Lines = readonly string[];
