import { describe, expect, it } from 'vitest';
import { advanceLatches, seedLatches } from './change-latch.ts';
import type { ChangeLatch } from './change-latch.ts';
import type { Condition } from './condition.ts';
import { describeCondition } from './describe-condition.ts';
import { evaluateCondition } from './evaluate-condition.ts';
import type { ConditionView } from './word-match.ts';
import { nextTurn } from './next-turn.ts';
import { parseCondition } from './parse-condition.ts';

/** Titles quote section 3 of the contract, sentence by sentence, in its order. */

function parse(text: string): Condition {
  const result = parseCondition(text);
  if (!result.ok) throw new Error(`${text}: ${result.error.position}: ${result.error.reason}`);
  return result.value;
}

function isRefused(text: string): boolean {
  return !parseCondition(text).ok;
}

interface Scene {
  readonly values?: Readonly<Record<string, readonly string[]>>;
  readonly mayNotRead?: readonly string[];
  readonly isSettled?: boolean;
}

function viewOf(scene: Scene): ConditionView {
  return {
    values: (attribute) => scene.values?.[attribute],
    mayRead: (attribute) => scene.mayNotRead?.includes(attribute) !== true,
    isSettled: scene.isSettled ?? true,
  };
}

const aSaturday = Date.parse('2026-11-21T12:00:00Z');

function holds(text: string, scene: Scene, now = aSaturday): boolean {
  const condition = parse(text);
  const latches = seedLatches(condition, () => undefined, viewOf(scene));
  return evaluateCondition(condition, viewOf(scene), latches, now);
}

function mood(...values: string[]): Scene {
  return { values: { mood: values } };
}

/** Whether it holds after each of the scenes, accepted in the first, every latch kept as JSON in between. */
function holdsAfter(text: string, first: Scene, ...scenes: Scene[]): boolean[] {
  const condition = parse(text);
  let latches: readonly ChangeLatch[] = seedLatches(condition, (name) => first.values?.[name], viewOf(first));
  return scenes.map((scene) => {
    const advanced = advanceLatches(condition, latches, viewOf(scene));
    latches = JSON.parse(JSON.stringify(advanced)) as ChangeLatch[];
    return evaluateCondition(condition, viewOf(scene), latches, aSaturday);
  });
}

const unknown: Scene = {};

describe('the examples', () => {
  it.each([
    'availability is available',
    'mood is not angry',
    'mood changes from angry',
    'availability is available and activity is not one of (meeting, on-the-phone)',
    'online and (place-type is home or time within 18:00-23:00 on mon-fri Europe/Paris)',
    'availability is available or time after 2026-11-21T09:00:00Z',
  ])('%s', (text) => {
    expect(parse(text).text).toBe(text);
    expect(describeCondition(parse(text))).toMatch(/^Wait until /);
  });
});

describe('a condition', () => {
  it.each(['\n', '\r', '\r\n', '\u0085', '\u2028', '\u2029'])('is one line of text: %j', (lineBreak) => {
    expect(isRefused(`online${lineBreak}and mood is angry`)).toBe(true);
    expect(isRefused(`mood is "a${lineBreak}b"`)).toBe(true);
  });

  it('is the same in every protocol: what is kept reads back as itself', () => {
    const { text, root } = parse('  (MOOD is "angry") or not(x_A is not one of(NOT_AVAILABLE,"a b"))\t');
    expect(parse(text)).toMatchObject({ text, root });
  });
});

describe('the grammar', () => {
  it('"online": short for: online is true', () => {
    expect(parse('online').root).toEqual(parse('online is true').root);
  });

  it('default UTC', () => {
    expect(parse('time within 08:00-09:00').root).toEqual(parse('time within 08:00-09:00 UTC').root);
  });

  it.each(['.', '_', '+', '-', 'a1', 'Z', '0'])('token = 1*( letter / digit / "." / "_" / "+" / "-" ): %s', (token) => {
    expect(isRefused(`mood is ${token}`)).toBe(false);
  });

  it('mon..sun, lists and ranges, may wrap', () => {
    expect(parse('time within 08:00-09:00 on sat-mon,wed').root).toMatchObject({ days: 0b1100101 });
  });

  it('keywords used as values are quoted', () => {
    expect(isRefused('mood is and')).toBe(true);
    expect(parse('mood is "and"').root).toMatchObject({ values: ['and'] });
  });

  it.each('and or not is one of known changes from to time after before within on'.split(' '))(
    'keywords used as values are quoted: %s',
    (keyword) => {
      expect(isRefused(`mood is one of (${keyword})`)).toBe(true);
      expect(isRefused(`mood changes to ${keyword.toUpperCase()}`)).toBe(true);
      expect(parse(`mood is one of ("${keyword}")`).root).toMatchObject({ values: [keyword] });
    },
  );

  it(String.raw`\" and \\ escape`, () => {
    expect(parse(String.raw`mood is "\"\\"`).root).toMatchObject({ values: ['"\\'] });
    expect(isRefused(String.raw`mood is "\x"`)).toBe(true);
  });
});

