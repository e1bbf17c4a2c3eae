import { describe, expect, it } from 'vitest';
import { SipHeaders } from '../message/sip-headers.ts';
import type { HeaderRow } from '../message/sip-headers.ts';
import { createSipRequest } from '../message/sip-message.ts';
import type { SipRequest } from '../message/sip-message.ts';
import { parseSipUri } from '../message/sip-uri.ts';
import { createDialogRequest } from './dialog-request.ts';
import { Dialog, recordRouteRows, routeSetMax } from './dialog.ts';
import { requestUriOf, requestUriOfContact } from './request-uri.ts';

interface Subscribe {
  readonly from?: string;
  readonly to?: string;
  readonly cseq?: number;
  readonly callId?: string;
  readonly contact?: string | undefined;
  readonly rows?: readonly HeaderRow[];
}

function subscribe(options: Subscribe = {}): SipRequest {
  const contact = 'contact' in options ? options.contact : '<sip:tom@192.0.2.1:5070>';
  const headers = new SipHeaders([
    ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa'],
    ['From', options.from ?? '"Tom" <sip:tom@example.com>;tag=their'],
    ['To', options.to ?? '<sip:mary@example.com>'],
    ['Call-ID', options.callId ?? 'c1'],
    ['CSeq', `${options.cseq ?? 10} SUBSCRIBE`],
    ...(contact === undefined ? [] : [['Contact', contact] as const]),
    ...(options.rows ?? []),
  ]);
  return createSipRequest({ method: 'SUBSCRIBE', requestUri: 'sip:mary@example.com', headers });
}

function accept(options: Subscribe = {}): Dialog {
  const dialog = Dialog.accept({ request: subscribe(options), localTag: 'ours', contact: '<sip:192.0.2.99>' });
  if (!dialog.ok) throw new Error(dialog.error);
  return dialog.value;
}

const inDialog = { to: '<sip:mary@example.com>;tag=ours' };

describe('Dialog', () => {
  it('knows the requests that belong to it', () => {
    const dialog = accept();
    expect(dialog.has(subscribe(inDialog))).toBe(true);
    expect(dialog.has(subscribe({ ...inDialog, callId: 'c2' }))).toBe(false);
    expect(dialog.has(subscribe({ ...inDialog, from: '<sip:tom@example.com>;tag=x' }))).toBe(false);
    expect(dialog.has(subscribe({ to: '<sip:mary@example.com>;tag=x' }))).toBe(false);
    expect(dialog.has(subscribe())).toBe(false);
  });

  it('takes a peer without a tag, and sends it none', () => {
    const dialog = accept({ from: '<sip:tom@example.com>' });
    expect(dialog.has(subscribe({ ...inDialog, from: '<sip:tom@example.com>' }))).toBe(true);
    expect(createDialogRequest(dialog, 'NOTIFY').headers.get('To')).toBe('<sip:tom@example.com>');
  });

  it.each([
    [9, 'out-of-order'],
    [10, 'out-of-order'],
    [11, 'in-order'],
    [500, 'in-order'],
  ] as const)('calls a CSeq of %d after 10 %s', (cseq, order) => {
    const dialog = accept();
    expect(dialog.takeRequest(subscribe({ ...inDialog, cseq }))).toBe(order);
    expect(dialog.takeRequest(subscribe({ ...inDialog, cseq })), 'once more').toBe('out-of-order');
    expect(dialog.takeRequest(subscribe({ ...inDialog, cseq: 501 }))).toBe('in-order');
  });

  it('follows the target, and keeps it without a Contact', () => {
    const dialog = accept();
    expect(dialog.refreshTarget(subscribe({ ...inDialog, contact: undefined }))).toMatchObject({ ok: true });
    expect(dialog.remoteTarget).toBe('sip:tom@192.0.2.1:5070');
    expect(dialog.refreshTarget(subscribe({ ...inDialog, contact: '<sip:tom@192.0.2.2?Subject=x>' }))).toMatchObject({
      ok: true,
    });
    expect(dialog.remoteTarget).toBe('sip:tom@192.0.2.2');
    expect(dialog.refreshTarget(subscribe({ ...inDialog, contact: '<sip:tom@' }))).toMatchObject({ ok: false });
    expect(dialog.remoteTarget).toBe('sip:tom@192.0.2.2');
  });

  it.each([
    ['no Contact', { contact: undefined }],
    ['two Contacts', { contact: '<sip:a@b>, <sip:c@d>' }],
    ['Contact *', { contact: '*' }],
    ['a Contact that is no SIP URI', { contact: '<mailto:a@b>' }],
    ['a malformed Contact', { contact: '<sip:' }],
    ['a malformed Record-Route', { rows: [['Record-Route', '<sip:']] as const }],
    [
      'too many Record-Routes',
      { rows: Array.from({ length: routeSetMax + 1 }, () => ['Record-Route', '<sip:p;lr>'] as const) },
    ],
  ])('is not made by a request with %s', (_, options: Subscribe) => {
    const dialog = Dialog.accept({ request: subscribe(options), localTag: 't', contact: '<sip:x>' });
    expect(dialog).toMatchObject({ ok: false, error: expect.any(String) });
  });

  it('takes as many Record-Routes as it may', () => {
    const rows = Array.from({ length: routeSetMax }, () => ['Record-Route', '<sip:p;lr>'] as const);
    expect(accept({ rows }).routes.values).toHaveLength(routeSetMax);
  });
});

