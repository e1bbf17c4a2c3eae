/** Who is told of registrations: the event package `reg`, and what the registrar tells it. */
import type { TrustedPeers } from '../../accounts/trusted-peers.ts';
import { RegistrationBook } from '../../endpoints/sip/registration-events/registration-book.ts';
import { RegistrationPackage } from '../../endpoints/sip/registration-events/registration-package.ts';
import type { Address } from '../../model/address.ts';
import type { EventPackage } from '../../sip/event/event-package.ts';
import type { Notifier } from '../../sip/event/notifier/notifier.ts';
import type { BindingsChange, LocationService } from '../../sip/registrar/location-service.ts';
import type { ServerParts } from '../server-parts.ts';
import type { ServesAccount } from './registration-side.ts';

export interface RegistrationWatch {
  readonly eventPackage: EventPackage;
  changed(change: BindingsChange): void;
}

export interface RegistrationWatchNeeds {
  readonly serves: ServesAccount;
  readonly trusted: TrustedPeers;
  /** Asked for when something happens, since they are made later. */
  readonly location: () => LocationService;
  readonly notifier: () => Notifier;
}

export function createRegistrationWatch(parts: ServerParts, needs: RegistrationWatchNeeds): RegistrationWatch {
  const { config, clock } = parts;
  const book = new RegistrationBook({ clock, bindingsOf: (address) => needs.location().bindingsOf(address) });
  const eventPackage = new RegistrationPackage({
    book,
    paceMs: config.notifyPaceMs,
    serves: needs.serves,
    permitted: new Set(config.registrationWatchers),
    isTrusted: (address) => needs.trusted.has(address),
    domains: config.domains,
  });
  return {
    eventPackage,
    changed(change) {
      const address = change.addressOfRecord as Address;
      if (needs.notifier().hasSubscriptions(eventPackage.name, address)) {
        book.changed(change);
        needs.notifier().resourceChanged(eventPackage.name, address);
      } else if (book.has(address)) book.forget(address);
    },
  };
}
