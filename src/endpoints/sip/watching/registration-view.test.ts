import { describe, expect, it } from 'vitest';
import type { ContactRecord, RegistrationInfo } from '../../../formats/reginfo/registration-info.ts';
import type { Address } from '../../../model/address.ts';
import { RegistrationView } from './registration-view.ts';

const contact = (id: string, state: ContactRecord['state'] = 'active'): ContactRecord => ({
  id,
  state,
  event: state === 'active' ? 'registered' : 'unregistered',
  uri: `sip:${id}@192.0.2.10`,
});

function document(
  version: number,
  state: RegistrationInfo['state'],
  contacts: readonly ContactRecord[],
  more: Partial<RegistrationInfo['registrations'][number]> = {},
): RegistrationInfo {
  const registration = { aor: 'sip:mary@example.com', id: 'r1', state: 'active' as const, contacts, ...more };
  return { version, state, registrations: [registration] };
}

const create = (): RegistrationView => new RegistrationView('mary@example.com' as Address);
const idsOf = (view: RegistrationView): string[] => view.activeContacts.map(({ id }) => id);

describe('the contacts of one user', () => {
  it('are those of the whole document and of what changed since, contact by contact', () => {
    const view = create();
    expect(view.apply(document(0, 'full', [contact('a'), contact('b')]))).toBe('applied');
    expect(view.apply(document(1, 'partial', [contact('c')]))).toBe('applied');
    expect(view.apply(document(2, 'partial', [contact('a', 'terminated')]))).toBe('applied');
    expect(idsOf(view)).toEqual(['b', 'c']);
    expect(view.apply(document(9, 'full', [contact('d')]))).toBe('applied');
    expect(idsOf(view)).toEqual(['d']);
  });

  it('a document that is older, or the same once more, counts for nothing', () => {
    const view = create();
    view.apply(document(4, 'full', [contact('a')]));
    expect(view.apply(document(4, 'partial', [contact('b')]))).toBe('old');
    expect(view.apply(document(3, 'partial', [contact('b')]))).toBe('old');
    expect(idsOf(view)).toEqual(['a']);
  });

  it('one that is missing makes a whole one needed; so does a difference to nothing', () => {
    const view = create();
    expect(view.apply(document(0, 'partial', [contact('a')]))).toBe('gap');
    view.apply(document(4, 'full', [contact('a')]));
    expect(view.apply(document(6, 'partial', [contact('b')]))).toBe('gap');
    expect(idsOf(view)).toEqual(['a']);
    expect(view.apply(document(0, 'full', [contact('c')])), 'as the first of another subscription').toBe('applied');
    expect(idsOf(view)).toEqual(['c']);
  });

  it('go with their registration', () => {
    const view = create();
    view.apply(document(0, 'full', [contact('a')]));
    view.apply(document(1, 'partial', [contact('b')], { id: 'r2' }));
    view.apply(document(2, 'partial', [contact('a', 'terminated')], { state: 'terminated' }));
    expect(idsOf(view)).toEqual(['b']);
    view.apply(document(3, 'partial', [], { id: 'r2', state: 'init' }));
    expect(idsOf(view)).toEqual([]);
  });

  it('of other identities are not theirs', () => {
    const view = create();
    view.apply(document(0, 'full', [contact('a')], { aor: 'sip:john@example.com' }));
    view.apply(document(1, 'partial', [contact('b')], { aor: 'tel:+1' }));
    view.apply(document(2, 'partial', [contact('c')], { aor: 'sips:Mary@example.com;user=ip', id: 'r3' }));
    expect(idsOf(view)).toEqual(['c']);
  });
});
