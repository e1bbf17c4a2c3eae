import { describe, expect, it } from 'vitest';
import { lookupsMax, SystemResolver } from './resolver-socket.ts';

type Done = (addresses: readonly string[]) => void;

describe('SystemResolver', () => {
  it('asks once for all who wait, and remembers what was found but not what was not', () => {
    const asked: { host: string; done: Done }[] = [];
    const resolver = new SystemResolver((host, done) => asked.push({ host, done }));
    const got: (readonly string[])[] = [];
    resolver.resolve('a.example', (addresses) => got.push(addresses));
    resolver.resolve('a.example', (addresses) => got.push(addresses));
    expect(asked.map(({ host }) => host)).toEqual(['a.example']);
    asked[0]?.done(['192.0.2.1']);
    resolver.resolve('a.example', (addresses) => got.push(addresses));
    expect(got).toEqual([['192.0.2.1'], ['192.0.2.1'], ['192.0.2.1']]);
    resolver.resolve('b.example', () => undefined);
    asked[1]?.done([]);
    resolver.resolve('b.example', () => undefined);
    expect(asked).toHaveLength(3);
  });

  it('at the limit of look-ups the newest name has no address, and joins those who wait for a name already', () => {
    const asked: Done[] = [];
    const resolver = new SystemResolver((_host, done) => asked.push(done));
    const refused: number[] = [];
    const ask = (i: number): void => resolver.resolve(`h${i}`, ({ length }) => (length === 0 ? refused.push(i) : 0));
    for (let i = 0; i < lookupsMax; i++) ask(i);
    expect([asked.length, refused.length]).toEqual([lookupsMax, 0]);
    ask(lookupsMax);
    ask(0);
    expect(refused).toEqual([lookupsMax]);
    asked[0]?.(['192.0.2.1']);
    ask(lookupsMax);
    expect(asked).toHaveLength(lookupsMax + 1);
  });
});
