import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatReginfo } from './format-reginfo.ts';
import { parseReginfo } from './parse-reginfo.ts';
import type { ContactRecord, RegistrationInfo } from './registration-info.ts';

const phone: ContactRecord = {
  id: '76',
  state: 'active',
  event: 'refreshed',
  uri: 'sip:mary@192.0.2.1:5062;transport=tcp',
  durationRegistered: 7322,
  expires: 600,
  q: 0.8,
  callId: 'a@b',
  cseq: 2,
  displayName: 'Mary & <co>',
  parameters: [
    { name: '+sip.instance', value: '"<urn:uuid:0c67446e-f1a1-11d9-94d3-000a95a0e128>"' },
    { name: 'isfocus', value: '' },
  ],
};
const gone: ContactRecord = { id: '77', state: 'terminated', event: 'probation', uri: 'sip:mary@h', retryAfter: 30 };
const info: RegistrationInfo = {
  version: 7,
  state: 'partial',
  registrations: [
    { aor: 'sip:mary@localhost', id: 'a7', state: 'active', contacts: [phone, gone] },
    { aor: 'sip:joe@localhost', id: 'a8', state: 'init', contacts: [] },
  ],
};

const read = (document: string): ReturnType<typeof parseReginfo> => parseReginfo(new TextEncoder().encode(document));
const wrap = (content: string, attributes = 'version="0" state="full"'): string =>
  `<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" ${attributes}>${content}</reginfo>`;
const registration = (content: string): string =>
  wrap(`<registration aor="sip:a@b" id="1" state="active">${content}</registration>`);
const contact = (attributes: string, content = '<uri>sip:a@h</uri>'): string =>
  registration(`<contact ${attributes}>${content}</contact>`);
const firstContact = (document: string): ContactRecord | undefined => {
  const parsed = read(document);
  return parsed.ok ? parsed.value.registrations[0]?.contacts[0] : undefined;
};

describe('parseReginfo after formatReginfo', () => {
  it('is the same', () => {
    expect(parseReginfo(formatReginfo(info))).toEqual({ ok: true, value: info });
  });

  it('is the same whatever stands in it', () => {
    const word = fc.string({ unit: 'grapheme-ascii', minLength: 1 }).filter((text) => text.trim() === text);
    const count = fc.nat({ max: 0xffff_ffff });
    const contacts = fc.array(
      fc.record(
        {
          id: word,
          uri: word,
          durationRegistered: count,
          expires: count,
          retryAfter: count,
          q: fc.integer({ min: 0, max: 1_000 }).map((thousandths) => thousandths / 1_000),
          callId: word,
          cseq: count,
          displayName: word,
          parameters: fc.array(fc.record({ name: word, value: word }), { minLength: 1 }),
        },
        { requiredKeys: ['id', 'uri'] },
      ),
    );
    fc.assert(
      fc.property(count, fc.constantFrom('full', 'partial'), contacts, (version, state, all) => {
        const value: RegistrationInfo = {
          version,
          state,
          registrations: [
            {
              aor: 'sip:a@b',
              id: '1',
              state: 'terminated',
              contacts: all.map((fields) => ({ ...fields, state: 'terminated', event: 'rejected' })),
            },
          ],
        };
        expect(parseReginfo(formatReginfo(value))).toEqual({ ok: true, value });
      }),
    );
  });
});

