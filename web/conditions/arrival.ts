/** When a message should arrive, as a composer offers it; a draft keeps it. */
import { conditionOf, instantOf, localInput, withFallback, type Joint, type Row } from './condition-rows.ts';

export type PresetName = 'now' | 'available' | 'undisturbed' | 'not-angry' | 'time' | 'own';

export interface Arrival {
  readonly preset: PresetName;
  /** Of the preset `time`: local. */
  readonly at: string;
  readonly rows: readonly Row[];
  readonly joint: Joint;
  /** The own condition as text, in place of rows. */
  readonly text: string | undefined;
  /** Local; from then on the condition counts no more. */
  readonly fallbackAt: string;
  /** Seconds; undefined is what the server takes by itself. */
  readonly validFor: number | undefined;
}

export const atOnce: Arrival = {
  preset: 'now',
  at: '',
  rows: [],
  joint: 'and',
  text: undefined,
  fallbackAt: '',
  validFor: undefined,
};

export interface Preset {
  readonly name: PresetName;
  /** `{name}` stands for whom it is for. */
  readonly label: string;
  /** Shown on the button of the composer. */
  readonly short: string;
  readonly condition?: string;
  /** Offered only to who may see these. */
  readonly needs: readonly string[];
}

const presets: readonly Preset[] = [
  { name: 'now', label: 'Now, or when {name} comes online', short: 'Now', needs: [] },
  {
    name: 'available',
    label: 'When {name} is available',
    short: 'When available',
    condition: 'availability is available',
    needs: ['availability'],
  },
  {
    name: 'undisturbed',
    label: 'When {name} is neither in a meeting nor on the phone',
    short: 'When undisturbed',
    condition: 'activity is not one of (meeting, on-the-phone)',
    needs: ['activity'],
  },
  {
    name: 'not-angry',
    label: 'When {name}’s mood is no longer angry',
    short: 'When not angry',
    condition: 'mood is not angry',
    needs: ['mood'],
  },
  { name: 'time', label: 'At a time that I choose', short: 'At a time', needs: [] },
  { name: 'own', label: 'My own condition', short: 'Own condition', needs: [] },
];

/** Only what this person lets me see, and what was chosen before that was known or while it was so. */
export function presetsFor(visible: readonly string[], chosen: PresetName): readonly Preset[] {
  return presets.filter(({ name, needs }) => name === chosen || needs.every((each) => visible.includes(each)));
}

export function presetOf({ preset }: Arrival): Preset {
  return presets.find(({ name }) => name === preset) ?? (presets[0] as Preset);
}

export type ArrivalCondition =
  | { readonly kind: 'none' }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'condition'; readonly text: string };

/** The condition that the message carries. */
export function conditionOfArrival(arrival: Arrival): ArrivalCondition {
  const base = baseCondition(arrival);
  if (base.kind !== 'condition' || arrival.fallbackAt === '' || !mayFallBack(arrival)) return base;
  const text = withFallback(base.text, arrival.fallbackAt);
  return text === undefined ? { kind: 'incomplete' } : { kind: 'condition', text };
}

/** The choices that make this condition; what none of them makes is one's own. */
export function arrivalOf(condition: string | undefined): Arrival {
  if (condition === undefined) return atOnce;
  const [, base = condition, fallback] = /^(.+) or time after (\S+)$/.exec(condition) ?? [];
  const [, time] = /^time after (\S+)$/.exec(condition) ?? [];
  const name = time === undefined ? presets.find((each) => each.condition === base)?.name : 'time';
  const found: Arrival = { ...atOnce, preset: name ?? 'own', at: localOf(time), fallbackAt: localOf(fallback) };
  const made = conditionOfArrival(found);
  const isSame = made.kind === 'condition' && made.text === condition;
  return isSame ? found : { ...atOnce, preset: 'own', text: condition };
}

function localOf(instant: string | undefined): string {
  const at = Date.parse(instant ?? '');
  return Number.isNaN(at) ? '' : localInput(at);
}

/** A time is its own fallback, and what arrives at once needs none. */
export function mayFallBack({ preset }: Arrival): boolean {
  return preset !== 'now' && preset !== 'time';
}

function baseCondition(arrival: Arrival): ArrivalCondition {
  const { condition } = presetOf(arrival);
  if (condition !== undefined) return { kind: 'condition', text: condition };
  if (arrival.preset === 'now') return { kind: 'none' };
  const text = arrival.preset === 'time' ? timeCondition(arrival.at) : ownCondition(arrival);
  return text === undefined || text === '' ? { kind: 'incomplete' } : { kind: 'condition', text };
}

function timeCondition(at: string): string | undefined {
  const instant = instantOf(at);
  return instant === undefined ? undefined : `time after ${instant}`;
}

function ownCondition({ text, rows, joint }: Arrival): string | undefined {
  return text === undefined ? conditionOf(rows, joint) : text.trim();
}
