/**
 * Phones that speak WBXML to the server, with libwbxml as their codec: what a person types is XML, what goes over the wire is
 * what that library writes, and what comes back is what it reads.
 */
import { spawnSync } from 'node:child_process';
import {
  type InteropCase,
  type InteropWorld,
  expectSame,
  expectThat,
  passwordOf,
  patienceMs,
} from '../interop-case.ts';

export const wbxmlPhoneCases: readonly InteropCase[] = [
  {
    name: 'libwbxml: phones of 1.1 and 1.2 send with a condition, publish presence, and are pushed to in WBXML',
    tool: 'xml2wbxml',
    moreTools: ['wbxml2xml'],
    async play(world) {
      const tom = await WbxmlPhone.logIn(world, 'tom', '1.2');
      const mary = await WbxmlPhone.logIn(world, 'mary', '1.1');
      await mary.request(published('NOT_AVAILABLE'));
      const held = await tom.request(message('mary', 'when you can'), 'availability is available');
      expectSame('the answer to a held message', textOf(held, 'Code'), '202');
      expectSame('the answer to an update', textOf(await mary.request(published('AVAILABLE')), 'Code'), '200');
      const pushed = await mary.wait('NewMessage');
      expectSame('what is pushed', textOf(pushed, 'ContentData'), 'when you can');
      expectThat(!pushed.includes('DeliveryCondition'), 'the condition has reached the recipient');
      const id = textOf(pushed, 'MessageID');
      await mary.post(
        'Response',
        textOf(pushed, 'TransactionID'),
        `<MessageDelivered><MessageID>${id}</MessageID></MessageDelivered>`,
      );
      const report = await tom.wait('DeliveryReport-Request');
      expectSame('the report', textOf(report, 'Code'), '200');
    },
  },
];

type Version = '1.1' | '1.2';

class WbxmlPhone {
  readonly #http: string;
  readonly #version: Version;
  #sessionId = '';
  #lastId = 0;

  private constructor(http: string, version: Version) {
    this.#http = http;
    this.#version = version;
  }

  static async logIn({ http }: InteropWorld, user: string, version: Version): Promise<WbxmlPhone> {
    const phone = new WbxmlPhone(http, version);
    const who = `<UserID>wv:${user}@localhost</UserID><ClientID><URL>http://${user}</URL></ClientID>`;
    const login = `<Login-Request>${who}<Password>${passwordOf(user)}</Password><TimeToLive>600</TimeToLive><SessionCookie>c</SessionCookie></Login-Request>`;
    const answer = await phone.request(login);
    expectSame(`the login of ${user}`, textOf(answer, 'Code'), '200');
    phone.#sessionId = textOf(answer, 'SessionID');
    const list =
      '<CapabilityList><InitialDeliveryMethod>P</InitialDeliveryMethod><AnyContent>T</AnyContent><MultiTrans>2</MultiTrans><ParserSize>16000</ParserSize></CapabilityList>';
    await phone.request(`<ClientCapability-Request>${list}</ClientCapability-Request>`);
    return phone;
  }

  request(xml: string, condition?: string): Promise<string> {
    this.#lastId += 1;
    return this.post('Request', `c${this.#lastId}`, xml, condition);
  }

  /** Asks until the server says it; the whole document. */
  async wait(name: string): Promise<string> {
    const endMs = performance.now() + patienceMs;
    while (performance.now() < endMs) {
      const news = await this.post('Request', '', '<Polling-Request/>');
      if (news.includes(`<${name}`)) return news;
      await new Promise((resolve) => setTimeout(resolve, pollEveryMs));
    }
    throw new Error(`the server never said ${name}`);
  }

