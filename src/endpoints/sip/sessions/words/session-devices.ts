/**
 * What a contact said of sessions of messages when it registered (RFC 3840): that it has MSRP, in whose words, or nothing, which
 * may mean either (docs/sessions.md).
 */
import { uncheckedParams } from '../../../../sip/message/grammar/header-params.ts';
import type { SipHeaders } from '../../../../sip/message/sip-headers.ts';
import type { Binding } from '../../../../sip/registrar/ports.ts';
import { deviceOf } from '../../messaging/device-memory.ts';
import type { SessionKind } from './session-kind.ts';
import { featuresIn } from './feature-words.ts';

/** Whether a contact said that it has MSRP. */
export function declaresMsrp({ contactParameters }: Pick<Binding, 'contactParameters'>): boolean {
  if (contactParameters === '') return false;
  const parameters = uncheckedParams(contactParameters);
  const features = featuresIn(parameters);
  return features.has('im') || features.has('large-message') || features.has('session') || parameters.has('message');
}

/** Its methods leave INVITE out: there is no asking it. */
export function refusesInvite({ contactParameters }: Pick<Binding, 'contactParameters'>): boolean {
  const methods = contactParameters === '' ? undefined : uncheckedParams(contactParameters).get('methods');
  return methods !== undefined && !methods.split(',').some((method) => method.trim() === 'INVITE');
}

/** Those that may be invited; of a device that is reached in several ways the one by which it came last. */
export function sessionBindings(bindings: readonly Binding[]): Binding[] {
  const newest = new Map<string, Binding>();
  for (const binding of bindings) {
    if (refusesInvite(binding)) continue;
    const known = newest.get(deviceOf(binding));
    if (known === undefined || known.expiresAt <= binding.expiresAt) newest.set(deviceOf(binding), binding);
  }
  return [...newest.values()];
}

/** It speaks CPM, and not OMA's older words. */
export function speaksCpm({ contactParameters }: Pick<Binding, 'contactParameters'>): boolean {
  const text = contactParameters.toLowerCase();
  return text.includes('oma.cpm.') && !text.includes('+g.oma.sip-im');
}

/** An INVITE that asks in the words of CPM is answered in them. */
export function asksInCpm(headers: SipHeaders): boolean {
  const words = [...headers.getAll('Accept-Contact'), ...headers.getAll('P-Preferred-Service')].join().toLowerCase();
  return words.includes('oma.cpm.') && !words.includes('+g.oma.sip-im');
}

/** How a message session is asked for. */
export function sessionRows(kind: SessionKind, isCpm: boolean): [string, string][] {
  if (isCpm) {
    const service = `urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.${cpmNames[kind]}`;
    return [
      ['Accept-Contact', `*;+g.3gpp.icsi-ref="${service}"`],
      ['P-Preferred-Service', decodeURIComponent(service)],
    ];
  }
  return [['Accept-Contact', kind === 'large-message' ? '*;+g.oma.sip-im.large-message' : '*;+g.oma.sip-im']];
}

/** What our own Contact says of such a session. */
export function ownFeatures(kind: SessionKind, isCpm: boolean): string {
  if (isCpm) return `;+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.${cpmNames[kind]}"`;
  return kind === 'large-message' ? ';+g.oma.sip-im;+g.oma.sip-im.large-message' : ';+g.oma.sip-im';
}

const cpmNames = { 'large-message': 'largemsg', 'file-transfer': 'filetransfer', conversation: 'session' } as const;
