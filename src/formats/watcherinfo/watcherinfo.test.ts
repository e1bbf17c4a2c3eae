import { describe, expect, it } from 'vitest';
import { formatWatcherinfo, watcherinfoBytesMax, type WatcherRecord } from './watcherinfo.ts';

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe('a watcher information document', () => {
  it('is as RFC 3858 prints it', () => {
    const { body, named } = formatWatcherinfo({
      version: 0,
      state: 'full',
      resource: 'sip:professor@example.net',
      packageName: 'presence',
      watchers: [
        {
          id: '8ajksjda7s',
          uri: 'sip:userA@example.net',
          status: 'active',
          event: 'approved',
          durationSubscribed: 509,
          expiration: 20,
        },
        {
          id: 'hh8juja87s997-ass7',
          uri: 'sip:userB@example.org',
          displayName: 'Mr. "Subscriber" <&>',
          status: 'pending',
          event: 'subscribe',
          durationSubscribed: 0,
        },
      ],
    });
    expect(named).toBe(2);
    expect(decode(body)).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n' +
        '<watcherinfo xmlns="urn:ietf:params:xml:ns:watcherinfo" version="0" state="full">' +
        '<watcher-list resource="sip:professor@example.net" package="presence">' +
        '<watcher id="8ajksjda7s" status="active" event="approved" duration-subscribed="509" expiration="20">' +
        'sip:userA@example.net</watcher>' +
        '<watcher id="hh8juja87s997-ass7" status="pending" event="subscribe" ' +
        'display-name="Mr. &quot;Subscriber&quot; &lt;&amp;&gt;" duration-subscribed="0">' +
        'sip:userB@example.org</watcher></watcher-list></watcherinfo>\n',
    );
  });

  it('of nobody has an empty list', () => {
    const nobody = {
      version: 7,
      state: 'partial',
      resource: 'sip:a@b',
      packageName: 'presence',
      watchers: [],
    } as const;
    expect(decode(formatWatcherinfo(nobody).body)).toContain('<watcher-list resource="sip:a@b" package="presence"/>');
  });

  it('names as many as it has octets for; one octet more, and the last has no room', () => {
    const watcher = (id: string, uri: string): WatcherRecord => {
      return { id, uri, status: 'active', event: 'subscribe', durationSubscribed: 0 };
    };
    const write = (uri: string) => {
      const watchers = [watcher('a', 'sip:é&@b'), watcher('b', uri), watcher('c', 'sip:c')];
      return formatWatcherinfo({ version: 1, state: 'full', resource: 'sip:a@b', packageName: 'presence', watchers });
    };
    const room = watcherinfoBytesMax - write('x').body.length + 1;
    const full = write('x'.repeat(room));
    expect([full.body.length, full.named]).toEqual([watcherinfoBytesMax, 3]);
    expect(decode(full.body)).toContain('>sip:é&amp;@b</watcher>');
    const over = write('x'.repeat(room + 1));
    expect(over.named).toBe(2);
    expect(decode(over.body)).toMatch(/x<\/watcher><\/watcher-list><\/watcherinfo>\n$/);
  });
});
