/** Addresses as the machine gives them, in the form that everybody compares: an IPv4 address never in its IPv6 form. */
export function plainAddress(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
}
