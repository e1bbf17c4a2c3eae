/** A datagram port on node:dgram. Takes datagrams of any size that UDP has (RFC 3261 18.1.1). */
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { ListenFault } from '../../../base/sockets/listen-fault.ts';
import { formatSocketAddress, isIpv6Address, plainAddress } from '../../../base/sockets/socket-address.ts';
import type { DatagramListener, DatagramPort, SocketAddress } from '../ports.ts';

/** Bursts wait here while the process does something else; the kernel cuts it to what it allows (rmem_max). */
const receiveBufferBytes = 8_388_608;
const sendBufferBytes = 4_194_304;

/** Binds; port 0 takes a free one. Throws `ListenFault`. */
export async function openUdpSocket(host: string, port: number, listener: DatagramListener): Promise<DatagramPort> {
  const isIpv6 = isIpv6Address(host);
  const socket = createSocket({
    type: isIpv6 ? 'udp6' : 'udp4',
    // Only numeric addresses are sent to: the default look-up would cost a turn of the event loop each time.
    lookup: (address, _options, done) => done(null, address, isIpv6 ? 6 : 4),
  });
  await bind(socket, host, port);
  enlargeBuffers(socket);
  // What an unconnected socket reports later (ICMP) belongs to no datagram; the timer of the request tells.
  socket.on('error', () => undefined);
  socket.on('message', (bytes, from) => {
    listener.onDatagram(bytes, { address: plainAddress(from.address), port: from.port });
  });
  return new UdpPort(socket);
}

async function bind(socket: Socket, host: string, port: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ address: host, port, exclusive: true }, () => {
        socket.off('error', reject);
        resolve();
      });
    });
  } catch (cause) {
    socket.close();
    throw new ListenFault(`udp ${formatSocketAddress(host, port)}`, cause);
  }
}

function enlargeBuffers(socket: Socket): void {
  try {
    socket.setRecvBufferSize(receiveBufferBytes);
    socket.setSendBufferSize(sendBufferBytes);
  } catch {
    // Some systems refuse what Linux only cuts; their own size works too.
  }
}

interface Outgoing {
  readonly bytes: Uint8Array;
  readonly port: number;
  readonly address: string;
  readonly onFailure: (() => void) | undefined;
}

/**
 * What one turn of the event loop sends leaves at its end, back to back. A send wakes its receiver, who takes the core or
 * its caches from whoever was at work; now the datagrams of a turn are read and answered first, all of them.
 */
class UdpPort implements DatagramPort {
  readonly local: SocketAddress;
  readonly #socket: Socket;
  readonly #isIpv6: boolean;
  readonly #leave = (): void => this.#sendAll();
  #outgoing: Outgoing[] = [];
  #isOpen = true;

  constructor(socket: Socket) {
    this.#socket = socket;
    const { address, port, family } = socket.address();
    this.#isIpv6 = family === 'IPv6';
    this.local = { address: plainAddress(address), port };
  }

  send(bytes: Uint8Array, to: SocketAddress, onFailure?: () => void): void {
    const address = this.#addressOf(to.address);
    if (!this.#isOpen || address === undefined || to.port === 0) {
      onFailure?.();
      return;
    }
    if (this.#outgoing.length === 0) setImmediate(this.#leave);
    this.#outgoing.push({ bytes, port: to.port, address, onFailure });
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#sendAll();
    this.#isOpen = false;
    this.#socket.close();
  }

  #sendAll(): void {
    const all = this.#outgoing;
    this.#outgoing = [];
    for (const { bytes, port, address, onFailure } of all) {
      if (onFailure === undefined) this.#socket.send(bytes, port, address);
      else this.#socket.send(bytes, port, address, (fault) => (fault === null ? undefined : onFailure()));
    }
  }

  /** As this socket's family writes it; undefined when it cannot. */
  #addressOf(address: string): string | undefined {
    if (isIpv6Address(address) === this.#isIpv6) return address;
    return this.#isIpv6 ? `::ffff:${address}` : undefined;
  }
}
