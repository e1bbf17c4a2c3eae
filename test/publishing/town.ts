/** A whole server in virtual time, phones over datagrams in memory, callers over HTTP. */
import type { VirtualTime } from '../../src/base/time/virtual-time.ts';
import { readPidf, type ReadPresence } from '../../src/cli/demo/user-agent/pidf-text.ts';
import type { SipText } from '../../src/cli/demo/user-agent/sip-text.ts';
import type { SocketAddress } from '../../src/sip/transport/ports.ts';
import { type PhoneWorld, VirtualPhone } from '../broken-calls/virtual-phone.ts';
import { HttpWorld } from '../http/http-world.ts';

export const mary = 'sip:mary@localhost';

export interface TownFlags {
  readonly [name: string]: string | readonly string[];
}

export class Town implements PhoneWorld {
  readonly #listeners = new Map<string, (bytes: Buffer) => void>();
  readonly #phones = new Map<string, VirtualPhone>();
  #http: HttpWorld;

  private constructor(http: HttpWorld) {
    this.#http = http;
    http.datagramSent = (bytes, to) => this.#listeners.get(`${to.address}:${to.port}`)?.(bytes);
  }

  /** Phones are trusted; everybody may see everything, unless flags say otherwise. */
  static async open(flags: TownFlags = {}): Promise<Town> {
    const usual = { trust: ['192.0.2.0/24'], 'visible-by-default': ['*'], 'notify-pace': ['0'], settle: ['0'] };
    return new Town(await HttpWorld.open({ ...usual, ...flags }));
  }

  get http(): HttpWorld {
    return this.#http;
  }

  get time(): VirtualTime {
    return this.#http.time;
  }

  send(bytes: Buffer, from: SocketAddress): void {
    this.#http.server.transport.onDatagram(bytes, from);
  }

  listen(at: SocketAddress, receive: (bytes: Buffer) => void): void {
    this.#listeners.set(`${at.address}:${at.port}`, receive);
  }

  /** The same for the same name; `device` tells several of one person apart. */
  phone(name: string, device = ''): VirtualPhone {
    const key = `${name} ${device}`;
    const phone = this.#phones.get(key) ?? new VirtualPhone(name, this, this.#phones.size + 1);
    this.#phones.set(key, phone);
    return phone;
  }

  /** kill -9, and the same again from what was durable. */
  async restart(): Promise<void> {
    this.#http = await this.#http.restarted();
  }

  /** Time passes until it is done. */
  async during<T>(work: Promise<T>, stepMs = 1): Promise<T> {
    const progress = { isDone: false };
    const settled = work.finally(() => (progress.isDone = true));
    settled.catch(() => undefined);
    while (!progress.isDone) await this.time.advance(stepMs);
    return settled;
  }

  async register(phone: VirtualPhone): Promise<void> {
    const headers = [['Contact', phone.contact] as const, ['Expires', '3600'] as const];
    await this.during(
      phone.request({ method: 'REGISTER', uri: 'sip:localhost', to: `sip:${phone.name}@localhost`, headers }),
    );
  }

  async subscribe(phone: VirtualPhone): Promise<void> {
    const headers = [
      ['Contact', phone.contact],
      ['Event', 'presence'],
      ['Expires', '3600'],
    ] as const;
    await this.during(phone.request({ method: 'SUBSCRIBE', uri: mary, headers }));
  }

  /** Answers the status. */
  async write(phone: VirtualPhone, text: string, condition?: string): Promise<number> {
    const when = condition === undefined ? [] : [['Deliver-When', condition] as const];
    const headers = [['Content-Type', 'text/plain'] as const, ...when];
    return (await this.during(phone.request({ method: 'MESSAGE', uri: mary, headers, body: text }))).status;
  }

  /** Mary as `who` sees her over HTTP. */
  async shown(who = 'tom'): Promise<Record<string, unknown>> {
    const { json } = await this.#http.call(who, 'GET', '/v1/presence/mary@localhost');
    const { visible: _visible, address: _address, ...attributes } = json;
    return attributes;
  }

  close(): Promise<void> {
    return this.#http.close();
  }
}

export function textsOf(phone: VirtualPhone): string[] {
  return phone.received.filter(({ method }) => method === 'MESSAGE').map(({ text }) => text);
}

export function notifiesOf(phone: VirtualPhone): SipText[] {
  return phone.received.filter(({ method }) => method === 'NOTIFY');
}

/** What a watcher was told last; a mood or activity that RPID has no element for is the text of `other`. */
export function lastTold(phone: VirtualPhone): ReadPresence {
  const text = notifiesOf(phone).at(-1)?.text ?? '';
  return readPidf(text.replaceAll(/<rpid:other>([^<]*)<\/rpid:other>/g, '<rpid:$1/>'));
}
