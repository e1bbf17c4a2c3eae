/** Messages that are large for a datagram, and one that is too large for any (contract section 6, RFC 3261 18.1.1). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SipUserAgent } from '../../src/cli/demo/user-agent/sip-user-agent.ts';
import { openStage, type Stage, startMsMax } from './stage.ts';

let stage: Stage | undefined;
let tom: SipUserAgent;
let mary: SipUserAgent;

beforeAll(async () => {
  stage = await openStage(['--answer-within', '10']);
  tom = await stage.phone('tom', { transport: 'tcp' });
  mary = await stage.phone('mary');
  await mary.register();
}, startMsMax);

afterAll(() => stage?.close());

describe('a message to a client that takes datagrams only', () => {
  it.each([1200, 3000, 60_000])('of %i bytes arrives', async (bytes) => {
    expect((await tom.sendMessage('mary@localhost', 'x'.repeat(bytes))).status).toBe(200);
    expect((await mary.nextMessage(startMsMax)).text).toHaveLength(bytes);
  });

  it('that fits no datagram is kept, and holds nothing else up', async () => {
    expect((await tom.sendMessage('mary@localhost', 'x'.repeat(65_536))).status).toBe(202);
    const answer = await tom.sendMessage('mary@localhost', 'small');
    expect(answer.status).toBeLessThan(300);
    expect((await mary.nextMessage(startMsMax)).text).toBe('small');
  });

  it('beyond what is read at all is refused in the same words', async () => {
    const john = await stage?.phone('john', { transport: 'tcp' });
    const answer = await john?.sendMessage('mary@localhost', 'x'.repeat(262_145));
    expect([answer?.status, answer?.header('Warning')]).toEqual([413, expect.stringContaining('too large')]);
  });

  it('beyond --max-body is refused, and the connection stays', async () => {
    const answer = await tom.sendMessage('mary@localhost', 'x'.repeat(65_537));
    expect([answer.status, answer.header('Warning')]).toEqual([413, '399 localhost "too large: at most 65536 bytes"']);
    expect((await tom.options()).status).toBe(200);
  });
});

describe('a presence document', () => {
  const documentOf = (bytes: number): string => {
    const short = '<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:john@localhost"></presence>';
    return short.replace('></presence>', `><!--${'x'.repeat(bytes - short.length - 7)}--></presence>`);
  };

  it.each([
    [65_536, 200],
    [65_537, 413],
    [1_048_576, 413],
  ])('of %i bytes is answered %i', async (bytes, status) => {
    const john = await stage?.phone('john', { transport: 'tcp' });
    expect((await john?.publish(documentOf(bytes)))?.status).toBe(status);
  });
});
