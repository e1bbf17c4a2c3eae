import { describe, expect, it } from 'vitest';
import type { Address } from '../../../model/address.ts';
import type { Binding } from '../../../sip/registrar/ports.ts';
import { ResumePlaces, resumePlacesMax } from './large/resume-places.ts';
import { SessionCounts, sessionsOfPrincipalMax } from './session-counts.ts';
import { declaresMsrp, refusesInvite, sessionBindings, sessionRows, speaksCpm } from './words/session-devices.ts';

describe('a broken transfer', () => {
  it('goes on where it was asked to, and never behind what was answered for', () => {
    const places = new ResumePlaces();
    places.note('m', 'd', 1000);
    const asked = [undefined, 1, 501, 1001, 2001].map((start) => places.placeOf('m', 'd', start));
    expect(asked).toEqual([0, 0, 500, 1000, 1000]);
    expect([places.placeOf('m', 'e', 501), places.placeOf('n', 'd', 501)]).toEqual([0, 0]);
    places.note('m', 'd', 0);
    expect(places.placeOf('m', 'd', 501)).toBe(0);
  });

  it('is remembered of so many', () => {
    const places = new ResumePlaces();
    for (let at = 0; at <= resumePlacesMax; at += 1) places.note(String(at), 'd', 10);
    expect([places.placeOf('0', 'd', 11), places.placeOf('1', 'd', 11)]).toEqual([0, 10]);
  });
});

it('sessions of one are so many, and are given back once', () => {
  const counts = new SessionCounts();
  const [tom, mary] = ['tom@x' as Address, 'mary@x' as Address];
  const backs = Array.from({ length: sessionsOfPrincipalMax }, () => counts.take(tom));
  expect(counts.take(tom)).toBeUndefined();
  expect(counts.take(mary)).toBeDefined();
  backs[0]?.();
  backs[0]?.();
  expect([counts.take(tom) === undefined, counts.take(tom) === undefined]).toEqual([false, true]);
});

describe('a contact', () => {
  const cpm = ';+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.largemsg"';
  it.each([
    ['', false, false, false],
    [';+g.oma.sip-im', true, false, false],
    [';+G.OMA.SIP-IM.large-message', true, false, false],
    [';+g.oma.sip-imx', false, false, false],
    [';message', true, false, false],
    [';audio;methods="INVITE, MESSAGE"', false, false, false],
    [';methods="MESSAGE"', false, true, false],
    [cpm, true, false, true],
    [`;+g.oma.sip-im${cpm}`, true, false, false],
  ])('that said %s', (contactParameters, hasMsrp, isClosed, isCpm) => {
    const binding = { contactParameters };
    expect([declaresMsrp(binding), refusesInvite(binding), speaksCpm(binding)]).toEqual([hasMsrp, isClosed, isCpm]);
  });

  it('is asked once, by the way that its device came by last', () => {
    const binding = (key: string, instanceId: string | undefined, expiresAt: number, contactParameters = ''): Binding =>
      ({ key, expiresAt, contactParameters, ...(instanceId === undefined ? {} : { instanceId }) }) as Binding;
    const all = [
      binding('a', 'i', 1),
      binding('b', 'i', 2),
      binding('c', undefined, 1),
      binding('d', undefined, 1, ';methods="MESSAGE"'),
    ];
    expect(sessionBindings(all).map(({ key }) => key)).toEqual(['b', 'c']);
  });

  it('is asked in its own words', () => {
    expect(sessionRows('large-message', false)).toEqual([['Accept-Contact', '*;+g.oma.sip-im.large-message']]);
    expect(sessionRows('conversation', false)).toEqual([['Accept-Contact', '*;+g.oma.sip-im']]);
    expect(sessionRows('file-transfer', true)).toEqual([
      ['Accept-Contact', '*;+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.filetransfer"'],
      ['P-Preferred-Service', 'urn:urn-7:3gpp-service.ims.icsi.oma.cpm.filetransfer'],
    ]);
  });
});
