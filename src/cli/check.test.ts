import { describe, expect, it } from 'vitest';
import { recordedIo } from '../../test/recorded-io.ts';
import { check } from './check.ts';

describe('check', () => {
  it('says in words what a condition waits for', () => {
    const io = recordedIo();
    expect(check('mood is angry', io)).toBe(0);
    expect([io.out(), io.err()]).toEqual(["Wait until the recipient's mood is angry.\n", '']);
  });

  it('points at the first wrong character', () => {
    const io = recordedIo();
    expect(check('mood si angry', io)).toBe(1);
    const [text, pointer, reason] = io.err().split('\n');
    expect([io.out(), text, pointer]).toEqual(['', 'mood si angry', '     ^']);
    expect(reason).toMatch(/^\S.*\(character 6\)$/);
  });

  it('points behind the end of one that ends too early', () => {
    const io = recordedIo();
    check('mood is', io);
    expect(io.err().split('\n')[1]).toBe(`${' '.repeat('mood is'.length)}^`);
  });

  it('shows the neighbourhood of a fault in a long one, and keeps tabs in line', () => {
    const io = recordedIo();
    check(`${'online or '.repeat(20)}\tmood si angry`, io);
    const [text, pointer] = io.err().split('\n');
    expect(text).toMatch(/^(?!online or online or online or online or online or online or online)[^\t]*mood si angry$/);
    expect(text?.[pointer?.indexOf('^') ?? -1]).toBe('s');
  });
});
