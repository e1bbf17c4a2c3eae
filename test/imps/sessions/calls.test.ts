/** How an idle phone is called to poll: over a TCP connection of its own to a whole server, and at the URL of its session. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpWorld } from '../../http/http-world.ts';
import { type OpenServer, openServer } from '../../transports/open-server.ts';
import { CspClient, type CspHost, textOf } from '../csp-client.ts';

const theEnd = 'the end';
const capabilities = (...methods: readonly string[]): string =>
  `<ClientCapability-Request><CapabilityList><InitialDeliveryMethod>P</InitialDeliveryMethod><AnyContent>T</AnyContent>${methods.map((method) => `<SupportedCIRMethod>${method}</SupportedCIRMethod>`).join('')}</CapabilityList></ClientCapability-Request>`;
const sendToMary =
  '<SendMessage-Request><DeliveryReport>F</DeliveryReport><MessageInfo><ContentType>text/plain</ContentType><Recipient><User><UserID>wv:mary@localhost</UserID></User></Recipient></MessageInfo><ContentData>hi</ContentData></SendMessage-Request>';

async function idlePhone(host: CspHost, version: '1.1' | '1.2' | '1.3' = '1.2', methods = ['STCP', 'SHTTP']) {
  const mary = new CspClient(host, 'mary', version);
  await mary.logIn();
  const agreed = await mary.request(capabilities(...methods));
  await mary.poll();
  return { mary, agreed };
}

describe('a phone with a connection of its own', () => {
  let server: OpenServer;
  let host: CspHost;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    server = await openServer({ 'imps-cir': '127.0.0.1:0', msrps: 'off', sips: 'off', https: 'off' });
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    const { port } = server.running.http;
    host = { origin: `http://127.0.0.1:${port}`, settle: turn, time: { advance: turn } };
  }, 90_000);
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await server.close();
  });

  async function dial(): Promise<Line> {
    const { address, port } = server.running.impsCir ?? { address: '', port: 0 };
    const socket = connect(port, address);
    sockets.push(socket);
    await once(socket, 'connect');
    return new Line(socket);
  }

  it('is told where, says who it is, pings, and is called when something waits', async () => {
    const { mary, agreed } = await idlePhone(host);
    const { address, port = 0 } = server.running.impsCir ?? {};
    expect([textOf(agreed, 'TCPAddress'), textOf(agreed, 'TCPPort')]).toEqual([address, `${port}`]);
    expect(agreed).toContain('<SupportedCIRMethod>STCP</SupportedCIRMethod>');
    const line = await dial();
    expect(await line.say(`HELO ${mary.sessionId}`)).toBe('OK');
    expect(await line.say('PING')).toBe('OK');
    const tom = new CspClient(host, 'tom');
    await tom.logIn();
    const sent = tom.request(sendToMary);
    expect(await line.next()).toBe('WVCI 1.2 c');
    await mary.poll();
    expect(mary.waiting.map(({ xml }) => xml.slice(0, 11))).toEqual(['<NewMessage']);
    await mary.reply('NewMessage');
    expect(textOf(await sent, 'Code')).toBe('200');
    await mary.request('<Logout-Request/>');
    expect(await line.next()).toBe(theEnd);
  });

  it('is called at once when something waited before it came, and its newer connection takes the place of the older', async () => {
    const { mary } = await idlePhone(host);
    const first = await dial();
    expect(await first.say(`HELO ${mary.sessionId}`)).toBe('OK');
    const tom = new CspClient(host, 'tom');
    await tom.logIn();
    const sent = tom.request(sendToMary);
    expect(await first.next()).toBe('WVCI 1.2 c');
    const second = await dial();
    expect(await second.say(`HELO ${mary.sessionId}`)).toBe('OK');
    expect(await second.next()).toBe('WVCI 1.2 c');
    expect(await first.next()).toBe(theEnd);
    await mary.poll();
    await mary.reply('NewMessage');
    await sent;
  });

  it('is let go when it says nothing known, or the session of nobody', async () => {
    for (const word of ['GET / HTTP/1.1', 'HELO nobody', 'PING']) {
      const line = await dial();
      line.write(word);
      expect(await line.next()).toBe(theEnd);
    }
  });

  it('is let go when the server stops', async () => {
    const { mary } = await idlePhone(host);
    const line = await dial();
    expect(await line.say(`HELO ${mary.sessionId}`)).toBe('OK');
    const stopped = server.running.stop();
    expect(await line.next()).toBe(theEnd);
    await stopped;
    server.close = async () => undefined;
  });
});

describe('a phone that was told to connect', () => {
  let world: HttpWorld;
  beforeEach(async () => {
    world = await HttpWorld.open();
    world.callAddress = { address: '192.0.2.1', port: 3171 };
  });
  afterEach(() => world.close());

  const flagOf = async (phone: CspClient): Promise<string> => {
    const id = `k${Math.random()}`;
    return textOf(await phone.post('Request', id, '<KeepAlive-Request/>'), 'CIR');
  };

  function connect(phone: CspClient): { readonly said: string[]; close(): void } {
    const said: string[] = [];
    const listener = world.server.imps.calls.accept({
      queuedBytes: 0,
      remoteAddress: '192.0.2.7',
      write: (text) => void said.push(text),
      close() {},
      abort() {},
    });
    listener?.onText(`HELO ${phone.sessionId}\r\n`);
    return { said, close: () => listener?.onClose() };
  }

  it.each(['1.2', '1.3'] as const)('in CSP %s hears when it has no connection, now and then', async (version) => {
    const { mary } = await idlePhone(world, version);
    expect(await flagOf(mary)).toBe('');
    await world.time.advance(29_999);
    expect(await flagOf(mary)).toBe('');
    await world.time.advance(1);
    expect([await flagOf(mary), await flagOf(mary)]).toEqual(['F', '']);
    const line = connect(mary);
    expect(line.said).toEqual(['OK\r\n']);
    await world.time.advance(30_000);
    expect(await flagOf(mary)).toBe('');
    line.close();
    expect(await flagOf(mary)).toBe('F');
    world = await world.restarted();
    const again = mary.movedTo(world);
    expect(await flagOf(again)).toBe('');
    await world.time.advance(30_000);
    expect(await flagOf(again)).toBe('F');
  });

  it.each([
    ['in CSP 1.1, which has no word for it', '1.1', ['STCP']],
    ['where it likes another way better', '1.2', ['SHTTP', 'STCP']],
    ['where it is not called', '1.2', ['SUDP']],
  ] as const)('hears nothing of it %s', async (_what, version, methods) => {
    const { mary } = await idlePhone(world, version, [...methods]);
    await world.time.advance(60_000);
    expect(await flagOf(mary)).toBe('');
  });
});

describe('a phone that looks at a URL', () => {
  let world: HttpWorld;
  beforeEach(async () => {
    world = await HttpWorld.open();
  });
  afterEach(() => world.close());

  const look = async (url: string): Promise<{ status: number; text: string }> => {
    await world.settle();
    const response = await fetch(`${world.origin}${new URL(url).pathname}`);
    return { status: response.status, text: await response.text() };
  };

  it.each(['1.2', '1.3'] as const)(
    'of its session in CSP %s is called there while something waits',
    async (version) => {
      const { mary, agreed } = await idlePhone(world, version);
      expect(agreed).not.toContain('STCP');
      expect(agreed).toContain(version === '1.2' ? '<CIRURL><URL>' : '<CIRHTTPAddress><URL>');
      const url = textOf(agreed, 'URL');
      expect(url).not.toContain(mary.sessionId);
      expect(await look(url)).toEqual({ status: 204, text: '' });
      const sent = world.send('tom', 'mary', 'hi');
      await world.settle();
      expect(await look(url)).toEqual({ status: 200, text: `WVCI ${version} c\r\n` });
      await mary.poll();
      await mary.reply('NewMessage');
      await sent;
      expect((await look(url)).status).toBe(204);
      await mary.request('<Logout-Request/>');
      expect((await look(url)).status).toBe(404);
    },
  );

  it('finds none that is not there, and none is agreed where there is no word for it or nobody asked', async () => {
    expect((await look('http://x/imps/cir/nobody')).status).toBe(404);
    const answers = [await idlePhone(world, '1.1'), await idlePhone(world, '1.2', ['SUDP', 'SSMS'])];
    for (const { agreed } of answers) {
      expect(agreed).not.toContain('SupportedCIRMethod');
      expect(agreed).not.toContain('URL>http');
    }
  });

  it('is no sign of life', async () => {
    const { agreed } = await idlePhone(world);
    await world.time.advance(599_000);
    expect((await look(textOf(agreed, 'URL'))).status).toBe(204);
    await world.time.advance(2_000);
    expect((await look(textOf(agreed, 'URL'))).status).toBe(404);
  });
});

/** One line at a time; waits as long as vitest does. */
class Line {
  readonly #socket: Socket;
  readonly #lines: AsyncIterator<string>;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#lines = linesOf(socket);
  }

  write(text: string): void {
    this.#socket.write(`${text}\r\n`);
  }

  async say(text: string): Promise<string> {
    this.write(text);
    return this.next();
  }

  async next(): Promise<string> {
    const { value } = (await this.#lines.next()) as { value: string | undefined };
    return value ?? theEnd;
  }
}

async function* linesOf(socket: Socket): AsyncGenerator<string> {
  let text = '';
  for await (const bytes of socket) {
    const parts = (text + String(bytes)).split('\r\n');
    text = parts.pop() ?? '';
    yield* parts;
  }
}
