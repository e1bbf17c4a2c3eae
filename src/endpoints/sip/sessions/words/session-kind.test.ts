import { describe, expect, it } from 'vitest';
import type { MessageMedia } from '../../../../formats/sdp/message-media.ts';
import { type HeaderRow, SipHeaders } from '../../../../sip/message/sip-headers.ts';
import { featureMembersMax } from './feature-words.ts';
import { sessionKindOf } from './session-kind.ts';

const large = 'urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.largemsg';
const chat = 'urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.session';

function kindOf(rows: readonly HeaderRow[], media?: Partial<Pick<MessageMedia, 'direction' | 'file'>>): string {
  return sessionKindOf(new SipHeaders(rows), { direction: 'sendrecv', ...media });
}
const accept = (value: string): HeaderRow => ['Accept-Contact', value];
const sendonly = { direction: 'sendonly' } as const;

describe('what an INVITE means', () => {
  it.each([
    ['the OMA tag', [accept('*;+g.oma.sip-im.large-message')], {}, 'large-message'],
    ['the OMA tag in capitals', [accept('*;+g.oma.SIP-im.Large-Message;require')], {}, 'large-message'],
    ['both OMA tags', [accept('*;+g.oma.sip-im'), accept('*;+g.oma.sip-im.large-message')], {}, 'large-message'],
    ['both in one row', [accept('*;+g.oma.sip-im,*;+g.oma.sip-im.large-message')], {}, 'large-message'],
    ['the OMA tag of conversations', [accept('*;+g.oma.sip-im')], sendonly, 'conversation'],
    ['a tag that only begins so', [accept('*;+g.oma.sip-im.large-messages')], {}, 'conversation'],
    ['a tag that only ends so', [accept('*;+x.g.oma.sip-im.large-message')], {}, 'conversation'],
    ['a tag in the value of another', [accept('*;audio="+g.oma.sip-im.large-message"')], {}, 'conversation'],
    ['a tag that is denied', [accept('*;+g.oma.sip-im.large-message="FALSE"')], {}, 'conversation'],
    ['a CPM service', [accept(`*;+g.3gpp.icsi-ref="${large}";require;explicit`)], {}, 'large-message'],
    ['one of several', [accept(`*;+g.3gpp.icsi-ref="urn%3Ax,${large}"`)], {}, 'large-message'],
    ['a service that only begins so', [accept(`*;+g.3gpp.icsi-ref="${large}s"`)], {}, 'conversation'],
    ['the service of chats', [accept(`*;+g.3gpp.icsi-ref="${chat}"`)], sendonly, 'conversation'],
    ['the service of groups', [accept(`*;+g.3gpp.icsi-ref="${chat}.group"`)], sendonly, 'conversation'],
    ['an asserted service', [['P-Asserted-Service', decodeURIComponent(large)]], {}, 'large-message'],
    ['a preferred service', [['P-Preferred-Service', decodeURIComponent(large)]], {}, 'large-message'],
    [
      'a preferred file',
      [['P-Preferred-Service', decodeURIComponent(large).replace('largemsg', 'filetransfer')]],
      {},
      'file-transfer',
    ],
    [
      'RCS chat',
      [accept('*;+g.3gpp.iari-ref="urn%3Aurn-7%3A3gpp-application.ims.iari.rcse.im"')],
      sendonly,
      'conversation',
    ],
    ['a selector with a name', [], { ...sendonly, file: { selector: 'name:"a"', name: 'a' } }, 'file-transfer'],
    ['a selector with a size', [], { ...sendonly, file: { selector: 'size:5', size: 5 } }, 'large-message'],
    ['a direction', [], sendonly, 'large-message'],
    ['nothing', [], {}, 'conversation'],
    ['recvonly', [], { direction: 'recvonly' } as const, 'conversation'],
  ] as const)('is told by %s', (_what, rows, media, kind) => {
    expect(kindOf(rows as readonly HeaderRow[], media)).toBe(kind);
  });

  it('is not told by what stands behind too much else', () => {
    const filled = (count: number): HeaderRow =>
      accept([...Array.from({ length: count }, () => '*;audio'), '*;+g.oma.sip-im.large-message'].join(','));
    expect(kindOf([filled(featureMembersMax - 1)])).toBe('large-message');
    expect(kindOf([filled(featureMembersMax)])).toBe('conversation');
  });
});
