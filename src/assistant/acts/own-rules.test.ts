import { expect, it } from 'vitest';
import type { Address } from '../../model/address.ts';
import type { WatcherRule } from '../../model/watcher-rule.ts';
import type { Asking, Rooms } from './asking.ts';
import { rules } from './own-rules.ts';

const mary = 'mary@localhost' as Address;
const tom = 'tom@localhost' as Address;
const eve = 'eve@example.org' as Address;

function said(rule: WatcherRule): string | undefined {
  const rooms = { presence: { rulesOf: () => [rule] }, settings: { visibleByDefault: [] } };
  return rules({ owner: mary } as Asking, rooms as unknown as Rooms)[0];
}

it.each<[Partial<WatcherRule>, string]>([
  [{}, 'tom may see mood.'],
  [{ action: 'none', watchers: '*' }, 'everybody may also see mood, where they may see anything.'],
  [
    { watchers: [], domains: ['example.org'], except: { watchers: [eve] } },
    'everybody of example.org but eve@example.org may see mood.',
  ],
  [{ watchers: [], domains: ['*'], except: { domains: ['a.org'] } }, 'everybody but everybody of a.org may see mood.'],
  [{ spheres: ['work', 'home'] }, 'tom may see mood, in the sphere work or home.'],
  [
    { validity: [{ from: 0, until: 1000 }] },
    'tom may see mood, from 1970-01-01T00:00:00.000Z until 1970-01-01T00:00:01.000Z.',
  ],
  [{ unknownConditions: ['{urn:x}y'] }, 'tom may see mood, on a condition that I do not know: so it never holds.'],
])('a rule that says %o', (more, expected) => {
  expect(said({ watchers: [tom], attributes: ['mood'], action: 'allow', ...more })).toBe(expected);
});
