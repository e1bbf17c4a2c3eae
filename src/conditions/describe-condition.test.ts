import { describe, expect, it } from 'vitest';
import { describeCondition } from './describe-condition.ts';
import { parseCondition } from './parse-condition.ts';

function say(text: string): string {
  const result = parseCondition(text);
  return result.ok ? describeCondition(result.value) : result.error.reason;
}

describe('describeCondition', () => {
  it.each([
    ['online', 'the recipient is online'],
    ['not online', 'the recipient is not online'],
    ['online is false', 'the recipient is offline'],
    ['availability is available', 'the recipient is available'],
    ['availability is not available', 'the recipient is not available'],
    ['availability is not-available', 'the recipient is marked as not available'],
    ['availability is one of (available, discreet)', 'the recipient is available or discreet'],
    ['activity is meeting', 'the recipient is in a meeting'],
    ['activity is juggling', "the recipient's activity is juggling"],
    ['activity is constructor', "the recipient's activity is constructor"],
    ['activity is one of (meeting, juggling)', "the recipient's activity is meeting or juggling"],
    ['mood is not in_love', "the recipient's mood is not in love"],
    ['mood is not one of (angry, sad, bored)', "the recipient's mood is neither angry, sad nor bored"],
    ['mood is known', "the recipient's mood is known"],
    ['not mood is known', "the recipient's mood is not known"],
    ['status-text is "Back at 5"', `the recipient's status text is "Back at 5"`],
    ['x-room-number is "and"', `the recipient's x-room-number is "and"`],
    ['language is en-GB', "the recipient's language is en-gb"],
    ['mood changes', "the recipient's mood has changed"],
    ['mood changes from angry to in-love', "the recipient's mood has changed from angry to in love"],
    ['not mood changes from angry', "the recipient's mood has not changed from angry"],
    ['online changes to true', 'the recipient has come online'],
    ['online changes from true', 'the recipient has gone offline'],
    ['online changes', "the recipient's online state has changed"],
    ['time after 2026-11-21T09:00:00Z', 'it is 2026-11-21 09:00:00 UTC or later'],
    ['not time after 2026-11-21T09:00:00Z', 'it is before 2026-11-21 09:00:00 UTC'],
    ['time before 2026-11-21T09:00:00+01:00', 'it is before 2026-11-21 08:00:00 UTC'],
    ['time within 18:00-23:00', 'it is between 18:00 and 23:00 (UTC)'],
    [
      'time within 18:00-23:00 on mon-fri Europe/Paris',
      'it is between 18:00 and 23:00 on Monday to Friday in Europe/Paris',
    ],
    ['not time within 18:00-23:00 on sat,sun', 'it is not between 18:00 and 23:00 on Saturday or Sunday (UTC)'],
    ['time within 22:00-06:00 on fri', 'it is between 22:00 on Friday and 06:00 the next day (UTC)'],
    ['time within 22:00-06:00', 'it is between 22:00 and 06:00 the next day (UTC)'],
    ['time within 00:00-00:00 on mon,wed,fri-sun', 'it is Wednesday or Friday to Monday (UTC)'],
    ['time within 08:00-08:00', 'it is any time of the day (UTC)'],
    ['mood is angry and online', "the recipient's mood is angry and the recipient is online"],
    ['online and availability is available', 'the recipient is online and is available'],
    [
      'availability is available and activity is not one of (meeting, on-the-phone)',
      'the recipient is available, and is neither in a meeting nor on the phone',
    ],
    ['online and mood is a and mood is b', "the recipient is online, the recipient's mood is a and is b"],
    [
      'online and (place-type is home or time within 18:00-23:00 on mon Europe/Paris)',
      "the recipient is online, and either the recipient's place type is home or " +
        'it is between 18:00 and 23:00 on Monday in Europe/Paris',
    ],
    [
      'online and mood is a or mood is b',
      "the recipient is online and the recipient's mood is a, or the recipient's mood is b",
    ],
    ['not (online or mood is a)', "the recipient is not online and the recipient's mood is not a"],
    ['not (online and not mood is a)', "the recipient is not online or the recipient's mood is a"],
    [
      'online and (mood is a or mood is b and sphere is work)',
      "the recipient is online, and either the recipient's mood is a or " +
        "(the recipient's mood is b and the recipient's sphere is work)",
    ],
  ])('%s', (text, clause) => {
    expect(say(text)).toBe(`Wait until ${clause}.`);
  });
});
