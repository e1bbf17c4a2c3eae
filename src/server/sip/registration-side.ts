/** Who may come in: accounts that are served, their passwords, and where they registered. */
import type { TrustedPeers } from '../../accounts/trusted-peers.ts';
import { Identifier } from '../../endpoints/sip/identity.ts';
import type { Address } from '../../model/address.ts';
import { DigestGuard } from '../../sip/digest/digest-guard.ts';
import { parseSipUri } from '../../sip/message/sip-uri.ts';
import { isOutboundKey } from '../../sip/registrar/contact-binding.ts';
import { flowSilenceMsMax } from '../../sip/registrar/keep-alive-time.ts';
import { type BindingsChange, LocationService } from '../../sip/registrar/location-service.ts';
import { defaultRegistrarRules } from '../../sip/registrar/registrar.ts';
import type { TransportLayer } from '../../sip/transport/transport-layer.ts';
import type { AccountsSide } from '../accounts-side.ts';
import type { ServerParts } from '../server-parts.ts';
import { schemes } from './transport-side.ts';

export type ServesAccount = (address: Address) => boolean | Promise<boolean>;

export function createLocation(
  parts: ServerParts,
  transport: TransportLayer,
  onBindingsChanged: (change: BindingsChange) => void,
): LocationService {
  const { stores, clock, timers, log } = parts;
  return new LocationService({
    store: stores.bindings,
    clock,
    timers,
    log,
    rules: {
      ...defaultRegistrarRules,
      // What counts is where a request would go, and that is the maddr where there is one.
      isOurs: ({ host, port, params }) =>
        transport.isOurs(host, port) || transport.isOurs(params.get('maddr') ?? '', port),
      isOurRoute: ({ host, port, params }) => transport.isOurSentBy(params.get('maddr') ?? host, port),
    },
    isOpen: (flow) => transport.isOpen(flow),
    onBindingsChanged: (change) => {
      onBindingsChanged(change);
      if (change.cause === 'registered') expectKeepAlives(change, transport);
    },
  });
}

/** A flow is what such clients registered; one that dies unseen must be seen to be dead (RFC 5626 5.4). */
function expectKeepAlives({ after, keys }: BindingsChange, transport: TransportLayer): void {
  for (const { key, flow } of after) {
    if (keys.includes(key) && isOutboundKey(key) && flow.connection !== undefined)
      transport.expectKeepAlives(flow.connection, flowSilenceMsMax);
  }
}

function createGuard({ config, hashes, ids, clock }: ServerParts, { directory, guesses }: AccountsSide): DigestGuard {
  return new DigestGuard({
    mode: config.digest,
    attempts: guesses,
    lookUpHash: (userName, realm, algorithm) => directory.lookUpHash(userName, realm, algorithm),
    takesUri: (uri) => {
      const parsed = parseSipUri(uri);
      return parsed.ok && schemes.includes(parsed.value.scheme);
    },
    hashes,
    ids,
    clock,
  });
}

export function createIdentifier(parts: ServerParts, accounts: AccountsSide, trusted: TrustedPeers): Identifier {
  const { domains } = parts.config;
  return new Identifier({ guard: createGuard(parts, accounts), trusted, domains, counters: parts.counters });
}

export function servesAccount({ directory }: AccountsSide): ServesAccount {
  return (address) => {
    const standing = directory.lookUp(address);
    return typeof standing === 'string' ? standing === 'known' : standing.then((found) => found === 'known');
  };
}
