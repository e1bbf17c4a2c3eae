/** Transport and user agent core, with the limits that the settings give them. */
import { systemInflate } from '../../base/system-inflate.ts';
import type { Inflation } from '../../endpoints/sip/messaging/outgoing-content.ts';
import { deliverWhenTag } from '../../endpoints/sip/condition-header.ts';
import { defaultMessageLimits, type MessageLimits } from '../../sip/message/parsing/message-limits.ts';
import type { SipUriScheme } from '../../sip/message/sip-uri.ts';
import { defaultTiming } from '../../sip/transaction/machines/transaction-timing.ts';
import { TransportLayer } from '../../sip/transport/transport-layer.ts';
import { limitsFor } from '../../sip/transport/transport-limits.ts';
import { ServerCore } from '../../sip/user-agent/server-core.ts';
import type { ServerParts } from '../server-parts.ts';
import { RegisterTurns } from './register-turns.ts';
import { hostOf, productOf, particularTags } from './capabilities.ts';

/** Of addresses that are served. */
export const schemes: readonly SipUriScheme[] = ['sip', 'sips', 'im', 'pres', 'wv'];

export function createTransport(parts: ServerParts): TransportLayer {
  const { config, clock, timers, ids, counters, resolver, version, openFilesMax } = parts;
  return new TransportLayer({
    clock,
    timers,
    ids,
    counters,
    server: productOf(version),
    warningHost: hostOf(config),
    messageLimits: messageLimitsOf(config),
    limits: limitsFor(openFilesMax),
    ...(resolver === undefined ? {} : { resolver }),
  });
}

export function paceRegisters({ clock, timers, counters }: ServerParts, transport: TransportLayer): RegisterTurns {
  const registers = new RegisterTurns({
    clock,
    timers,
    counters,
    isOpen: (flow) => transport.isOpen(flow),
    read: (bytes, flow) => transport.read(bytes, flow),
  });
  transport.pace(registers);
  return registers;
}

/** A body over --max-body is read all the same, so that it can be answered by the one who knows that limit. */
export function messageLimitsOf({ bodyBytesMax }: ServerParts['config']): MessageLimits {
  return { ...defaultMessageLimits, bodyBytesMax: Math.max(defaultMessageLimits.bodyBytesMax, bodyBytesMax) };
}

export function createCore(parts: ServerParts, transport: TransportLayer): ServerCore {
  const { config, clock, ids, log, counters, timing = defaultTiming, version } = parts;
  return new ServerCore({
    agent: { server: productOf(version), host: hostOf(config) },
    schemes,
    optionTags: ['path', 'outbound', deliverWhenTag, ...particularTags],
    isOurSentBy: (name, port) => transport.isOurSentBy(name, port),
    clock,
    ids,
    log,
    counters,
    timing,
  });
}

/** What is undone of encoded bodies, up to the size of one that is not. */
export function inflationOf({ config }: ServerParts): Inflation {
  return { inflate: systemInflate, bytesMax: config.bodyBytesMax };
}