describe('words', () => {
  it('Keywords, attribute names and values compare without case', () => {
    expect(holds('MOOD Is nOT AnGrY', mood('ANGRY'))).toBe(false);
    expect(holds('Mood iS aNGRY', mood('Angry'))).toBe(true);
  });

  it('and `_` equals `-`, so NOT_AVAILABLE is not-available', () => {
    expect(holds('availability is NOT_AVAILABLE', { values: { availability: ['not-available'] } })).toBe(true);
    expect(holds('availability is not-available', { values: { availability: ['NOT_AVAILABLE'] } })).toBe(true);
    expect(parse('PLACE_TYPE is home').attributes).toEqual(['place-type']);
  });

  it.each(
    'online availability mood activity place-type privacy sphere user-input status-text language client-type willingness'.split(
      ' ',
    ),
  )('Attributes: %s', (attribute) => {
    expect(parse(`${attribute} is known`).attributes).toEqual([attribute]);
  });

  it('`online` (true, false: has a reachable client)', () => {
    expect(isRefused('online is one of (true, false)')).toBe(false);
    expect(isRefused('online is maybe')).toBe(true);
    expect([{ online: ['true'] }, { online: ['false'] }].map((values) => holds('online', { values }))).toEqual([
      true,
      false,
    ]);
  });

  it('`availability` (available, not-available, discreet)', () => {
    expect(isRefused('availability is one of (available, not-available, discreet)')).toBe(false);
    expect(isRefused('availability is busy')).toBe(true);
  });

  it.each(['class', 'place-is', 'relationship', 'service-class', 'status-icon', 'time-offset'])(
    'every other RPID element under its own name: %s',
    (attribute) => {
      expect(isRefused(`${attribute} is a`)).toBe(false);
    },
  );

  it('and `x-NAME` for anything else that a client publishes', () => {
    expect(holds('x-location-text is "at home"', { values: { 'x-location-text': ['At home'] } })).toBe(true);
    expect(isRefused('location-text is "at home"')).toBe(true);
  });
});

describe('is', () => {
  it('`is` holds for an attribute with several values when one of them equals the value', () => {
    expect(holds('mood is angry', mood('sad', 'angry'))).toBe(true);
    expect(holds('mood is not angry', mood('sad', 'angry'))).toBe(false);
  });

  it('Unknown equals nothing: `mood is angry` does not hold, `mood is not angry` does', () => {
    expect(holds('mood is angry', unknown)).toBe(false);
    expect(holds('mood is not angry', unknown)).toBe(true);
    expect(holds('mood is not one of (angry, sad)', unknown)).toBe(true);
  });
});

describe('settling', () => {
  const justIn: Scene = { values: { online: ['true'] }, isSettled: false };

  it('a test whose truth rests on an attribute that is unknown because nothing is published counts only after a publication', () => {
    expect(holds('mood is not angry', justIn)).toBe(false);
    expect(holds('mood is not known', justIn)).toBe(false);
    expect(holds('mood is not angry', { values: { online: ['true'], mood: ['angry'] }, isSettled: true })).toBe(false);
  });

  it('or `--settle` seconds', () => {
    expect(holds('mood is not angry', { ...justIn, isSettled: true })).toBe(true);
  });

  it('what does not rest on it counts at once', () => {
    expect(holds('online', justIn)).toBe(true);
    expect(holds('online or mood is angry', justIn)).toBe(true);
    expect(holds('online and not mood is angry', justIn)).toBe(false);
  });
});

