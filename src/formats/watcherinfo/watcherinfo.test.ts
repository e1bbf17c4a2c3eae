import { describe, expect, it } from 'vitest';
import { formatWatcherinfo } from './watcherinfo.ts';

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe('a watcher information document', () => {
  it('is as RFC 3858 prints it', () => {
    const document = formatWatcherinfo({
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
    expect(decode(document)).toBe(
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
    expect(decode(formatWatcherinfo(nobody))).toContain('<watcher-list resource="sip:a@b" package="presence"/>');
  });
});
