import { describe, expect, it } from 'vitest';
import { openMemoryHost } from '../transcripts/memory-host.ts';
import type { TranscriptHost } from '../transcripts/transcript-host.ts';

const cast = [
  { name: 'tom', transport: 'udp' },
  { name: 'john', transport: 'udp' },
  { name: 'mary', transport: 'udp' },
] as const;

type Sending = [from: string, method: string, fields: string, body: string, to?: string];

/** Everything that mary's phone gets from the server in one world, the answers to her own requests included. */
class MarysPhone {
  readonly heard: string[] = [];
  /** What she answers to the next messages; 200 to those after them. */
  answers: string[] = [];
  readonly #host: TranscriptHost;
  #count = 0;

  constructor(host: TranscriptHost) {
    this.#host = host;
    host.onReceive((actor, bytes) => {
      if (actor !== 'mary') return;
      const text = bytes.toString('latin1');
      this.heard.push(text);
      if (!text.startsWith('SIP/2.0')) void this.#host.send('mary', answerTo(text, this.answers.shift()));
    });
  }

  async write(from: string, text: string, condition?: string): Promise<void> {
    const when = condition === undefined ? '' : `Deliver-When: ${condition}\r\nRequire: deliver-when\r\n`;
    const fields = `${when}Subject: Lunch\r\nPriority: urgent\r\nContent-Type: text/plain;charset=utf-8;format=flowed\r\n`;
    await this.#send(from, 'MESSAGE', fields, text);
  }

  async register(behind = ''): Promise<void> {
    const { host, port } = this.#host.addressOf('mary');
    await this.#send('mary', 'REGISTER', `Contact: <sip:mary@${host}:${port}>${behind}\r\nExpires: 3600\r\n`, '');
  }

  /** Says something to the assistant. */
  async ask(text: string): Promise<void> {
    await this.#send('mary', 'MESSAGE', 'Content-Type: text/plain\r\n', text, 'inbox');
  }

  async wait(ms: number): Promise<void> {
    await this.#host.advance(ms);
  }

  async restartServer(): Promise<void> {
    await this.#host.restart?.();
  }

  async publish(availability: string): Promise<void> {
    const document = `<?xml version="1.0"?><presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" entity="sip:mary@localhost"><tuple id="t"><status><basic>open</basic></status></tuple><dm:person id="p"><availability xmlns="urn:restante:presence">${availability}</availability></dm:person></presence>`;
    const fields = 'Event: presence\r\nExpires: 3600\r\nContent-Type: application/pidf+xml\r\n';
    await this.#send('mary', 'PUBLISH', fields, document);
  }

