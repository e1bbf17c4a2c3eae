import { describe, expect, it } from 'vitest';
import { systemIds } from '../../base/system-ids.ts';
import { VirtualTime } from '../../base/time/virtual-time.ts';
import { parseSipMessage } from '../message/parse-message.ts';
import type { SipRequest } from '../message/sip-message.ts';
import { requestText } from '../transaction/recording-transport.ts';
import type { RequestWords } from '../transaction/recording-transport.ts';
import { MergedRequests } from './merged-requests.ts';

function request(words: RequestWords): SipRequest {
  const parsed = parseSipMessage(new TextEncoder().encode(requestText(words)));
  if (parsed.kind !== 'request') throw new Error('no request');
  return parsed.message;
}

describe('MergedRequests', () => {
  it('knows a request by another branch, and not by its own', () => {
    const time = new VirtualTime();
    const merged = new MergedRequests(time, systemIds, 100);
    expect(merged.isMerged(request({ branch: 'z9hG4bKa' }))).toBe(false);
    expect(merged.isMerged(request({ branch: 'z9hG4bKa' }))).toBe(false);
    expect(merged.isMerged(request({ branch: 'z9hG4bKb' }))).toBe(true);
    expect(merged.isMerged(request({ branch: 'z9hG4bKb', method: 'PUBLISH' }))).toBe(false);
  });

  it('forgets in time, however many there are', async () => {
    const time = new VirtualTime();
    const merged = new MergedRequests(time, systemIds, 1_000);
    for (let i = 0; i < 5_000; i++) {
      if (i % 10 === 0) await time.advance(1);
      expect(merged.isMerged(request({ callId: `c${i}` }))).toBe(false);
    }
    expect(merged.size).toBe(5_000);
    await time.advance(501);
    expect(merged.isMerged(request({ callId: 'c4999', branch: 'z9hG4bKx' }))).toBe(true);
    expect(merged.isMerged(request({ callId: 'c0', branch: 'z9hG4bKx' }))).toBe(false);
    await time.advance(1_000);
    expect(merged.isMerged(request({ callId: 'c4999', branch: 'z9hG4bKx' }))).toBe(false);
    expect(merged.size).toBe(1);
  });

  it('grows while it forgets', async () => {
    const time = new VirtualTime();
    const merged = new MergedRequests(time, systemIds, 10);
    const remember = (from: number, to: number): void => {
      for (let i = from; i < to; i++) merged.isMerged(request({ callId: `c${i}` }));
    };
    remember(0, 700);
    await time.advance(5);
    remember(700, 1_000);
    await time.advance(6);
    remember(1_000, 3_000);
    expect(merged.size).toBe(2_300);
    await time.advance(4);
    expect(merged.isMerged(request({ callId: 'c700', branch: 'z9hG4bKx' }))).toBe(false);
    expect(merged.isMerged(request({ callId: 'c2999', branch: 'z9hG4bKx' }))).toBe(true);
    expect(merged.size).toBe(2_001);
  });

  it('at its limit remembers no more, one past it', () => {
    const merged = new MergedRequests(new VirtualTime(), systemIds, 100, 2);
    for (const callId of ['a', 'b', 'c']) merged.isMerged(request({ callId }));
    expect(merged.size).toBe(2);
    const again = (callId: string): boolean => merged.isMerged(request({ callId, branch: 'z9hG4bKx' }));
    expect([again('a'), again('b'), again('c')]).toEqual([true, true, false]);
  });
});
