import { expect, it } from 'vitest';
import { ListenFault } from './listen-fault.ts';

it('has words for what a system says', () => {
  const fault = (code: string): ListenFault => new ListenFault('udp h:1', Object.assign(new Error('x'), { code }));
  expect(fault('EADDRNOTAVAIL').message).toBe('cannot listen on udp h:1: this machine has no such address');
  expect(fault('EACCES')).toMatchObject({ isTemporary: false, code: 'EACCES' });
  expect(fault('EOTHER').message).toBe('cannot listen on udp h:1: x');
  expect(new ListenFault('udp h:1', 'odd').message).toBe('cannot listen on udp h:1: odd');
});