  async #send(...[from, method, fields, body, to = 'mary']: Sending): Promise<void> {
    const { host, port } = this.#host.addressOf(from);
    const n = (this.#count += 1);
    const target = method === 'REGISTER' ? 'sip:localhost' : `sip:${to}@localhost`;
    const head =
      `${method} ${target} SIP/2.0\r\nVia: SIP/2.0/UDP ${host}:${port};branch=z9hG4bK${from}${n};rport\r\n` +
      `Max-Forwards: 70\r\nFrom: <sip:${from}@localhost>;tag=${from}${n}\r\nTo: <sip:${to}@localhost>\r\n` +
      `Call-ID: ${from}${n}\r\nCSeq: ${n} ${method}\r\n${fields}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
    await this.#host.send(from, Buffer.from(head + body));
    await this.#host.advance(50);
  }
}

function answerTo(request: string, status = '200 OK'): Buffer {
  const rows = request.split('\r\n').filter((row) => /^(Via|From|To|Call-ID|CSeq):/.test(row));
  const tagged = rows.map((row) => (row.startsWith('To:') ? `${row};tag=mary` : row));
  return Buffer.from([`SIP/2.0 ${status}`, ...tagged, 'Content-Length: 0', '', ''].join('\r\n'));
}

/** Ids, tags, branches, entity tags and times are different in any two messages; nothing else may be. */
function normalise(heard: readonly string[]): string[] {
  return heard.map((text) =>
    text
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'ID')
      .replace(/;tag=[^\s;>]+/g, ';tag=TAG')
      .replace(/;branch=[^\s;]+/g, ';branch=BRANCH')
      .replace(/^SIP-ETag: .*$/gm, 'SIP-ETag: ETAG')
      .replace(/^Date: .*$/gm, 'Date: DATE')
      .replace(/;accepted=[^\r]*/g, ';accepted=TIME')
      .replace(/^(Expires|Contact:.*;expires)(: |=)\d+/gm, '$1$2SECONDS'),
  );
}

async function play(story: (phone: MarysPhone) => Promise<void>): Promise<string[]> {
  const host = await openMemoryHost({ cast, flags: [] });
  const phone = new MarysPhone(host);
  await story(phone);
  await host.advance(5000);
  await host.close();
  return phone.heard;
}

describe('"every byte, count and order that reaches them is alike"', () => {
  it('a message that waited for a login and one whose condition was unmet until that login', async () => {
    const away = await play(async (phone) => {
      await phone.write('tom', 'one');
      await phone.write('john', 'two');
      await phone.write('tom', 'three');
      await phone.publish('available');
      await phone.register();
    });
    const unmet = await play(async (phone) => {
      await phone.write('tom', 'one', 'availability is available');
      await phone.write('john', 'two');
      await phone.write('tom', 'three', 'online and availability is available');
      await phone.publish('available');
      await phone.register();
    });
    expect(away.filter((text) => text.startsWith('MESSAGE')).length).toBe(3);
    expect(normalise(unmet)).toEqual(normalise(away));
    const messages = unmet.filter((text) => text.startsWith('MESSAGE'));
    expect(messages.join('\n')).not.toMatch(/deliver-when|is available/i);
  });
  it('also when her phone fails at first, and when the server is killed in between', async () => {
    const story =
      (condition: string | undefined) =>
      async (phone: MarysPhone): Promise<void> => {
        await phone.write('tom', 'one', condition);
        await phone.restartServer();
        await phone.write('tom', 'two', condition);
        await phone.publish('available');
        phone.answers = ['486 Busy Here', '500 Server Internal Error'];
        await phone.register();
        await phone.wait(31_000);
        await phone.restartServer();
        await phone.wait(60_000);
      };
    const away = await play(story(undefined));
    const unmet = await play(story('online and availability is available'));
    expect(away.filter((text) => text.startsWith('MESSAGE')).length).toBeGreaterThan(3);
    expect(normalise(unmet)).toEqual(normalise(away));
  });
  it('a message that is released by a publication looks like one that is released by a login', async () => {
    const byLogin = await play(async (phone) => {
      await phone.write('tom', 'one');
      await phone.register();
    });
    const byPublication = await play(async (phone) => {
      await phone.publish('not-available');
      await phone.register();
      await phone.write('tom', 'one', 'availability is available');
      await phone.publish('available');
    });
    const onlyMessages = (heard: readonly string[]) => normalise(heard).filter((text) => text.startsWith('MESSAGE'));
    expect(onlyMessages(byPublication)).toEqual(onlyMessages(byLogin));
    expect(onlyMessages(byLogin).length).toBe(1);
  });
  it('what she is told and sent when she asks for all of one sender', async () => {
    const story =
      (condition: string | undefined) =>
      async (phone: MarysPhone): Promise<void> => {
        await phone.register(';+restante.delivery="pull"');
        await phone.publish('not-available');
        for (const text of ['one', 'two', 'three', 'four']) await phone.write('tom', text, condition);
        await phone.ask('all from tom');
        await phone.ask('get 2');
        await phone.ask('reject 3');
        phone.answers = ['200 OK', '500 Server Internal Error'];
        await phone.ask('get from tom');
        await phone.restartServer();
        await phone.ask('get 1');
        await phone.ask('all from tom');
        await phone.publish('available');
        await phone.ask('list');
        await phone.ask('get all');
        await phone.ask('list');
      };
    const waiting = await play(story(undefined));
    const unmet = await play(story('availability is available'));
    expect(waiting.filter((text) => text.startsWith('MESSAGE') && text.includes('Deferred-Message')).length).toBe(4);
    expect(normalise(unmet)).toEqual(normalise(waiting));
    const told = unmet.filter((text) => text.startsWith('MESSAGE'));
    expect(told.join('\n')).not.toMatch(/deliver-when|is available|held|condition/i);
  });
  it('the comparison sees a difference where there is one', () => {
    expect(normalise(['Subject: a\r\n'])).not.toEqual(normalise(['Subject: b\r\n']));
    expect(normalise(['Deferred-Message: x;accepted=1\r\n'])).not.toEqual(normalise(['']));
  });
});
