/** What this machine is on the network: its addresses, and how many sockets it lets this process have. */
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { plainAddress } from './socket-address.ts';

/** How many files, sockets among them, this process may have open; undefined where the system does not say so. */
export function readOpenFilesMax(): number | undefined {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}

/** The numeric addresses of this machine, loopback last. */
export function readLocalAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const sorted = [...all.filter(({ internal }) => !internal), ...all.filter(({ internal }) => internal)];
  return sorted.map(({ address }) => plainAddress(address));
}
