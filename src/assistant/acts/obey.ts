/** Which act belongs to which command, and what is said where there was none. */
import { unreachable } from '../../base/assert.ts';
import { shorten } from '../answer-text.ts';
import type { Command, CommandFault } from '../reading/command.ts';
import type { Asking, Lines, Rooms } from './asking.ts';
import * as collecting from './collecting.ts';
import { helpPages, welcome } from './help-pages.ts';
import * as ownPresence from './own-presence.ts';
import * as ownRules from './own-rules.ts';
import * as ownSettings from './own-settings.ts';
import * as sending from './sending.ts';

/** Rejects with `StoreFault`. */
export function obey(command: Command, asking: Asking, rooms: Rooms): Lines | Promise<Lines> {
  switch (command.kind) {
    case 'list':
      return collecting.list(command.from, asking, rooms);
    case 'more':
      return collecting.more(asking, rooms);
    case 'get':
      return collecting.get(command.what, asking, rooms);
    case 'reject':
      return collecting.reject(command.numbers, asking, rooms);
    case 'send':
      return sending.send(command, asking, rooms);
    case 'outbox':
      return sending.outbox(asking, rooms);
    case 'recall':
      return sending.recall(command.numbers, asking, rooms);
    case 'change':
      return sending.change(command, asking, rooms);
    case 'say':
      return ownPresence.say(command.attribute, command.values, asking, rooms);
    case 'show':
      return ownPresence.show(command.attribute, asking, rooms);
    case 'reports':
      return ownSettings.reports(command.isOn, asking, rooms);
    case 'delivery':
      return ownSettings.delivery(command.method, asking, rooms);
    case 'help':
      return command.topic === undefined ? welcome : helpPages[command.topic];
    default:
      return obeyAboutOthers(command, asking, rooms);
  }
}

type AboutOthers = Extract<
  Command,
  { kind: 'rules' | 'allow' | 'disallow' | 'requests' | 'decide' | 'block' | 'unblock' | 'blocked' }
>;

function obeyAboutOthers(command: AboutOthers, asking: Asking, rooms: Rooms): Lines | Promise<Lines> {
  switch (command.kind) {
    case 'rules':
      return ownRules.rules(asking, rooms);
    case 'allow':
      return ownRules.allow(command, asking, rooms);
    case 'disallow':
      return ownRules.disallow(command, asking, rooms);
    case 'requests':
      return ownRules.requests(asking, rooms);
    case 'decide':
      return ownRules.decide(command, asking, rooms);
    case 'block':
      return ownRules.block(command.other, asking, rooms);
    case 'unblock':
      return ownRules.unblock(command.other, asking, rooms);
    case 'blocked':
      return ownRules.blocked(asking, rooms);
    default:
      return unreachable(command);
  }
}

/** What was not understood, and the nearest that would be. */
export function sayFault(fault: CommandFault): Lines {
  switch (fault.kind) {
    case 'unknown': {
      const nearest = fault.nearest === undefined ? '' : ` Did you mean "${fault.nearest}"?`;
      return [`I do not understand "${shorten(fault.said, 60)}".${nearest} Say "help" for what I do.`];
    }
    case 'incomplete':
      return [`I do not quite understand: ${fault.reason}. For example:`, ...helpPages[fault.topic]];
    case 'condition': {
      const { said, position, reason } = fault;
      const where = shorten(said.slice(position), 30);
      const pointer = where === '' ? 'at its end' : `at "${where}"`;
      return [`I do not understand the condition ${pointer} (character ${position + 1}): ${shorten(reason, 250)}.`];
    }
    default:
      return unreachable(fault);
  }
}