describe('changes', () => {
  it('`changes` becomes true at a fitting change after acceptance', () => {
    expect(holds('mood changes from angry', mood('happy'))).toBe(false);
    expect(holdsAfter('mood changes from angry', mood('angry'), mood('angry'), mood('happy'))).toEqual([false, true]);
  });

  it('and stays true, durably, until the attribute goes back to the `from` value', () => {
    const after = [mood('happy'), mood('sad'), unknown, mood('angry')];
    expect(holdsAfter('mood changes from angry', mood('angry'), ...after)).toEqual([true, true, true, false]);
  });

  it('or leaves the `to` value', () => {
    const after = [mood('happy'), mood('happy', 'bored'), mood('bored')];
    expect(holdsAfter('mood changes to happy', mood('sad'), ...after)).toEqual([true, true, false]);
  });

  it('then it waits for the next', () => {
    const after = [mood('happy'), mood('angry'), mood('sad')];
    expect(holdsAfter('mood changes from angry', mood('angry'), ...after)).toEqual([true, false, true]);
  });

  it('`from V` compares with the last known value (angry, offline, happy is a change from angry)', () => {
    expect(holdsAfter('mood changes from angry', mood('angry'), unknown, mood('happy'))).toEqual([false, true]);
    const condition = parse('mood changes from angry');
    const offline = seedLatches(condition, () => ['angry'], viewOf(unknown));
    expect(advanceLatches(condition, offline, viewOf(mood('happy')))).toEqual([{ isSet: true }]);
  });

  it('without `from` a change from unknown counts too', () => {
    expect(holdsAfter('mood changes', unknown, mood('happy'))).toEqual([true]);
    expect(holdsAfter('mood changes', mood('happy'), unknown, mood('happy'))).toEqual([false, true]);
    expect(holdsAfter('mood changes to happy', mood('happy'), unknown, mood('happy'))).toEqual([false, true]);
    expect(holdsAfter('mood changes from angry to happy', unknown, mood('happy'))).toEqual([false]);
  });

  it.each(['mood changes', 'mood changes from angry', 'mood changes to happy'])(
    'a change to unknown never does: %s',
    (text) => {
      expect(holdsAfter(text, mood('angry'), unknown)).toEqual([false]);
    },
  );

  it('With several values, `from V`: V was among them and no longer is', () => {
    const after = [mood('angry'), mood('angry', 'bored'), mood('bored')];
    expect(holdsAfter('mood changes from angry', mood('angry', 'sad'), ...after)).toEqual([false, false, true]);
  });

  it('`to V`: it was not and now is', () => {
    expect(holdsAfter('mood changes to happy', mood('happy'), mood('happy', 'sad'))).toEqual([false]);
    expect(holdsAfter('mood changes to happy', mood('sad'), mood('happy', 'sad'))).toEqual([true]);
  });

  it('Every accepted change counts, also within a burst', () => {
    const after = [mood('angry'), mood('happy'), mood('sad')];
    expect(holdsAfter('mood changes from angry', mood('sad'), ...after)).toEqual([false, true, true]);
  });
});

describe('time', () => {
  it('Windows: from <= now < to', () => {
    const at = (time: string): boolean => holds('time within 09:00-10:00', {}, Date.parse(`2026-11-21T${time}Z`));
    expect(['08:59:59.999', '09:00:00.000', '09:59:59.999', '10:00:00.000'].map(at)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it('to <= from runs past midnight and belongs to its first day', () => {
    const onFriday = 'time within 22:00-06:00 on fri';
    expect(holds(onFriday, {}, Date.parse('2026-11-21T05:59:00Z'))).toBe(true);
    expect(holds(onFriday, {}, Date.parse('2026-11-20T05:59:00Z'))).toBe(false);
  });

  it('equal = the whole day', () => {
    expect(holds('time within 00:00-00:00 on sat', {}, aSaturday)).toBe(true);
    expect(holds('time within 00:00-00:00 on fri', {}, aSaturday)).toBe(false);
    expect(holds('time within 17:00-17:00', {}, aSaturday)).toBe(true);
  });

  it('A condition with `time` is looked at again when the time comes', () => {
    const condition = parse('mood is sad and not time before 2026-11-21T18:00:00+01:00');
    expect(condition.hasTimeTest).toBe(true);
    expect(nextTurn(condition, aSaturday)).toBe(Date.parse('2026-11-21T17:00:00Z'));
    expect(parse('mood is sad').hasTimeTest).toBe(false);
  });
});

describe('authorisation', () => {
  it('A condition that mentions an attribute which its sender may not see (any more) does not hold, whatever its logic', () => {
    const hidden: Scene = { values: { online: ['true'], mood: ['sad'] }, mayNotRead: ['mood'] };
    for (const text of [
      'mood is sad',
      'mood is not sad',
      'not mood is sad',
      'online or mood is sad',
      'not mood changes',
    ]) {
      expect(holds(text, hidden)).toBe(false);
    }
    expect(holds('online or mood is sad', { ...hidden, mayNotRead: [] })).toBe(true);
  });

  it('For a politely blocked sender every attribute counts as authorised and is evaluated on the fake state', () => {
    const fake: Scene = { values: { online: ['false'], availability: ['not-available'] } };
    expect(holds('online', fake)).toBe(false);
    expect(holds('availability is not-available and mood is not known', fake)).toBe(true);
  });
});

describe('limits', () => {
  it('At most 1,024 characters', () => {
    expect(isRefused('online'.padEnd(1024))).toBe(false);
    expect(isRefused('online'.padEnd(1025))).toBe(true);
  });

  it('32 tests', () => {
    expect(isRefused('online or '.repeat(31).concat('online'))).toBe(false);
    expect(isRefused('online or '.repeat(32).concat('online'))).toBe(true);
  });

  it('depth 8', () => {
    expect(isRefused(`${'('.repeat(8)}online${')'.repeat(8)}`)).toBe(false);
    expect(isRefused(`${'('.repeat(9)}online${')'.repeat(9)}`)).toBe(true);
  });

  it('Beyond that, or malformed: refused, with the position of the fault', () => {
    expect(parseCondition('mood iz angry')).toMatchObject({ ok: false, error: { position: 5 } });
  });
});
