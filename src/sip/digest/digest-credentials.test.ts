import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { credentialsLengthMax, parseDigestCredentials } from './digest-credentials.ts';
import { digestParametersMax } from './digest-parameters.ts';

const complete = 'Digest username="tom", realm="example.com", nonce="n1", uri="sip:example.com", response="r1"';

describe('parseDigestCredentials', () => {
  it('reads what a client sends', () => {
    const text = `${complete}, algorithm=MD5, cnonce="c1", qop=auth, nc=00000001, opaque="o"`;
    expect(parseDigestCredentials(text)).toEqual({
      ok: true,
      value: {
        userName: 'tom',
        realm: 'example.com',
        nonce: 'n1',
        uri: 'sip:example.com',
        response: 'r1',
        algorithm: 'MD5',
        qop: 'auth',
        cnonce: 'c1',
        nonceCount: '00000001',
      },
    });
  });

  it.each([
    ['quotes where none belong', `${complete},qop="auth",nc="00000001"`],
    ['white space and empty members', `${complete} ,, qop = auth ,\tnc= 00000001 ,`],
    [
      'names and scheme in any case',
      `${complete.replace('Digest', 'DIGEST').replace('realm', 'Realm')},QOP=auth,NC=00000001`,
    ],
  ])('takes %s', (_, text) => {
    const value = { userName: 'tom', realm: 'example.com', qop: 'auth', nonceCount: '00000001' };
    expect(parseDigestCredentials(text)).toMatchObject({ ok: true, value });
  });

  it('undoes escapes, and reads commas and equals signs within quotes', () => {
    const parsed = parseDigestCredentials(complete.replace('"tom"', String.raw`"a\"b\\c,d=e"`));
    expect(parsed).toMatchObject({ ok: true, value: { userName: String.raw`a"b\c,d=e` } });
  });

  it('reads a user name in UTF-8', () => {
    const parsed = parseDigestCredentials(complete.replace('username="tom"', "username*=UTF-8''J%C3%A4s%C3%B8n"));
    expect(parsed).toMatchObject({ ok: true, value: { userName: 'Jäsøn' } });
  });

  it('leaves other schemes alone', () => {
    expect(parseDigestCredentials('Basic dG9tOg==')).toBeUndefined();
    expect(parseDigestCredentials('Digestive username="x"')).toBeUndefined();
    expect(parseDigestCredentials('')).toBeUndefined();
  });

  it.each([
    ['no username', complete.replace('username="tom", ', '')],
    ['no realm', complete.replace('realm="example.com", ', '')],
    ['no nonce', complete.replace('nonce="n1", ', '')],
    ['no uri', complete.replace('uri="sip:example.com", ', '')],
    ['no response', complete.replace(', response="r1"', '')],
    ['an empty username', complete.replace('"tom"', '""')],
    ['username in both forms', `${complete}, username*=UTF-8''tom`],
    ['username* that is not UTF-8', complete.replace('username="tom"', "username*=UTF-8''%FF")],
    ['username* of another charset', complete.replace('username="tom"', "username*=latin1''tom")],
    ['a parameter twice', `${complete}, nonce="n2"`],
    ['no end of a string', `${complete}, opaque="x`],
    ['no end of a string after an escape', `${complete}, opaque="x\\`],
    ['no comma', `${complete} opaque="x"`],
    ['no value', `${complete}, qop`],
    ['no name', `${complete}, ="x"`],
  ])('refuses credentials with %s', (_, text) => {
    expect(parseDigestCredentials(text)).toMatchObject({ ok: false });
  });

  it('takes values and numbers of parameters up to the limits and not beyond', () => {
    const padding = credentialsLengthMax - complete.length - ', opaque=""'.length;
    expect(parseDigestCredentials(`${complete}, opaque="${'x'.repeat(padding)}"`)).toMatchObject({ ok: true });
    expect(parseDigestCredentials(`${complete}, opaque="${'x'.repeat(padding + 1)}"`)).toMatchObject({ ok: false });
    const more = Array.from({ length: digestParametersMax - 5 }, (_, n) => `, x${n}=1`).join('');
    expect(parseDigestCredentials(complete + more)).toMatchObject({ ok: true });
    expect(parseDigestCredentials(`${complete}${more}, y=1`)).toMatchObject({ ok: false });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'b', '=', '"', ',', '\\', ' ', ';', '*', "'", '%') }),
        (text) => {
          expect(parseDigestCredentials(`Digest ${text}`)).toBeDefined();
          expect(parseDigestCredentials(`${complete},${text}`)).toBeDefined();
        },
      ),
    );
  });
});
