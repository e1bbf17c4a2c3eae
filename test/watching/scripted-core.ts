/** A SIP core as a script: it tells by `reg` who is registered there, and takes the MESSAGEs that are routed to it. */
import { formatSipText, type HeaderLine, parseSipText, type SipText } from '../../src/cli/demo/user-agent/sip-text.ts';
import type { DatagramPort } from '../../src/sip/transport/ports.ts';
import { elsewhere, type Network, ours } from './two-servers.ts';

interface Subscription {
  readonly request: SipText;
  readonly tag: string;
  version: number;
  cseq: number;
}

export class ScriptedCore {
  readonly messages: SipText[] = [];
  readonly subscribes: SipText[] = [];
  readonly notifyAnswers: number[] = [];
  /** Contacts by user, as elements of reginfo. */
  readonly contacts = new Map<string, string>();
  /** What MESSAGEs are answered with. */
  reply = 200;
  readonly #port: DatagramPort;
  readonly #subscriptions = new Map<string, Subscription>();
  #count = 0;

  constructor(network: Network) {
    const onDatagram = (bytes: Uint8Array): void => this.#handle(Buffer.from(bytes));
    this.#port = network.wires.openDatagrams(elsewhere, { onDatagram });
  }

  /** A partial document about one contact of a user. */
  tell(user: string, contact: string, registration = 'active'): void {
    this.#notify(user, { state: 'partial', contacts: contact, registration });
  }

  /** The next document is lost. */
  omit(user: string): void {
    const subscription = this.#subscriptions.get(user);
    if (subscription !== undefined) subscription.version += 1;
  }

  end(user: string, reason: string): void {
    this.#notify(user, { state: 'full', contacts: '', registration: 'init', life: `terminated;reason=${reason}` });
    this.#subscriptions.delete(user);
  }

  #handle(bytes: Buffer): void {
    const message = parseSipText(bytes);
    if (message === undefined) throw new Error('the core got what is no SIP message');
    if (!message.isRequest) {
      if (message.status >= 200) this.notifyAnswers.push(message.status);
      return;
    }
    if (message.method === 'MESSAGE') {
      this.messages.push(message);
      this.#answer(message, this.reply, []);
      return;
    }
    this.subscribes.push(message);
    const user = /^sip:([^@]+)@/.exec(/<([^>]*)>/.exec(message.header('To') ?? '')?.[1] ?? '')?.[1] ?? '';
    const known = this.#subscriptions.get(user);
    const isNext = (message.header('To') ?? '').includes(';tag=');
    if (isNext && known === undefined) return this.#answer(message, 481, []);
    const subscription =
      isNext && known !== undefined ? known : { request: message, tag: `c${(this.#count += 1)}`, version: 0, cseq: 0 };
    this.#subscriptions.set(user, subscription);
    this.#answer(message, 200, [['Expires', message.header('Expires') ?? '']], subscription.tag);
    const isLast = message.header('Expires') === '0';
    const contacts = this.contacts.get(user) ?? '';
    const registration = contacts === '' ? 'init' : 'active';
    const life = isLast ? 'terminated;reason=timeout' : 'active';
    this.#notify(user, { state: 'full', contacts, registration, life });
  }

  #answer(request: SipText, status: number, more: readonly HeaderLine[], tag = 'core'): void {
    const copied = ['via', 'from', 'call-id', 'cseq'];
    const headers = request.headers.filter(([name]) => copied.includes(name.toLowerCase()));
    const to = request.header('To') ?? '';
    const tagged: HeaderLine = ['To', to.includes(';tag=') ? to : `${to};tag=${tag}`];
    this.#send(formatSipText(`SIP/2.0 ${status} X`, [...headers, tagged, ...more], Buffer.alloc(0)));
  }

  #notify(user: string, { state, contacts, registration, life = 'active' }: Telling): void {
    const subscription = this.#subscriptions.get(user);
    if (subscription === undefined) throw new Error(`nobody asked about ${user}`);
    const { request, tag } = subscription;
    const body =
      `<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="${subscription.version++}" state="${state}">` +
      `<registration aor="sip:${user}@localhost" id="r" state="${registration}">${contacts}</registration></reginfo>`;
    const [address] = (request.header('To') ?? '').split(';tag=');
    const rows: HeaderLine[] = [
      ['Via', `SIP/2.0/UDP ${elsewhere.address}:${elsewhere.port};branch=z9hG4bKcore${(this.#count += 1)}`],
      ['Max-Forwards', '70'],
      ['From', `${address};tag=${tag}`],
      ['To', request.header('From') ?? ''],
      ['Call-ID', request.header('Call-ID') ?? ''],
      ['CSeq', `${(subscription.cseq += 1)} NOTIFY`],
      ['Contact', `<sip:${elsewhere.address}:${elsewhere.port}>`],
      ['Event', 'reg'],
      ['Subscription-State', life],
      ['Content-Type', 'application/reginfo+xml'],
    ];
    this.#send(formatSipText(`NOTIFY sip:${ours.address}:${ours.port} SIP/2.0`, rows, Buffer.from(body)));
  }

  #send(bytes: Buffer): void {
    this.#port.send(Uint8Array.from(bytes), ours);
  }
}

interface Telling {
  readonly state: 'full' | 'partial';
  readonly contacts: string;
  readonly registration: string;
  readonly life?: string;
}

/** An element of reginfo. */
export function contactElement(id: string, event = 'registered', inside = ''): string {
  const state = ['registered', 'created', 'refreshed'].includes(event) ? 'active' : 'terminated';
  return `<contact id="${id}" state="${state}" event="${event}"><uri>sip:${id}@198.51.100.9</uri>${inside}</contact>`;
}
