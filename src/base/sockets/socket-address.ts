/** Numeric addresses in the form that everybody compares. No look-ups. */

/** An address as the machine knows it: numeric, without brackets; an IPv4 address never in its IPv6 form. */
export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

/** An IPv4 address that arrived in its IPv6 form (a socket for both families) as IPv4; without a zone. */
export function plainAddress(address = ''): string {
  const zone = address.indexOf('%');
  const bare = zone === -1 ? address : address.slice(0, zone);
  return bare.startsWith('::ffff:') && bare.includes('.') ? bare.slice(7) : bare;
}

export function isIpv6Address(address: string): boolean {
  return address.includes(':');
}

/** `127.0.0.1:5060`, `[::1]:5060`. */
export function formatSocketAddress(address: string, port: number): string {
  return isIpv6Address(address) ? `[${address}]:${port}` : `${address}:${port}`;
}
