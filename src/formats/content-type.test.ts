import { describe, expect, it } from 'vitest';
import { contentTypeParametersMax, mediaTypeOf, parseContentType } from './content-type.ts';

describe('parseContentType', () => {
  it.each([
    ['text/plain', 'text/plain', {}],
    [' Text/PLAIN ; Charset=UTF-8', 'text/plain', { charset: 'UTF-8' }],
    ['multipart/mixed;boundary="a;b=\\"c\\"";x=1', 'multipart/mixed', { boundary: 'a;b="c"', x: '1' }],
    ['text/plain;;charset=a;charset=b;odd', 'text/plain', { charset: 'a' }],
    ['application/im-iscomposing+xml', 'application/im-iscomposing+xml', {}],
  ])('%s', (text, type, parameters) => {
    const parsed = parseContentType(text);
    expect(parsed?.type).toBe(type);
    expect(Object.fromEntries(parsed?.parameters ?? [])).toEqual(parameters);
  });

  it.each(['', 'text', 'text/', '/plain', 'text/plain/x', 'te xt/plain'])('%j is none', (text) => {
    expect(parseContentType(text)).toBeUndefined();
  });

  it('reads 16 parameters and leaves out the rest', () => {
    const text = `a/b${Array.from({ length: contentTypeParametersMax + 1 }, (_, index) => `;p${index}=1`).join('')}`;
    expect(parseContentType(text)?.parameters.size).toBe(contentTypeParametersMax);
  });

  it('mediaTypeOf looks only at the type', () => {
    expect(mediaTypeOf('Message/CPIM; x=y')).toBe('message/cpim');
  });
});
