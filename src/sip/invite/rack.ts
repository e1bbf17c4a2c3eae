/** RAck of a PRACK (RFC 3262 7.2): which provisional response it acknowledges. */
import { isToken } from '../message/header-values.ts';

export interface RAck {
  readonly rseq: number;
  readonly cseq: number;
  readonly method: string;
}

/** RSeq is 1 to 2^32-1, the other number below 2^32. */
const numberMax = 0xffff_ffff;

export function parseRAck(text: string | undefined): RAck | undefined {
  const [rseqText = '', cseqText = '', method = '', ...rest] = (text ?? '').trim().split(/[ \t]+/);
  if (rest.length > 0 || !/^\d+$/.test(rseqText) || !/^\d+$/.test(cseqText) || !isToken(method)) return undefined;
  const [rseq, cseq] = [Number(rseqText), Number(cseqText)];
  return rseq <= numberMax && cseq <= numberMax ? { rseq, cseq, method } : undefined;
}
