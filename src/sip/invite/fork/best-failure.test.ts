import { describe, expect, it } from 'vitest';
import { SipHeaders } from '../../message/sip-headers.ts';
import { createSipResponse } from '../../message/sip-message.ts';
import type { CallFailure } from '../session-words.ts';
import { bestFailure, statusOf } from './best-failure.ts';

function refused(status: number): CallFailure {
  const headers = new SipHeaders([
    ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa'],
    ['From', '<sip:a@b>;tag=1'],
    ['To', '<sip:c@d>;tag=2'],
    ['Call-ID', 'x'],
    ['CSeq', '1 INVITE'],
  ]);
  return { kind: 'refused', status, response: createSipResponse({ status, reason: 'x', headers }) };
}

function best(...failures: readonly (number | 'timeout' | 'transport' | 'limit' | 'cancelled')[]): number | undefined {
  const found = bestFailure(failures.map((each) => (typeof each === 'number' ? refused(each) : { kind: each })));
  return found === undefined ? undefined : statusOf(found);
}

describe('bestFailure (RFC 3261 16.7)', () => {
  it.each([
    [[], undefined],
    [[486, 603, 302], 603],
    [[486, 302, 503], 302],
    [[503, 486], 486],
    [[480, 415, 486], 415],
    [[486, 480], 486],
    [[487, 480], 480],
    [[503, 500], 500],
    [[600, 603], 600],
    [['timeout', 'transport'], 408],
    [['timeout', 486], 408],
    [['limit', 501], 501],
    [['cancelled'], 487],
    [['transport'], 503],
    [[401], 401],
    [[404, 407], 407],
    [[404, 420], 420],
    [[404, 484], 484],
  ] as const)('of %j is %s', (failures, status) => {
    expect(best(...failures)).toBe(status);
  });
});
