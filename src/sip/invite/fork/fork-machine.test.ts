import { describe, expect, it } from 'vitest';
import { ForkMachine } from './fork-machine.ts';
import type { ForkInput, ForkOutput } from './fork-machine.ts';

class Fork {
  readonly machine: ForkMachine;
  now = 0;

  constructor(priorities: readonly number[], limitMs = 10_000) {
    this.machine = new ForkMachine(priorities, limitMs, 0);
  }

  give(input: ForkInput): string[] {
    return this.machine.handle(input, this.now).map(say);
  }

  fail(branch: number, isGlobal = false): string[] {
    return this.give({ kind: 'failed', branch, isGlobal });
  }
}

function say(output: ForkOutput): string {
  return output.kind === 'tell-failed' ? `failed: ${output.why}` : `${output.kind} ${output.branch}`;
}

describe('ForkMachine', () => {
  it('calls the highest at once, the next when all of them have failed', () => {
    const fork = new Fork([0.5, 1, 0.5, 1, 0]);
    expect(fork.give({ kind: 'begin' })).toEqual(['call 1', 'call 3']);
    expect(fork.fail(1)).toEqual([]);
    expect(fork.fail(3)).toEqual(['call 0', 'call 2']);
    expect([fork.fail(2), fork.fail(0)]).toEqual([[], ['call 4']]);
    expect(fork.fail(4)).toEqual(['failed: refused']);
    expect(fork.machine.state).toBe('failed');
  });

  it('gives the session to the first that answers, and cancels the others', () => {
    const fork = new Fork([1, 1, 1, 0.5]);
    fork.give({ kind: 'begin' });
    fork.fail(0);
    expect(fork.give({ kind: 'answered', branch: 2 })).toEqual(['cancel 1']);
    expect(fork.machine.state).toBe('answered');
    expect([fork.fail(1), fork.give({ kind: 'cancel' })], 'nothing follows').toEqual([[], []]);
    expect(fork.machine.deadline()).toBeUndefined();
  });

  it('ends with a 6xx of any', () => {
    const fork = new Fork([1, 1, 0.5]);
    fork.give({ kind: 'begin' });
    expect(fork.fail(0, true)).toEqual(['cancel 1', 'failed: refused']);
    expect(fork.fail(1, true)).toEqual([]);
  });

  it('ends at its limit, and not before', () => {
    const fork = new Fork([1, 1], 10_000);
    fork.give({ kind: 'begin' });
    expect(fork.machine.deadline()).toBe(10_000);
    fork.now = 9_999;
    expect(fork.give({ kind: 'tick' })).toEqual([]);
    fork.now = 10_000;
    expect(fork.give({ kind: 'tick' })).toEqual(['cancel 0', 'cancel 1', 'failed: time-limit']);
  });

  it('ends when it is not wanted any more', () => {
    const fork = new Fork([1, 0]);
    fork.give({ kind: 'begin' });
    expect(fork.give({ kind: 'cancel' })).toEqual(['cancel 0', 'failed: cancelled']);
    expect(fork.fail(0), 'the next is not called').toEqual([]);
  });

  it('of nobody fails', () => {
    expect(new Fork([]).give({ kind: 'begin' })).toEqual(['failed: refused']);
  });
});
