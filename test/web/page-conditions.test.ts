/** What the page makes of a person's choices is what the server understands. */
import { describe, expect, it } from 'vitest';
import { parseCondition } from '../../src/conditions/parse-condition.ts';
import { arrivalOf, atOnce, conditionOfArrival, presetsFor, type Arrival } from '../../web/conditions/arrival.ts';
import { attributeNames } from '../../web/conditions/attribute-words.ts';
import {
  conditionOf,
  instantOf,
  localInput,
  relations,
  withFallback,
  type Row,
} from '../../web/conditions/condition-rows.ts';

const zone = 'Europe/Paris';

/** Whether the server takes it. */
function isTaken(text: string | undefined): boolean {
  return parseCondition(text ?? '').ok;
}

describe('conditionOf', () => {
  it.each<[readonly Row[], 'and' | 'or', string | undefined]>([
    [[], 'and', undefined],
    [[{ kind: 'attribute', attribute: 'mood', relation: 'is', values: [] }], 'and', undefined],
    [[{ kind: 'attribute', attribute: 'mood', relation: 'is', values: [' '] }], 'and', undefined],
    [[{ kind: 'attribute', attribute: 'mood', relation: 'is', values: ['happy'] }], 'and', 'mood is happy'],
    [[{ kind: 'attribute', attribute: 'mood', relation: 'is not known', values: [] }], 'and', 'mood is not known'],
    [
      [
        {
          kind: 'attribute',
          attribute: 'activity',
          relation: 'is not one of',
          values: ['meeting', '', 'on-the-phone '],
        },
      ],
      'and',
      'activity is not one of (meeting, on-the-phone)',
    ],
    [
      [{ kind: 'attribute', attribute: 'status-text', relation: 'is', values: ['say "hi" \\ bye'] }],
      'and',
      String.raw`status-text is "say \"hi\" \\ bye"`,
    ],
    [
      [{ kind: 'attribute', attribute: 'mood', relation: 'changes from', values: ['or'] }],
      'and',
      'mood changes from "or"',
    ],
    [[{ kind: 'time', relation: 'after', at: '' }], 'and', undefined],
    [[{ kind: 'window', from: '9:00', to: '18:00', days: 'every day', zone }], 'and', undefined],
    [
      [
        { kind: 'window', from: '18:00', to: '23:00', days: 'mon-fri', zone },
        { kind: 'attribute', attribute: 'online', relation: 'is', values: ['true'] },
      ],
      'or',
      'time within 18:00-23:00 on mon-fri Europe/Paris or online is true',
    ],
  ])('%j', (rows, joint, text) => {
    expect(conditionOf(rows, joint)).toBe(text);
    expect(text === undefined || isTaken(text)).toBe(true);
  });

  it('is understood by the server for every attribute and relation that is offered', () => {
    for (const attribute of attributeNames) {
      for (const relation of relations) {
        const value = attribute === 'online' ? 'true' : attribute === 'availability' ? 'discreet' : 'x y';
        const row: Row = { kind: 'attribute', attribute, relation, values: [value] };
        expect(isTaken(conditionOf([row], 'and')) ? '' : `${attribute} ${relation}`).toBe('');
      }
    }
  });
});

describe('withFallback', () => {
  const at = '2026-11-21T09:00';
  it.each([
    ['mood is happy', 'mood is happy or time after'],
    ['mood is happy and online', '(mood is happy and online) or time after'],
    ['status-text is "this and that"', 'status-text is "this and that" or time after'],
  ])('%s', (condition, begin) => {
    const text = withFallback(condition, at);
    expect(text).toBe(`${begin} ${instantOf(at) ?? ''}`);
    expect(isTaken(text)).toBe(true);
  });

  it('needs a time', () => {
    expect(withFallback('online', 'soon')).toBeUndefined();
  });
});

describe('localInput', () => {
  it('is the local time of an instant', () => {
    const at = Date.parse('2026-11-21T09:00:00Z');
    expect(new Date(localInput(at)).getTime()).toBe(at);
    expect(instantOf(localInput(at))).toBe('2026-11-21T09:00:00Z');
  });
});

describe('an arrival', () => {
  const local = localInput(Date.parse('2026-11-21T09:00:00Z'));
  const own = (more: Partial<Arrival>): Arrival => ({ ...atOnce, preset: 'own', ...more });

  it.each<[string, Arrival, object]>([
    ['at once', atOnce, { kind: 'none' }],
    ['a preset', { ...atOnce, preset: 'available' }, { kind: 'condition', text: 'availability is available' }],
    ['a time that is missing', { ...atOnce, preset: 'time' }, { kind: 'incomplete' }],
    ['rows that are missing', own({}), { kind: 'incomplete' }],
    ['a text', own({ text: ' mood is calm ' }), { kind: 'condition', text: 'mood is calm' }],
    ['a text that is empty', own({ text: '' }), { kind: 'incomplete' }],
    ['a fallback that is no time', own({ text: 'online', fallbackAt: 'x' }), { kind: 'incomplete' }],
    ['a fallback of what arrives at once', { ...atOnce, fallbackAt: '2026-11-21T09:00' }, { kind: 'none' }],
  ])('%s', (_what, arrival, condition) => {
    expect(conditionOfArrival(arrival)).toEqual(condition);
  });

  it.each<[string | undefined, Partial<Arrival>]>([
    [undefined, {}],
    ['availability is available', { preset: 'available' }],
    ['availability is available or time after 2026-11-21T09:00:00Z', { preset: 'available', fallbackAt: local }],
    ['time after 2026-11-21T09:00:00Z', { preset: 'time', at: local }],
    ['time after 2026-11-21T09:00:07Z', { preset: 'own', text: 'time after 2026-11-21T09:00:07Z' }],
    ['mood is calm', { preset: 'own', text: 'mood is calm' }],
    ['availability is available or online', { preset: 'own', text: 'availability is available or online' }],
  ])('is found again in its condition: %s', (text, arrival) => {
    expect(arrivalOf(text)).toEqual({ ...atOnce, ...arrival });
    expect(conditionOfArrival(arrivalOf(text))).toEqual(
      text === undefined ? { kind: 'none' } : { kind: 'condition', text },
    );
  });

  it('keeps what was chosen among the choices, whatever may be seen', () => {
    expect(presetsFor([], 'available').map(({ name }) => name)).toEqual(['now', 'available', 'time', 'own']);
  });

  it('offers nothing about what may not be seen, and only what the server understands', () => {
    expect(presetsFor([], 'now').map(({ name }) => name)).toEqual(['now', 'time', 'own']);
    const all = presetsFor(attributeNames, 'now');
    expect(all.map(({ name }) => name)).toContain('not-angry');
    for (const { condition, needs } of all) {
      if (condition === undefined) continue;
      const parsed = parseCondition(condition);
      expect(parsed.ok && parsed.value.attributes).toEqual(needs);
    }
  });
});
