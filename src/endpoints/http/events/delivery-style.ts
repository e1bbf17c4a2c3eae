/** How somebody's HTTP clients are delivered to: as they wished, as far as this server can promise it (contract section 6). */
import type { ClientDelivery } from '../../../accounts/ports.ts';

export const deliveryStyles: readonly ClientDelivery[] = ['push', 'notify', 'pull'];

/** Where nothing is kept there is nothing to fetch. */
export function agreedStyle(
  wish: ClientDelivery | undefined,
  { isStoreOffline }: { readonly isStoreOffline: boolean },
): ClientDelivery {
  return isStoreOffline ? (wish ?? 'push') : 'push';
}
