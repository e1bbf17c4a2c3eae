import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PresenceAttribute } from '../../../imps/primitives/presence-attributes.ts';
import {
  attributeCharactersMax,
  attributeOf,
  attributesOfState,
  attributeValuesMax,
  wordsOfAttributes,
} from './presence-words.ts';

const valued = (name: string, value: string): PresenceAttribute => ({ name, isValid: true, value });

/** A state after these were published. */
function stateOf(...attributes: readonly PresenceAttribute[]): Map<string, readonly string[]> {
  const words = wordsOfAttributes(attributes);
  if (!words.ok) throw new Error(words.error.words);
  return new Map([...words.value].filter((pair): pair is [string, readonly string[]] => pair[1] !== null));
}

describe('what a client says of itself', () => {
  it.each([
    ['UserAvailability', 'NOT_AVAILABLE', 'availability', 'not-available'],
    ['UserAvailability', 'DISCREET', 'availability', 'discreet'],
    ['StatusMood', 'IN_LOVE', 'mood', 'in-love'],
    ['StatusMood', 'FUNKY', 'mood', 'funky'],
    ['StatusText', 'on the Way', 'status-text', 'on the Way'],
    ['PreferredLanguage', 'fin', 'language', 'fin'],
    ['FreeTextLocation', 'At home', 'x-location-text', 'At home'],
    ['PLMN', 'Sonera', 'x-plmn', 'Sonera'],
    ['Alias', 'He', 'x-alias', 'He'],
  ])('%s %s is %s %s', (name, value, attribute, word) => {
    expect(stateOf(valued(name, value))).toEqual(new Map([[attribute, [word]]]));
    expect(attributeOf(name)).toBe(attribute);
  });

  it('takes back what is not valid any more, or says nothing', () => {
    const words = wordsOfAttributes([
      { name: 'StatusMood', isValid: false, value: 'HAPPY' },
      { name: 'StatusText', value: 'x' },
      valued('Alias', ''),
    ]);
    expect(words).toEqual({
      ok: true,
      value: new Map([
        ['mood', null],
        ['status-text', null],
        ['x-alias', null],
      ]),
    });
  });

  it('says nothing of being online, which is derived', () => {
    expect(stateOf(valued('OnlineStatus', 'F'))).toEqual(new Map());
  });

  it('is refused with the name of what is wrong', () => {
    expect(wordsOfAttributes([valued('Weather', 'x')])).toMatchObject({
      error: { code: 750, words: expect.stringMatching(/Weather/) },
    });
    expect(wordsOfAttributes([valued('UserAvailability', 'PERHAPS')])).toMatchObject({
      error: { code: 751, words: expect.stringMatching(/perhaps/) },
    });
  });

  it('has limits', () => {
    const long = (length: number) => wordsOfAttributes([valued('StatusText', 'x'.repeat(length))]);
    expect([long(attributeCharactersMax).ok, long(attributeCharactersMax + 1).ok]).toEqual([true, false]);
    const part = { name: 'CommC', parts: [{ name: 'Cap', value: 'IM' }] };
    const wide = (count: number) =>
      wordsOfAttributes([{ name: 'CommCap', isValid: true, parts: Array.from({ length: count }, () => part) }]);
    expect([wide(attributeValuesMax).ok, wide(attributeValuesMax + 1).ok]).toEqual([true, false]);
  });
});

describe('what a watcher is shown', () => {
  it('is what was asked for, in the order of the DTD, and nothing that clients have no word for', () => {
    const state = new Map([
      ['mood', ['confused', 'in-love']],
      ['online', ['true']],
      ['availability', ['not-available']],
      ['activity', ['meeting']],
      ['status-text', ['a', 'b']],
    ]);
    expect(attributesOfState(state, 'all')).toEqual([
      valued('OnlineStatus', 'T'),
      valued('UserAvailability', 'NOT_AVAILABLE'),
      valued('StatusText', 'a\nb'),
      valued('StatusMood', 'IN_LOVE'),
    ]);
    expect(attributesOfState(state, ['StatusMood', 'Alias'])).toEqual([valued('StatusMood', 'IN_LOVE')]);
    expect(attributesOfState(new Map([['mood', ['confused']]]), 'all')).toEqual([]);
  });

  const value = fc.string({ minLength: 1, maxLength: 20 });
  const parts = (...names: readonly string[]) =>
    fc.tuple(...names.map(() => value)).map((values) => names.map((name, at) => ({ name, value: values[at] ?? '' })));
  const listOf = (name: string, ...names: readonly string[]) =>
    fc.array(
      parts(...names).map((inner) => ({ name, parts: inner })),
      { minLength: 1, maxLength: 3 },
    );
  const attribute = fc.oneof(
    parts('Zone').map((inner) => ({ name: 'TimeZone', isValid: true, parts: inner })),
    parts('Country', 'City').map((inner) => ({ name: 'Address', isValid: true, parts: inner })),
    parts('Longitude', 'Latitude').map((inner) => ({ name: 'GeoLocation', isValid: true, parts: inner })),
    listOf('CommC', 'Cap', 'Status').map((inner) => ({ name: 'CommCap', isValid: true, parts: inner })),
    listOf('AddrPref', 'PrefC', 'Caddr').map((inner) => ({ name: 'PreferredContacts', isValid: true, parts: inner })),
    listOf('Inf_link', 'Link', 'Text').map((inner) => ({ name: 'InfoLink', isValid: true, parts: inner })),
    value.map((text) => valued('Alias', text)),
    fc.constantFrom('ANGRY', 'IN_LOVE', 'SLEEPY').map((text) => valued('StatusMood', text)),
  );

  it('is what another client of this kind has said', () => {
    fc.assert(
      fc.property(attribute, (said) => {
        expect(attributesOfState(stateOf(said), 'all')).toEqual([said]);
      }),
    );
  });

  it('has the type of a client in one place, whoever said it', () => {
    const client = (type: string): PresenceAttribute => ({
      name: 'ClientInfo',
      isValid: true,
      parts: [
        { name: 'ClientType', value: type },
        { name: 'Model', value: 'x' },
      ],
    });
    const state = stateOf(client('MOBILE_PHONE'));
    expect(state.get('client-type')).toEqual(['mobile-phone']);
    expect(attributesOfState(state, 'all')).toEqual([client('MOBILE_PHONE')]);
    expect(attributesOfState(new Map([['client-type', ['pda']]]), 'all')).toEqual([
      { name: 'ClientInfo', isValid: true, parts: [{ name: 'ClientType', value: 'PDA' }] },
    ]);
  });

  it('is safe from what others put into the same attributes', () => {
    expect(attributesOfState(new Map([['x-address', ['a=b&<x>=1&City=Oslo']]]), 'all')).toEqual([
      { name: 'Address', isValid: true, parts: [{ name: 'City', value: 'Oslo' }] },
    ]);
  });
});
