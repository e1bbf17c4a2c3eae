import { describe, expect, it } from 'vitest';
import { formatRecipientHistory, parseRecipientList, recipientListMax } from './recipient-list.ts';

const list = (entries: string, root = 'resource-lists'): Uint8Array =>
  new TextEncoder().encode(
    `<${root} xmlns="urn:ietf:params:xml:ns:resource-lists" xmlns:c="urn:ietf:params:xml:ns:copycontrol"><list>${entries}</list></${root}>`,
  );
const errorOf = (bytes: Uint8Array): string => {
  const parsed = parseRecipientList(bytes);
  return parsed.ok ? '' : parsed.error;
};

describe('parseRecipientList', () => {
  it('reads who is to get a copy, and who may be known', () => {
    const entries =
      '<display-name>all</display-name><entry uri="sip:a@x" c:copyControl="to"/>' +
      '<entry uri=" sip:b@x " c:copyControl="cc" c:anonymize="true"><display-name>B</display-name></entry><entry uri="sip:c@x"/>';
    expect(parseRecipientList(list(entries))).toEqual({
      ok: true,
      value: [
        { uri: 'sip:a@x', copyControl: 'to', isAnonymous: false },
        { uri: 'sip:b@x', copyControl: 'cc', isAnonymous: true },
        { uri: 'sip:c@x', copyControl: 'bcc', isAnonymous: false },
      ],
    });
  });

  it.each([
    ['<entry/>', 'an entry has no uri'],
    ['<entry-ref ref="x"/>', 'the list is not flat: it holds entry-ref'],
    ['<entry uri="sip:a@x" c:copyControl="all"/>', 'all is not a copyControl'],
    ['', 'the list is empty'],
    ['</list><list>', 'it does not hold one list'],
  ])('says what is wrong with %s', (entries, words) => {
    expect(errorOf(list(entries))).toBe(words);
  });

  it('is another document, or none', () => {
    expect(errorOf(list('<entry uri="sip:a@x"/>', 'lists'))).toBe('it is not a resource-lists document');
    expect(errorOf(new TextEncoder().encode('<'))).not.toBe('');
  });

  it('takes recipientListMax entries and not one more', () => {
    const entries = Array.from({ length: recipientListMax }, (_, at) => `<entry uri="sip:u${at}@x"/>`).join('');
    expect(errorOf(list(entries))).toBe('');
    expect(errorOf(list(`${entries}<entry uri="sip:v@x"/>`))).toBe(
      `the list has more than ${recipientListMax} entries`,
    );
  });
});

describe('formatRecipientHistory', () => {
  it('names nobody who is hidden, and counts who is anonymous', () => {
    const parsed = parseRecipientList(
      list(
        '<entry uri="sip:a@x" c:copyControl="cc" c:anonymize="1"/><entry uri="sip:b@x" c:copyControl="cc" c:anonymize="true"/>' +
          '<entry uri="sip:c@x?a=1&amp;b" c:copyControl="to"/><entry uri="sip:d@x"/>',
      ),
    );
    const history = parsed.ok ? formatRecipientHistory(parsed.value) : undefined;
    expect(new TextDecoder().decode(history)).toContain(
      '<list><entry uri="sip:c@x?a=1&amp;b" cp:copyControl="to"/>' +
        '<entry uri="sip:anonymous@anonymous.invalid" cp:copyControl="cc" cp:count="2"/></list>',
    );
  });

  it('is none where nobody may be known', () => {
    expect(formatRecipientHistory([{ uri: 'sip:d@x', copyControl: 'bcc', isAnonymous: false }])).toBeUndefined();
  });
});
