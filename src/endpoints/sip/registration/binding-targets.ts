/**
 * What a binding is to delivery: a client that came, was heard of, or went, with the style that was agreed with it.
 */
import type { DeliveryService } from '../../../delivery/delivery-service.ts';
import type { Address } from '../../../model/address.ts';
import type { SipHeaders } from '../../../sip/message/sip-headers.ts';
import type { BindingsChange } from '../../../sip/registrar/location-service.ts';
import type { Binding, Flow } from '../../../sip/registrar/ports.ts';
import { SipTarget, type SipTargetTools } from '../messaging/sip-target.ts';
import type { WaitingNotices } from '../summary/waiting-notices.ts';
import { isSameFlow } from './contact-destination.ts';
import { styleOf } from './delivery-style.ts';

export interface BindingTargetsPlan {
  readonly delivery: Pick<DeliveryService, 'targetUp' | 'targetDown' | 'targetHeard'>;
  readonly tools: SipTargetTools;
  readonly notices: Pick<WaitingNotices, 'registered' | 'gone'>;
  /** Whether messages may be kept until a client fetches them. */
  readonly mayWait: boolean;
  /** A client of this principal came, or was heard of: what else waits for it may go. */
  readonly onClientAlive: (principal: Address) => void;
}

export class BindingTargets {
  readonly #plan: BindingTargetsPlan;

  constructor(plan: BindingTargetsPlan) {
    this.#plan = plan;
  }

  /** At the start, for what was registered before it. */
  restored(binding: Binding): void {
    this.#up(binding);
  }

  changed({ addressOfRecord, before, after, cause, keys }: BindingsChange): void {
    const principal = addressOfRecord as Address;
    for (const key of keys) {
      const binding = after.find((each) => each.key === key);
      if (binding?.takesMessage !== true) this.#down(principal, key);
      else if (cause === 'refreshed') this.#heard(principal, key);
      else this.#up(binding);
      const old = before.find((each) => each.key === key);
      // Another Call-ID is a client that was started anew (RFC 3261 10.2).
      if (binding?.takesMessage === true) this.#noticeFor(binding, old?.callId !== binding.callId);
      if (old !== undefined && binding === undefined) this.#plan.tools.devices.forget(old, after);
    }
  }

  /**
   * Any request of a principal over the flow of a binding shows that this client is alive (contract section 4), and what it
   * can undo.
   */
  heard(principal: Address, flow: Flow, bindings: readonly Binding[], headers: SipHeaders): void {
    const offer = headers.getAll('Accept-Encoding');
    for (const binding of bindings) {
      if (!isSameFlow(binding.flow, flow)) continue;
      this.#heard(principal, binding.key);
      this.#plan.tools.devices.noteOffer(binding, offer);
    }
  }

  /** Whom an answer to a request over this flow goes to: the clients of this flow, or all where it is none of theirs. */
  clientsOver(flow: Flow, bindings: readonly Binding[]): string[] {
    const near = bindings.filter((binding) => isSameFlow(binding.flow, flow));
    return (near.length === 0 ? bindings : near).map(({ key }) => key);
  }

  #heard(principal: Address, key: string): void {
    this.#plan.delivery.targetHeard(principal, key);
    this.#plan.onClientAlive(principal);
  }

  #up(binding: Binding): void {
    if (!binding.takesMessage) return;
    const style = styleOf(binding.contactParameters, this.#plan.mayWait);
    const target = new SipTarget(binding, style, this.#plan.tools);
    const principal = binding.addressOfRecord as Address;
    this.#plan.delivery.targetUp(principal, target);
    this.#plan.onClientAlive(principal);
  }

  #down(principal: Address, key: string): void {
    this.#plan.delivery.targetDown(principal, key);
    this.#plan.notices.gone(principal, key);
  }

  #noticeFor(binding: Binding, isNew: boolean): void {
    const { notices, mayWait } = this.#plan;
    if (styleOf(binding.contactParameters, mayWait) === 'notify') notices.registered(binding, isNew);
    else notices.gone(binding.addressOfRecord as Address, binding.key);
  }
}