describe('a request within a dialog', () => {
  it('names both ends and counts', () => {
    const dialog = accept();
    const content = { contentType: 'text/plain', body: Uint8Array.of(65) };
    const request = createDialogRequest(dialog, 'NOTIFY', content);
    expect([...request.headers]).toEqual([
      ['Max-Forwards', '70'],
      ['From', '<sip:mary@example.com>;tag=ours'],
      ['To', '"Tom" <sip:tom@example.com>;tag=their'],
      ['Call-ID', 'c1'],
      ['CSeq', '1 NOTIFY'],
      ['Contact', '<sip:192.0.2.99>'],
      ['Content-Type', 'text/plain'],
    ]);
    expect(request).toMatchObject({
      requestUri: 'sip:tom@192.0.2.1:5070',
      nextHop: 'sip:tom@192.0.2.1:5070',
      body: content.body,
    });
    const next = createDialogRequest(dialog, 'BYE');
    expect(next.headers.get('CSeq')).toBe('2 BYE');
    expect(next.headers.has('Contact')).toBe(false);
    expect(next.body).toHaveLength(0);
  });

  it('goes along the routes of the request that made the dialog', () => {
    const rows = [
      ['Record-Route', '<sip:p1;lr>, "Second" <sip:p2;lr>;x=1'],
      ['Record-Route', '<sip:p3;lr>'],
    ] as const;
    const request = createDialogRequest(accept({ rows }), 'NOTIFY');
    expect(request.requestUri).toBe('sip:tom@192.0.2.1:5070');
    expect(request.headers.getAll('Route')).toEqual(['<sip:p1;lr>', '"Second" <sip:p2;lr>;x=1', '<sip:p3;lr>']);
    expect(request.nextHop).toBe('sip:p1;lr');
    expect(recordRouteRows(subscribe({ rows }))).toEqual(rows);
  });

  it('goes to a strict router as that expects it', () => {
    const rows = [['Record-Route', '<sip:p1>, <sip:p2;lr>']] as const;
    const request = createDialogRequest(accept({ rows }), 'NOTIFY');
    expect(request.requestUri).toBe('sip:p1');
    expect(request.headers.getAll('Route')).toEqual(['<sip:p2;lr>', '<sip:tom@192.0.2.1:5070>']);
    expect(request.nextHop).toBe('sip:p1');
  });
});

describe('requestUriOf', () => {
  it.each([
    ['sip:tom@host:5070;transport=tcp;ob', 'sip:tom@host:5070;transport=tcp;ob'],
    ['sip:tom@host?Subject=a&Route=b', 'sip:tom@host'],
    ['sip:to?m@host;x=1?Subject=a', 'sip:to?m@host;x=1'],
    ['sip:tom@host;method=INVITE;transport=tcp', 'sip:tom@host;transport=tcp'],
    ['sip:tom@host;transport=tcp;method=INVITE?a=b', 'sip:tom@host;transport=tcp'],
    ['sip:host?a=b', 'sip:host'],
    ['sip:host;method=INVITE', 'sip:host'],
    ['sip:to;method=m@host;METHOD=INVITE;x=1', 'sip:to;method=m@host;x=1'],
  ])('of %s is %s', (text, target) => {
    const uri = parseSipUri(text);
    expect(uri.ok && requestUriOf(uri.value)).toBe(target);
    expect(requestUriOfContact(text)).toBe(target);
  });
});
