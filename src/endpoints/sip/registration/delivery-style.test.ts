import { describe, expect, it } from 'vitest';
import { styleOf, withAgreedStyle } from './delivery-style.ts';

describe('the style of a contact', () => {
  it.each([
    ['', 'push'],
    [';+sip.instance="<urn:uuid:1>"', 'push'],
    [';+restante.delivery="push"', 'push'],
    [';a=b;+restante.delivery="notify";c', 'notify'],
    [';+Restante.Delivery=PULL', 'pull'],
    [';+restante.delivery="later, pull,notify"', 'pull'],
    [';+restante.delivery', 'push'],
    [';+restante.delivery="later"', 'push'],
    [';x="a;+restante.delivery=pull"', 'push'],
  ])('%s is %s', (parameters, style) => {
    expect(styleOf(parameters, true)).toBe(style);
    expect(styleOf(parameters, false)).toBe('push');
  });

  it.each([
    ['<sip:a@b>;expires=60', '<sip:a@b>;expires=60'],
    ['<sip:a@b>;+restante.delivery=notify;expires=60', '<sip:a@b>;+restante.delivery="notify";expires=60'],
    ['<sip:a@b>;+RESTANTE.delivery="later"', '<sip:a@b>;+restante.delivery="push"'],
    [
      '"x;+restante.delivery=pull" <sip:a@b>;+restante.delivery=pull;e',
      '"x;+restante.delivery=pull" <sip:a@b>;+restante.delivery="pull";e',
    ],
  ])('%s is answered %s', (asked, answered) => {
    expect(withAgreedStyle(['Contact', asked], true)).toEqual(['Contact', answered]);
    expect(withAgreedStyle(['Path', asked], true)).toEqual(['Path', asked]);
  });
});
