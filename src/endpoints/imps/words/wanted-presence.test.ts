import { describe, expect, it } from 'vitest';
import { parseCondition } from '../../../conditions/parse-condition.ts';
import type { DeliveryCondition } from '../../../imps/message/extension.ts';
import type { PresenceAttribute } from '../../../imps/primitives/presence-attributes.ts';
import { conditionOf } from './wanted-presence.ts';

const wanted = (name: string, value: string): PresenceAttribute => ({ name, value });

function textOf(...conditions: readonly DeliveryCondition[]): string | undefined {
  const text = conditionOf(conditions);
  if (!text.ok) throw new Error(text.error.words);
  const parsed = text.value === undefined ? undefined : parseCondition(text.value);
  if (parsed?.ok === false) throw new Error(`${text.value}: ${parsed.error.reason}`);
  return parsed?.value.text;
}

describe('a condition of a client', () => {
  it('is a text, or attributes with the values that are wanted', () => {
    expect(textOf()).toBeUndefined();
    expect(textOf('mood is not angry')).toBe('mood is not angry');
    expect(textOf([wanted('UserAvailability', 'AVAILABLE'), wanted('StatusMood', 'IN_LOVE')])).toBe(
      'availability is available and mood is in-love',
    );
    expect(textOf([wanted('OnlineStatus', 'T')])).toBe('online');
    expect(textOf([wanted('OnlineStatus', 'F')])).toBe('online is false');
    expect(textOf([wanted('StatusText', 'a "b" \\ or')])).toBe(String.raw`status-text is "a \"b\" \\ or"`);
    const phone = { name: 'ClientInfo', parts: [{ name: 'ClientType', value: 'MOBILE_PHONE' }] };
    expect(textOf([phone])).toBe('client-type is mobile-phone');
  });

  it('holds when all of several do', () => {
    expect(textOf('mood is happy or mood is sad', [wanted('UserAvailability', 'AVAILABLE')])).toBe(
      '(mood is happy or mood is sad) and availability is available',
    );
  });

  it('of several is whole for itself', () => {
    expect(conditionOf(['online) or (online', 'mood is happy'])).toMatchObject({ ok: false, error: { code: 402 } });
  });

  it.each([
    [[wanted('Weather', 'x')], 750],
    [[wanted('UserAvailability', 'PERHAPS')], 751],
    [[{ name: 'StatusMood' }], 751],
    [[], 402],
  ])('is refused: %j', (list, code) => {
    expect(conditionOf([list])).toMatchObject({ ok: false, error: { code } });
  });
});
