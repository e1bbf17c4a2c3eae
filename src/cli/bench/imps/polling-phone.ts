/** One phone behind the gateway: a session, messages that it sends, polls. In 1.2 and WBXML, as the most of its kind. */
import { CspLine } from '../../imps-phone/csp-line.ts';
import { node, textAt, type CspNode } from '../../imps-phone/csp-node.ts';
import { readWbxml } from '../../imps-phone/phone-wbxml.ts';
import { passwordOf } from '../load/wire/login-book.ts';
import { bodyBytes, formatUserNumber, userOf } from '../load/wire/request-texts.ts';
import type { Gateway } from './gateway.ts';

const keepAliveSeconds = 3600;

export class PollingPhone {
  readonly #gateway: Gateway;
  readonly #domain: string;
  readonly #user: number;
  readonly #line = new CspLine({ http: '', version: '1.2', syntax: 'wbxml' });
  #poll: Uint8Array | undefined;

  constructor(gateway: Gateway, domain: string, user: number) {
    this.#gateway = gateway;
    this.#domain = domain;
    this.#user = user;
  }

  async login(): Promise<boolean> {
    const request = node(
      'Login-Request',
      node('UserID', this.#idOf(this.#user)),
      node('ClientID', node('URL', 'http://bench.example')),
      node('Password', passwordOf(this.#user)),
      node('TimeToLive', keepAliveSeconds),
      node('SessionCookie', String(this.#user)),
    );
    const answer = contentOf(await this.#ask(request), 'Login-Response');
    this.#line.sessionId = textAt(answer, 'SessionID');
    const list = node('CapabilityList', node('ClientType', 'MOBILE_PHONE'), node('InitialDeliveryMethod', 'P'));
    await this.#ask(node('ClientCapability-Request', list));
    return textAt(answer, 'Result/Code') === '200';
  }

  /** The code that the server answered. */
  async send(recipient: number): Promise<string> {
    const info = node(
      'MessageInfo',
      node('ContentType', 'text/plain'),
      node('ContentSize', bodyBytes),
      node('Recipient', node('User', node('UserID', this.#idOf(recipient)))),
      node('Sender', node('User', node('UserID', this.#idOf(this.#user)))),
    );
    const text = node('ContentData', `${this.#user} `.padEnd(bodyBytes, '.'));
    const answer = await this.#ask(node('SendMessage-Request', node('DeliveryReport', 'F'), info, text));
    return textAt(contentOf(answer, 'SendMessage-Response'), 'Result/Code');
  }

  /** True when there was nothing. */
  async poll(): Promise<boolean> {
    this.#poll ??= this.#line.encode(this.#line.document([this.#line.transaction(node('Polling-Request'))]));
    return (await this.#gateway.post(this.#poll)).length === 0;
  }

  async #ask(primitive: CspNode): Promise<CspNode> {
    const octets = this.#line.encode(this.#line.document([this.#line.transaction(primitive)]));
    return readWbxml(await this.#gateway.post(octets), '1.2');
  }

  #idOf(user: number): string {
    return `wv:${userOf(formatUserNumber(user))}@${this.#domain}`;
  }
}

function contentOf(document: CspNode, name: string): CspNode {
  const [session] = document.children;
  const contents = (session?.children ?? []).flatMap(({ children }) => children).flatMap(({ children }) => children);
  return contents.find((each) => each.name === name) ?? node(name);
}
