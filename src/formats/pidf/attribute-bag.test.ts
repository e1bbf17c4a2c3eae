import { describe, expect, it } from 'vitest';
import { AttributeBag, attributeValuesMax, documentValuesMax } from './attribute-bag.ts';
import { parsePidf } from './parse-pidf.ts';

const named = (count: number, name: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => name(index)).join('');

const declarations =
  'xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" ' +
  'xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" xmlns:ex="urn:example"';

function faultOf(content: string): string {
  const parsed = parsePidf(new TextEncoder().encode(`<presence ${declarations}>${content}</presence>`), 0);
  return parsed.ok ? '' : parsed.error;
}

const person = (content: string): string => `<dm:person id="p">${content}</dm:person>`;
const moods = (count: number): string =>
  person(`<rpid:mood>${named(count, (index) => `<rpid:m${index}/>`)}</rpid:mood>`);
const notes = (count: number): string => named(count, (index) => `<note>${index}</note>`);
const tuples = (count: number): string =>
  named(count, (index) => `<tuple id="t${index}"><status><ex:room>${index}</ex:room></status></tuple>`);
/** The availability that follows from a document is not counted. */
const names = (count: number): string => person(named(count, (index) => `<ex:n${index}>1</ex:n${index}>`));

describe('a document names at most', () => {
  it.each([
    ['moods', moods],
    ['notes', notes],
    ['values of an element in many tuples', tuples],
  ])('64 values of one attribute: %s', (_what, content) => {
    expect(faultOf(content(attributeValuesMax))).toBe('');
    expect(faultOf(content(attributeValuesMax + 1))).toBe('an attribute has more than 64 values');
  });

  it('512 values of all', () => {
    expect(faultOf(names(documentValuesMax))).toBe('');
    expect(faultOf(names(documentValuesMax + 1))).toBe('there are more than 512 values');
  });

  it('as many, wherever they stand', () => {
    expect(faultOf(tuples(1) + names(documentValuesMax - 1))).toBe('');
    expect(faultOf(`<tuple id="t"><rpid:class>a</rpid:class></tuple>${names(documentValuesMax)}`)).not.toBe('');
    expect(faultOf(`${moods(2)}<tuple id="t">${named(65, (index) => `<note>${index}</note>`)}</tuple>`)).not.toBe('');
  });
});

describe('a bag', () => {
  it('takes a value once, and nothing more when it was given too much', () => {
    const bag = new AttributeBag();
    for (let index = 0; index < 2 * attributeValuesMax; index++) bag.add('mood', 'HAPPY');
    bag.add('MOOD', 'happy');
    expect([bag.excess, bag.get('mood')]).toEqual([undefined, ['HAPPY']]);
    for (let index = 0; index < 2 * attributeValuesMax; index++) bag.add('mood', `m${index}`);
    bag.add('sphere', 'work');
    expect(bag.excess).toBeDefined();
    expect([bag.get('mood').length, bag.get('sphere')]).toEqual([attributeValuesMax, []]);
  });
});
