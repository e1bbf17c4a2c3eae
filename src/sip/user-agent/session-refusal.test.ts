/** OPTIONS, and INVITE where nobody takes sessions, through the whole server half. */
import { describe, expect, it } from 'vitest';
import type { SipResponse } from '../message/sip-message.ts';
import { requestText } from '../transaction/recording-transport.ts';
import type { RequestWords } from '../transaction/recording-transport.ts';
import { answerOptions } from './options-answer.ts';
import { createRecordingServer } from './recording-server.ts';
import { refuseInvite } from './session-refusal.ts';

function ask(words: RequestWords): SipResponse | undefined {
  const { transport, core } = createRecordingServer();
  core.register('INVITE', refuseInvite);
  core.register(
    'OPTIONS',
    answerOptions({
      allow: () => core.allow,
      accept: ['text/plain', 'message/cpim'],
      acceptLanguage: ['en'],
      supported: ['deliver-when', 'path'],
      allowEvents: ['presence'],
      more: [['Feature-Caps', '*;+g.restante.offline="push"']],
      findAbsence: (uri) => (uri.host === 'example.com' ? undefined : { status: 404, warning: 'not here' }),
      hasDialog: ({ callId, to, from }) => callId === 'call1' && to.tag === 'known' && from.tag === 'from1',
    }),
  );
  transport.receive(requestText(words));
  return transport.responses[0];
}

const sdp = { method: 'INVITE', body: 'v=0\r\n', rows: ['Content-Type: application/sdp'] };

describe('INVITE without sessions', () => {
  it.each([
    ['an offer', sdp, 488],
    ['no offer', { method: 'INVITE' }, 488],
    ['an offer in a multipart', { ...sdp, rows: ['Content-Type: Multipart/Mixed;boundary=b'] }, 488],
    ['another body', { ...sdp, rows: ['Content-Type: application/unknownformat'] }, 415],
    ['a body without a type', { ...sdp, rows: [] }, 415],
    [
      'a body that may be ignored',
      { ...sdp, rows: ['Content-Type: x/y', 'Content-Disposition: z;handling=optional'] },
      488,
    ],
    ['a compressed body', { ...sdp, rows: ['Content-Type: application/sdp', 'Content-Encoding: gzip'] }, 415],
    ['a body that is as it is', { ...sdp, rows: ['Content-Type: application/sdp', 'e: identity'] }, 488],
    ['a broken type', { ...sdp, rows: ['Content-Type: nonsense'] }, 400],
    ['an Accept without SDP', { ...sdp, rows: [...sdp.rows, 'Accept: text/nobodyKnowsThis'] }, 406],
    ['an Accept that refuses SDP', { ...sdp, rows: [...sdp.rows, 'Accept: application/sdp;q=0, */*'] }, 406],
    ['an empty Accept', { ...sdp, rows: [...sdp.rows, 'Accept:'] }, 406],
    ['an Accept with SDP', { ...sdp, rows: [...sdp.rows, 'Accept: application/*'] }, 488],
    ['a broken Accept', { ...sdp, rows: [...sdp.rows, 'Accept: ///'] }, 400],
    ['a dialog that nobody knows', { ...sdp, toTag: 'x' }, 481],
  ])('with %s', (_what, words, status) => {
    expect(ask(words)?.status).toBe(status);
  });

  it('says what it would take', () => {
    expect(ask({ ...sdp, rows: [] })?.headers.get('Accept')).toBe('application/sdp');
    expect(ask({ ...sdp, rows: ['Content-Encoding: gzip'] })?.headers.get('Accept-Encoding')).toBe('identity');
    expect(ask(sdp)?.headers.get('Warning')).toBe('304 example.com "no media of any type is available"');
    const refused = ask({ ...sdp, rows: [...sdp.rows, 'Accept: text/nobodyKnowsThis'] });
    expect(refused?.headers.get('Warning')).toBe('399 example.com "only application/sdp can be sent"');
  });
});

describe('OPTIONS', () => {
  it('says what the server can do', () => {
    const response = ask({ method: 'OPTIONS' });
    expect(response?.status).toBe(200);
    const rows = Object.fromEntries(response?.headers ?? []);
    expect(rows).toMatchObject({
      Allow: 'ACK, CANCEL, INVITE, OPTIONS',
      Accept: 'text/plain, message/cpim',
      'Accept-Encoding': 'identity',
      'Accept-Language': 'en',
      Supported: 'deliver-when, path',
      'Allow-Events': 'presence',
      'Feature-Caps': '*;+g.restante.offline="push"',
    });
  });

  it('knows whom it serves and which dialogs there are', () => {
    expect(ask({ method: 'OPTIONS', uri: 'sip:mary@example.net' })?.status).toBe(404);
    expect(ask({ method: 'OPTIONS', toTag: 'stranger' })?.status).toBe(481);
    expect(ask({ method: 'OPTIONS', toTag: 'known' })?.status).toBe(200);
    expect(ask({ method: 'OPTIONS', toTag: 'known', fromTag: 'other' })?.status).toBe(481);
  });
});
