import { describe, expect, it } from 'vitest';
import type { Address } from '../../../model/address.ts';
import type { DeliveryReport } from '../../../model/delivery-report.ts';
import { formatReference, type ImdnReference } from './imdn-reference.ts';
import { writeNext } from './sip-reporter.ts';
import { aggregatedMax } from './write-imdn.ts';

const about = (changes: Partial<ImdnReference> = {}): ImdnReference => ({
  messageId: 'm1',
  dateTime: '2026-11-21T09:00:00Z',
  from: 'sip:tom@x',
  to: 'sip:mary@x',
  originalTo: 'sip:list@x',
  ...changes,
});
const report = (reference: ImdnReference | undefined): DeliveryReport => {
  const text = reference === undefined ? undefined : formatReference(reference);
  return {
    number: 1,
    owner: 'tom@x' as Address,
    protocol: 'sip',
    messageId: 'id',
    recipient: 'mary@x' as Address,
    kind: 'stored',
    state: 'waiting',
    at: 1000,
    ...(text === undefined ? {} : { reference: text }),
  };
};
const textOf = (reports: readonly DeliveryReport[]): string =>
  Buffer.from(writeNext(reports).message?.body ?? []).toString();

describe('writeNext', () => {
  it('puts those on the copies of one list into one, which is from the list', () => {
    const reports = [report(about()), report(about({ to: 'sip:john@x' })), report(about({ messageId: 'm2' }))];
    const { count, message } = writeNext(reports);
    expect([count, message?.sender]).toEqual([2, 'list@x']);
    expect(textOf(reports)).toMatch(
      /^From: <sip:list@x>[^]*boundary=imdn[^]*<recipient-uri>sip:mary@x<[^]*<recipient-uri>sip:john@x<[^]*--imdn--\r\n$/,
    );
  });

  it.each([
    ['another list', about({ originalTo: 'sip:list@y' })],
    ['another message', about({ messageId: 'm2' })],
    ['none that SIP can tell', undefined],
  ])('tells one alone when the next is of %s', (_, next) => {
    const { count, message } = writeNext([report(about()), report(next)]);
    expect([count, message?.sender]).toEqual([1, 'mary@x']);
  });

  it('never puts together what came by no list', () => {
    const { originalTo: _, ...direct } = about();
    expect(writeNext([report(direct), report(direct)]).count).toBe(1);
  });

  it('passes over what nobody asked for in a form of SIP', () => {
    expect(writeNext([report(undefined)])).toEqual({ count: 1 });
  });

  it('puts aggregatedMax together and not one more', () => {
    const many = (count: number): DeliveryReport[] => Array.from({ length: count }, () => report(about()));
    expect(writeNext(many(aggregatedMax)).count).toBe(aggregatedMax);
    expect(writeNext(many(aggregatedMax + 1)).count).toBe(aggregatedMax);
  });
});