  async post(mode: string, id: string, content: string, condition?: string): Promise<string> {
    const session =
      this.#sessionId === ''
        ? '<SessionType>Outband</SessionType>'
        : `<SessionType>Inband</SessionType><SessionID>${this.#sessionId}</SessionID>`;
    const descriptor = `<TransactionDescriptor><TransactionMode>${mode}</TransactionMode><TransactionID>${id}</TransactionID></TransactionDescriptor>`;
    const transaction = `<Transaction>${descriptor}<TransactionContent>${content}</TransactionContent>${condition === undefined ? '' : '<ExtBlock/>'}</Transaction>`;
    const type = `"-//OMA//DTD WV-CSP ${this.#version}//EN" "http://www.openmobilealliance.org/DTD/WV-CSP.DTD"`;
    const xml = `<?xml version="1.0"?><!DOCTYPE WV-CSP-Message PUBLIC ${type}><WV-CSP-Message><Session><SessionDescriptor>${session}</SessionDescriptor>${transaction}</Session></WV-CSP-Message>`;
    const octets = convert('xml2wbxml', ['-v', '1.3'], Buffer.from(xml));
    const response = await fetch(`${this.#http}/imps`, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.wv.csp.wbxml' },
      body: new Uint8Array(condition === undefined ? octets : withCondition(octets, condition)),
    });
    expectSame('the HTTP status', response.status, 200);
    const answer = Buffer.from(await response.arrayBuffer());
    if (answer.length === 0) return '';
    const language = this.#version === '1.1' ? 'CSP11' : 'CSP12';
    return convert('wbxml2xml', ['-m', '0', '-l', language], answer).toString();
  }
}

const pollEveryMs = 200;

function convert(tool: string, words: readonly string[], input: Uint8Array): Buffer {
  const { status, stdout, stderr } = spawnSync(tool, [...words, '-o', '-', '-'], { input });
  if (status !== 0) throw new Error(`${tool}: ${String(stderr)}${String(stdout)}`);
  return stdout;
}

/**
 * Puts the element into the empty ExtBlock (page 9, token 07) as a literal tag, whose name goes to the end of the string
 * table: the library says that it cannot write those.
 */
function withCondition(octets: Buffer, condition: string): Buffer {
  const [tableLengthAt, tableAt] = [4, 5];
  const tableLength = octets[tableLengthAt] ?? 0;
  const name = Buffer.from('DeliveryCondition\0');
  const block = Buffer.from([0x00, 0x09, 0x07]);
  const at = octets.indexOf(block);
  expectThat(octets[1] === 0 && at > 0, `an ExtBlock in ${octets.toString('hex')}`);
  const head = Buffer.from([...octets.subarray(0, tableLengthAt), tableLength + name.length]);
  const element = [0x00, 0x09, 0x47, 0x44, tableLength, 0x03, ...Buffer.from(condition), 0x00, 0x01, 0x01];
  const body = [octets.subarray(tableAt, tableAt + tableLength), name, octets.subarray(tableAt + tableLength, at)];
  return Buffer.concat([head, ...body, Buffer.from(element), octets.subarray(at + block.length)]);
}

function published(availability: string): string {
  const attribute = `<UserAvailability><Qualifier>T</Qualifier><PresenceValue>${availability}</PresenceValue></UserAvailability>`;
  return `<UpdatePresence-Request><PresenceSubList>${attribute}</PresenceSubList></UpdatePresence-Request>`;
}

function message(to: string, text: string): string {
  const info = `<MessageInfo><ContentType>text/plain</ContentType><ContentSize>${text.length}</ContentSize><Recipient><User><UserID>wv:${to}@localhost</UserID></User></Recipient></MessageInfo>`;
  return `<SendMessage-Request><DeliveryReport>T</DeliveryReport>${info}<ContentData>${text}</ContentData></SendMessage-Request>`;
}

/** The text of the first element of this name; the library writes some as CDATA. */
function textOf(xml: string, name: string): string {
  const content = new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(xml)?.[1] ?? '';
  return content.replace(/^\s*<!\[CDATA\[(.*)\]\]>\s*$/s, '$1');
}
