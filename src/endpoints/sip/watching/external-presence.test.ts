import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../../../base/time/virtual-time.ts';
import type { ElsewhereWord } from '../../../presence/publication/presence-elsewhere.ts';
import type { PublishOutcome } from '../../../presence/publication/publisher.ts';
import { ExternalPresence, sayAgainMs } from './external-presence.ts';

const mary = 'mary@example.com';
const person = '<p:person xmlns:p="urn:ietf:params:xml:ns:pidf:data-model" id="p"/>';
const pidf = (entity: string, inside = person): string =>
  `<presence xmlns="urn:ietf:params:xml:ns:pidf"${entity === '' ? '' : ` entity="${entity}"`}>${inside}</presence>`;

function createCase() {
  const time = new VirtualTime();
  const said: string[] = [];
  const store = { isFailing: false };
  const external = new ExternalPresence({
    clock: time,
    timers: time,
    presence: {
      hearElsewhere({ presentity, content, expiresAt }: ElsewhereWord): Promise<PublishOutcome> {
        const what = typeof content === 'object' ? new TextDecoder().decode(content.document) : String(content);
        said.push(`${presentity} ${what} for ${(expiresAt - time.wall()) / 1_000}`);
        const outcome: PublishOutcome = store.isFailing
          ? { kind: 'store-unavailable', retryAfter: 10 }
          : { kind: 'published', entityTag: 't', expires: 0 };
        return Promise.resolve(outcome);
      },
    },
  });
  const content = (text: string) => ({ state: new Map(), document: new TextEncoder().encode(text) });
  return { time, said, store, external, content };
}

describe('a document of a presence server', () => {
  const read = (text: string | Uint8Array) => {
    const body = typeof text === 'string' ? new TextEncoder().encode(text) : text;
    return createCase().external.eventPackage.read(mary, body);
  };

  it.each(['sip:mary@example.com', 'pres:mary@example.com', 'sip:Mary@Example.com:5060;transport=tcp', ''])(
    'of the entity "%s" is read',
    (entity) => {
      expect(read(pidf(entity))).toMatchObject({ ok: true });
    },
  );

  it.each([
    ['not well-formed', '<presence', /malformed/],
    ['no presence document', '<reginfo xmlns="urn:ietf:params:xml:ns:reginfo"/>', /malformed/],
    ['of somebody else', pidf('sip:john@example.com'), /somebody else/],
    ['of nobody', pidf('tel:+1'), /somebody else/],
    ['with a document type', `<!DOCTYPE presence [<!ENTITY a "b">]>${pidf('')}`, /malformed/],
    ['with an entity that is made up', pidf('', '<note>&a;</note>'), /malformed/],
    [
      'that includes a file',
      `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>${pidf('', '<note>&a;</note>')}`,
      /malformed/,
    ],
    ['of 1 MiB', pidf('', `<note>${'x'.repeat(1 << 20)}</note>`), /malformed/],
    ['in another encoding', Uint8Array.from([0xff, 0xfe, 0x3c, 0x00]), /malformed/],
  ])('%s is refused', (_, text, words) => {
    expect(read(text)).toMatchObject({ ok: false, error: expect.stringMatching(words) });
  });
});

describe('what is told', () => {
  it('is said to presence, with its end', async () => {
    const { external, said, content, time } = createCase();
    external.told(mary, content('open'), 600_000);
    external.prolonged(mary, 300_000);
    external.told(mary, undefined, 600_000);
    external.lost(mary);
    await time.settle();
    expect(said).toEqual([
      `${mary} open for 600`,
      `${mary} same for 300`,
      `${mary} undefined for 600`,
      `${mary} undefined for 0`,
    ]);
  });

  it('is said again while the store fails, and what came later instead', async () => {
    const { external, said, content, time, store } = createCase();
    store.isFailing = true;
    external.told(mary, content('open'), 600_000);
    await time.advance(2 * sayAgainMs);
    expect(said.splice(0)).toHaveLength(3);
    external.told(mary, content('closed'), 600_000);
    await time.advance(sayAgainMs - 1);
    expect(said.splice(0)).toEqual([`${mary} closed for 600`]);
    external.prolonged(mary, 900_000);
    await time.settle();
    expect(said.splice(0), 'it is that which holds longer').toEqual([`${mary} closed for 900`]);
    store.isFailing = false;
    await time.advance(10 * sayAgainMs);
    expect(said.splice(0)).toEqual([`${mary} closed for 895`]);
  });

  it('is not said any more after the end', async () => {
    const { external, said, content, time, store } = createCase();
    store.isFailing = true;
    external.told(mary, content('open'), 600_000);
    await time.settle();
    external.stop();
    await time.advance(10 * sayAgainMs);
    expect(said).toHaveLength(1);
  });
});
