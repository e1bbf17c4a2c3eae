import { describe, expect, it } from 'vitest';
import type { Address } from '../../../model/address.ts';
import { RegistrationBook } from './registration-book.ts';
import { RegistrationPackage } from './registration-package.ts';

const clock = { wall: () => 0, monotonic: () => 0 };
const eventPackage = new RegistrationPackage({
  book: new RegistrationBook({ clock, bindingsOf: () => [] }),
  paceMs: 5_000,
  serves: (address) => (address === 'john@localhost' ? Promise.resolve(true) : address === 'mary@localhost'),
  permitted: new Set(['desk@localhost' as Address]),
  isTrusted: (address) => address === '192.0.2.10' || address === '[2001:db8::1]',
  domains: ['localhost'],
});

describe('who may watch registrations', () => {
  it.each([
    ['the owner', 'mary@localhost', 'active'],
    ['whom the operator names', 'desk@localhost', 'active'],
    ['a trusted machine by its own address', 'watch@192.0.2.10', 'active'],
    ['one by IPv6', 'watch@[2001:db8::1]', 'active'],
    ['another of the domain', 'tom@localhost', 'rejected'],
    ['a machine that is not trusted', 'watch@192.0.2.11', 'rejected'],
    ['somebody whom a core speaks for', 'tom@core.example.com', 'rejected'],
  ])('%s: %s is %s', (_what, subscriber, standing) => {
    expect(eventPackage.authorise(subscriber, 'mary@localhost')).toBe(standing);
  });

  it('learns whether there is such an address only when they may', async () => {
    expect(eventPackage.authorise('watch@192.0.2.10', 'ghost@localhost')).toBe('no-such-resource');
    expect(eventPackage.authorise('tom@localhost', 'ghost@localhost')).toBe('rejected');
    expect(await eventPackage.authorise('desk@localhost', 'john@localhost')).toBe('active');
  });

  it('is no machine where addresses are domains that are served', () => {
    const served = new RegistrationPackage({
      book: new RegistrationBook({ clock, bindingsOf: () => [] }),
      paceMs: 0,
      serves: () => true,
      permitted: new Set(),
      isTrusted: () => true,
      domains: ['192.0.2.10'],
    });
    expect(served.authorise('tom@192.0.2.10', 'mary@192.0.2.10')).toBe('rejected');
  });
});
