import { describe, expect, it } from 'vitest';
import { formatReply } from '../../src/cli/demo/user-agent/request-answerer.ts';
import { parseSipText, type SipText } from '../../src/cli/demo/user-agent/sip-text.ts';
import { parsePart, parseTranscript } from './parse-transcript.ts';
import { playTranscript } from './play-transcript.ts';
import type { OpenHost } from './transcript-host.ts';

type Say = (actor: string, bytes: Buffer, afterMs?: number) => void;

/** A world whose server is a function; time is a number. */
function fakeHost(server: (message: SipText, from: string, say: Say) => void, log: string[] = []): OpenHost {
  return async ({ cast, flags }) => {
    let now = 0;
    let listener: (actor: string, bytes: Buffer) => void = () => undefined;
    let coming: { atMs: number; actor: string; bytes: Buffer }[] = [];
    const say: Say = (actor, bytes, afterMs = 0) => coming.push({ atMs: now + afterMs, actor, bytes });
    log.push(`${cast.map((member) => member.name).join()} ${flags.join()}`);
    return {
      server: { host: '192.0.2.1', port: 5060 },
      addressOf: (actor) => ({ host: '192.0.2.9', port: 5000 + actor.length }),
      send(actor, bytes) {
        const message = parseSipText(bytes);
        if (message) server(message, actor, say);
      },
      onReceive: (own) => {
        listener = own;
      },
      async advance(ms) {
        now += ms;
        const due = coming.filter(({ atMs }) => atMs <= now);
        coming = coming.filter(({ atMs }) => atMs > now);
        for (const { actor, bytes } of due) listener(actor, bytes);
      },
      close: async () => void log.push('closed'),
    };
  };
}

/** Answers 200 at once and sends the message on to mary. */
const echo = fakeHost((message, from, say) => {
  if (!message.isRequest) return;
  say(from, formatReply(message, { status: 200, headers: { 'X-Seen': message.header('X-Says') ?? 'nothing' } }));
  if (from === 'tom') say('mary', Buffer.from(message.bytes.toString().replace('branch=', 'branch=z9hG4bKserver')), 50);
});

const head = 'title A play\ncast tom udp\ncast mary udp\n';
const sends = `tom sends
  MESSAGE sip:mary@localhost SIP/2.0
  Via: SIP/2.0/UDP {tom.host}:{tom.port};branch={branch};rport
  X-Says: {tag} at {server.host}:{server.port}
  X-Empty: here
  CSeq: {count} MESSAGE
  Content-Length: {length}

  größer
`;

async function play(text: string, host: OpenHost = echo): Promise<string> {
  const part = parsePart(
    'parts/hello.part',
    'given word hi\nme sends\n  {word} sip:x SIP/2.0\n  Via: a;branch={me.branch}\n  CSeq: {count} {word}\n',
  );
  try {
    await playTranscript(parseTranscript('plays/a.transcript', head + text), host, (name) =>
      name === 'hello' ? part : undefined,
    );
    return 'held';
  } catch (error) {
    return error instanceof Error ? error.message : 'no error';
  }
}

const receives = `tom receives
  SIP/2.0 200 *
  X-Seen: {first} at 192.0.2.1:5060
  no Date
mary receives
  MESSAGE * SIP/2.0
  Via: *branch=z9hG4bKserver{branch};rport
  X-Says: {first}*
  Content-Length: 8

  gr{letter}er
mary answers 200 All right
  X-More: {letter}
`;

describe('playTranscript', () => {
  it('sends, compares, captures, answers', async () => {
    expect(await play(sends + receives)).toBe('held');
  });

  it.each([
    [
      'SIP/2.0 200 *',
      'SIP/2.0 202 *',
      'plays/a.transcript:13: the start line is "SIP/2.0 200 OK", not "SIP/2.0 202 *"',
    ],
    ['no Date', 'no X-Seen', 'there is a X-Seen: atag2 at 192.0.2.1:5060'],
    ['X-Seen: {first} at', 'X-Unseen: {first} at', 'X-Unseen is missing, not "{first} at 192.0.2.1:5060"'],
    ['X-Says: {first}*', 'X-Says: {first}', 'X-Says is "'],
    ['gr{letter}er', 'gr{letter}er!', 'the body is "größer", not'],
    ['Content-Length: 8', 'l: 8', 'l is missing'],
  ])('tells: %s is not %s', async (is, isNot, why) => {
    expect(await play((sends + receives).replace(is, isNot))).toContain(why);
  });

  it('tells what did not come, and what came unasked', async () => {
    const tom = 'tom receives\n  SIP/2.0 200 *\n';
    expect(await play(`${sends}${tom}mary receives within 10 ms\n  MESSAGE *\n`)).toContain('nothing else came either');
    expect(await play(`${sends}mary receives\n  SIP/2.0 200 *\n`)).toContain('instead: MESSAGE sip:mary@localhost');
    expect(await play(`${sends}${tom}mary receives nothing for 1 s\n`)).toContain('mary has received: MESSAGE');
    expect(await play(`${sends}after 1 s\n${tom}`)).toContain('at the end mary has also received: MESSAGE');
    expect(await play(`mary receives nothing for 1 s\n`)).toBe('held');
  });

  it('keeps repeated bytes apart', async () => {
    const silent = fakeHost((message, from, say) => {
      const answer = Buffer.from(`SIP/2.0 200 OK\r\nCSeq: ${message.cseq} MESSAGE\r\n\r\n`);
      for (const afterMs of [0, 500, 1500]) say(from, answer, afterMs);
    });
    const tom = 'tom receives\n  SIP/2.0 200 *\n';
    expect(await play(`${sends}${tom}`, silent)).toBe('held');
    expect(await play(`${sends}${tom}tom receives again\n`, silent)).toBe('held');
    expect(await play(`${sends}${tom}tom receives nothing new for 2 s\n`, silent)).toBe('held');
    expect(await play(`${sends}${tom}tom receives nothing for 2 s\n`, silent)).toContain('SIP/2.0 200 OK (again)');
    expect(await play(`${sends}${tom}after 2 s\ntom receives nothing for 2 s\n`, silent)).toBe('held');
    expect(await play(`tom receives again\n`, silent)).toContain('tom received nothing again');
  });

  it('plays parts with values, and says where one failed', async () => {
    const both = 'tom does hello\ntom does hello word=PING\n';
    const answers = 'tom receives\n  SIP/2.0 200 *\ntom receives\n  SIP/2.0 200 *\n';
    const requests = 'mary receives\n  hi *\n  Via: {via}\nmary receives\n  PING *\n  Via: {via}\n';
    expect(await play(both + answers + requests)).toBe('held');
    expect(await play('tom does something\n')).toContain('plays/a.transcript:4: there is no part called something');
  });

  it('passes over provisional answers, and closes the host', async () => {
    const log: string[] = [];
    const trying = fakeHost((message, from, say) => {
      say(from, formatReply(message, { status: 100 }));
      say(from, formatReply(message, { status: 202 }));
    }, log);
    expect(await play(`serve --settle 1\n${sends}tom receives\n  SIP/2.0 202 *\n`, trying)).toBe('held');
    expect(log).toEqual(['tom,mary --settle,1', 'closed']);
  });

  it('says what a host or a scene cannot do', async () => {
    expect(await play('server restarts\n')).toContain('this host cannot restart');
    expect(await play('tom sends again\n')).toContain('tom has sent nothing yet');
    expect(await play('tom answers 200\n')).toContain('tom has received no request yet');
    expect(await play('tom sends\n  {nobody} x SIP/2.0\n')).toContain('nobody knows {nobody}');
  });
});