describe('parseReginfo', () => {
  it.each([
    ['no XML', '<reginfo>', 'unclosed tag'],
    ['a document type', `<!DOCTYPE reginfo>${wrap('')}`, 'document type'],
    ['another document', '<reginfo version="0" state="full"/>', 'not a reginfo element'],
    ['no version', wrap('', 'state="full"'), 'no version'],
    ['a negative version', wrap('', 'version="-1" state="full"'), 'no version'],
    ['a version past 32 bits', wrap('', 'version="4294967296" state="full"'), 'no version'],
    ['no state', wrap('', 'version="0"'), 'neither full nor partial'],
    ['an odd state', wrap('', 'version="0" state="half"'), 'neither full nor partial'],
    ['no address', wrap('<registration id="1" state="init"/>'), 'no address of record'],
    ['no id', wrap('<registration aor="sip:a@b" state="init"/>'), 'has no id'],
    ['no state of a registration', wrap('<registration aor="sip:a@b" id="1" state="gone"/>'), 'has no state'],
    ['no id of a contact', contact('state="active" event="created"'), 'a contact has no id'],
    ['no state of a contact', contact('id="1" event="created"'), 'the contact 1 has no state'],
    ['no URI', contact('id="1" state="active" event="created"', '<uri> </uri>'), 'the contact 1 has no URI'],
  ])('refuses %s', (_what, document, words) => {
    const parsed = read(document);
    expect(parsed.ok ? '' : parsed.error).toContain(words);
  });

  it('takes a version of 32 bits', () => {
    expect(read(wrap('', 'version="4294967295" state="partial"'))).toMatchObject({ value: { version: 4_294_967_295 } });
  });

  it.each([
    ['an unknown event of an active contact', 'state="active" event="migrated"', 'registered'],
    ['no event', 'state="active"', 'registered'],
    ['an event of the other state', 'state="active" event="expired"', 'registered'],
    ['an unknown event of a contact that is gone', 'state="terminated" event="x"', 'unregistered'],
    ['a known one', 'state="terminated" event="deactivated"', 'deactivated'],
  ])('goes by the state for %s', (_what, attributes, event) => {
    expect(firstContact(contact(`id="1" ${attributes}`))).toMatchObject({ event });
  });

  it('passes over numbers that are none, and over what is foreign', () => {
    const odd = 'expires="soon" cseq="-1" retry-after="9999999999999999" q="-1.000" duration-registered="1.5" x:y="1"';
    const found = firstContact(
      registration(
        `<x:other xmlns:x="urn:x"/><contact xmlns:x="urn:x" id="1" state="active" event="created" ${odd}>` +
          '<x:uri>sip:x@y</x:uri><uri>\n sip:a@h </uri><unknown-param>1</unknown-param></contact>',
      ),
    );
    expect(found).toEqual({ id: '1', state: 'active', event: 'created', uri: 'sip:a@h' });
  });

  it.each([
    ['0', 0],
    ['1', 1],
    ['.5', 0.5],
    ['0.500', 0.5],
    ['1.001', undefined],
    ['', undefined],
  ])('reads the priority %s', (text, q) => {
    expect(firstContact(contact(`id="1" state="active" q="${text}"`))?.q).toBe(q);
  });
});

const samples = new URL('../../../../shared/reference/samples/reginfo/', import.meta.url);

describe.skipIf(!existsSync(samples))('the documents of the RFC (needs ../shared/reference/samples)', () => {
  const sample = (name: string): ReturnType<typeof parseReginfo> => parseReginfo(readFileSync(new URL(name, samples)));

  it('full', () => {
    expect(sample('reginfo-full.xml')).toEqual({
      ok: true,
      value: {
        version: 0,
        state: 'full',
        registrations: [
          {
            aor: 'sip:user@example.com',
            id: 'as9',
            state: 'active',
            contacts: [
              {
                id: '76',
                state: 'active',
                event: 'registered',
                uri: 'sip:user@pc887.example.com',
                durationRegistered: 7322,
                q: 0.8,
              },
              {
                id: '77',
                state: 'terminated',
                event: 'expired',
                uri: 'sip:user@university.edu',
                durationRegistered: 3600,
                q: 0.5,
              },
            ],
          },
        ],
      },
    });
  });

  it('the two of a subscription', () => {
    expect(sample('reginfo-init.xml')).toMatchObject({ value: { registrations: [{ state: 'init', contacts: [] }] } });
    expect(sample('reginfo-partial-registered.xml')).toMatchObject({
      value: {
        version: 1,
        state: 'partial',
        registrations: [{ contacts: [{ event: 'registered', durationRegistered: 0 }] }],
      },
    });
  });
});
