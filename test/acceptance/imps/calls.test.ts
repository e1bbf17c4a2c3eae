/** How an idle phone is called to poll (CIR): over TCP, and by asking over HTTP. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askCirUrl, TcpCirEar } from '../../../src/cli/imps-phone/cir-ear.ts';
import { findAll, node, textAt } from '../../../src/cli/imps-phone/csp-node.ts';
import type { Answer, ImpsPhone } from '../../../src/cli/imps-phone/imps-phone.ts';
import { freePort } from '../../processes/free-port.ts';
import { openStage, startMsMax, type Stage } from '../stage.ts';
import { phoneOf, startPhone, withinMs, type PhoneWishes } from './phones.ts';

let stage: Stage;
let port: number;
let tom: ImpsPhone;
const ears: TcpCirEar[] = [];

beforeAll(async () => {
  port = await freePort();
  stage = await openStage(['--imps-cir', `127.0.0.1:${port}`]);
  tom = await startPhone(stage, 'tom');
}, startMsMax);

afterAll(async () => {
  for (const ear of ears) ear.close();
  await stage.close();
}, startMsMax);

async function callable(method: string, wishes: PhoneWishes = {}): Promise<readonly [ImpsPhone, Answer]> {
  const mary = phoneOf(stage, 'mary', wishes);
  await mary.login();
  const agreed = await mary.negotiate([node('SupportedCIRMethod', method)]);
  await mary.poll();
  return [mary, agreed];
}

function listOf(agreed: Answer) {
  return agreed.primitive.children.at(-1) ?? node('nothing');
}

function listen(): TcpCirEar {
  const ear = new TcpCirEar('127.0.0.1', port);
  ears.push(ear);
  return ear;
}

describe('over TCP', () => {
  it.each(['1.1', '1.2', '1.3'] as const)(
    'a phone of %s is told where, says who it is, and is called',
    async (version) => {
      const [mary, agreed] = await callable('STCP', { version });
      expect(findAll(listOf(agreed), 'SupportedCIRMethod').map(({ text }) => text)).toEqual(['STCP']);
      expect([textAt(listOf(agreed), 'TCPAddress'), textAt(listOf(agreed), 'TCPPort')]).toEqual([
        '127.0.0.1',
        `${port}`,
      ]);
      const ear = listen();
      ear.say(`HELO ${mary.line.sessionId}`);
      expect(await ear.line(withinMs)).toBe('OK');
      ear.say('PING');
      expect(await ear.line(withinMs)).toBe('OK');
      await tom.send({ to: 'mary@localhost', text: 'called' });
      expect(await ear.line(withinMs)).toBe(`WVCI ${version} cookie-mary@localhost`);
      expect(textAt((await mary.next('NewMessage', withinMs)).primitive, 'ContentData')).toBe('called');
      await mary.logout();
    },
  );

  it('what comes in pieces is put together', async () => {
    const [mary] = await callable('STCP');
    const ear = listen();
    for (const letter of `HELO ${mary.line.sessionId}\r\nPING\r\n`) ear.raw(letter);
    expect([await ear.line(withinMs), await ear.line(withinMs)]).toEqual(['OK', 'OK']);
    await mary.logout();
  });

  it.each([['HELO unknown'], ['GET / HTTP/1.1'], ['HELO'], ['x'.repeat(4000)]])(
    '%s ends the connection',
    async (line) => {
      const ear = listen();
      ear.say(line);
      await ear.ended;
      expect(ear.lines).toEqual([]);
    },
  );

  it(
    'works again after kill -9, when the phone connects again',
    async () => {
      const [mary] = await callable('STCP');
      await stage.server.killAndStart();
      const ear = listen();
      ear.say(`HELO ${mary.line.sessionId}`);
      expect(await ear.line(withinMs)).toBe('OK');
      await tom.send({ to: 'mary@localhost', text: 'after it' });
      expect(await ear.line(withinMs)).toMatch(/^WVCI 1\.2 /);
      await mary.next('NewMessage', withinMs);
      await mary.logout();
    },
    3 * startMsMax,
  );
});

describe('over HTTP', () => {
  it.each([
    ['1.2', 'CIRURL'],
    ['1.3', 'CIRHTTPAddress'],
  ] as const)('a phone of %s asks at the address that it is given', async (version, name) => {
    const [mary, agreed] = await callable('SHTTP', { version });
    const url = textAt(listOf(agreed), `${name}/URL`) || textAt(listOf(agreed), name);
    expect(url).toMatch(/^http:/);
    expect((await askCirUrl(url)).status).not.toBe(200);
    await tom.send({ to: 'mary@localhost', text: 'asked for' });
    await expect.poll(() => askCirUrl(url).then(({ status }) => status), { timeout: withinMs }).toBe(200);
    await mary.next('NewMessage', withinMs);
    await mary.logout();
    expect((await askCirUrl(url)).status).not.toBe(200);
  });
});
