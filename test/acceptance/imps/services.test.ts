/** What is offered, agreed and missing, told truthfully: what the negotiation calls missing is refused, and nothing with silence. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { find, findAll, node, type CspNode } from '../../../src/cli/imps-phone/csp-node.ts';
import type { ImpsPhone } from '../../../src/cli/imps-phone/imps-phone.ts';
import { openStage, startMsMax, type Stage } from '../stage.ts';
import { phoneOf, startPhone } from './phones.ts';

let stage: Stage;
let tom: ImpsPhone;

beforeAll(async () => {
  stage = await openStage();
  tom = await startPhone(stage, 'tom');
}, startMsMax);

afterAll(() => stage.close(), startMsMax);

const group = node('GroupID', 'wv:tom/club@localhost');
const invitation = [
  node('InviteID', 'i1'),
  node('InviteType', 'IM'),
  node('Recipient', node('User', node('UserID', 'wv:mary@localhost'))),
  node('Validity', 600),
];

const notOffered: readonly (readonly [string, CspNode])[] = [
  [
    'SRCH',
    node(
      'Search-Request',
      node('SearchPairList', node('SearchElement', 'USER_ID'), node('SearchString', 'm')),
      node('SearchLimit', 5),
    ),
  ],
  ['STSRC', node('StopSearch-Request', node('SearchID', '1'))],
  ['INVIT', node('Invite-Request', invitation)],
  ['CAINV', node('CancelInvite-Request', node('InviteID', 'i1'), invitation[2])],
  ['CREAG', node('CreateGroup-Request', group, node('GroupProperties'), node('JoinGroup', 'T'))],
  ['DELGR', node('DeleteGroup-Request', group)],
  ['GETGP', node('GetGroupProps-Request', group)],
  ['SETGP', node('SetGroupProps-Request', group)],
  ['GETGM', node('GetGroupMembers-Request', group)],
  ['ADDGM', node('AddGroupMembers-Request', group, node('UserList', node('User', node('UserID', 'wv:mary'))))],
  ['RMVGM', node('RemoveGroupMembers-Request', group, node('UserList'))],
  ['MBRAC', node('MemberAccess-Request', group)],
  ['REJEC', node('RejectList-Request', group)],
  ['SUBGCN', node('SubscribeGroupNotice-Request', group, node('SubscribeType', 'G'))],
];

describe('what is not offered', () => {
  it.each(notOffered)('%s is named as missing and answered with 405 or 506', async (name, request) => {
    const everything = ['FundamentalFeat', 'PresenceFeat', 'IMFeat', 'GroupFeat'].map((feature) => node(feature));
    const answer = await tom.askServices(...everything);
    const missing = find(answer.primitive, 'Functions') ?? node('nothing');
    const offered = find(answer.primitive, 'AllFunctions') ?? node('nothing');
    expect([JSON.stringify(missing).includes(`"${name}"`), JSON.stringify(offered).includes(`"${name}"`)]).toEqual([
      true,
      false,
    ]);
    expect([405, 506]).toContain((await tom.ask(request)).code);
  });

  it('groups are refused in messages too, and VerifyID', async () => {
    const info = node('MessageInfo', node('ContentSize', 1), node('Recipient', node('Group', group)), sender());
    const sent = await tom.ask(
      node('SendMessage-Request', node('DeliveryReport', 'F'), info, node('ContentData', 'x')),
    );
    expect([405, 506]).toContain(sent.code);
    const ids = node('IDList', node('UserID', 'wv:mary@localhost'));
    expect([405, 506]).toContain((await tom.ask(node('VerifyID-Request', ids))).code);
  });

  it('what only 1.3 has is answered 501, and what nobody has', async () => {
    const later = await startPhone(stage, 'tom', { version: '1.3', clientId: 'http://later.example' });
    for (const name of ['SystemMessage-Request', 'GetMap-Request', 'ExtendConversation-Request', 'Unheard-Request']) {
      expect([name, (await later.ask(node(name))).code]).toEqual([name, 501]);
    }
    expect((await tom.ask(node('Unheard-Request', node('X', 'y')))).code).toBe(501);
    await later.logout();
  });
});

function sender(): CspNode {
  return node('Sender', node('User', node('UserID', 'wv:tom@localhost')));
}

describe('what is offered', () => {
  it('is answered by something else than 405, 501 and 506', async () => {
    const requests = [
      'GetList-Request',
      'GetBlockedList-Request',
      'GetWatcherList-Request',
      'GetMessageList-Request',
      'KeepAlive-Request',
      'GetSPInfo-Request',
      'GetReactiveAuthStatus-Request',
    ];
    for (const name of requests) {
      const answer = await tom.ask(node(name));
      expect([name, answer.name]).toEqual([name, name.replace('Request', 'Response')]);
    }
  });

  it('but not agreed is answered 506', async () => {
    const phone = phoneOf(stage, 'peter');
    await phone.login();
    const wanted = node('IMFeat', node('IMSendFunc', node('MDELIV')), node('IMReceiveFunc', node('GETM')));
    await phone.askServices(wanted);
    expect((await phone.ask(node('GetMessageList-Request'))).code).toBe(506);
    expect((await phone.ask(node('GetBlockedList-Request'))).code).toBe(506);
    const missing = await phone.ask(node('GetMessage-Request', node('MessageID', 'x')));
    expect(missing.code).toBe(426);
    await phone.logout();
  });

  it(
    'changes with the server: nothing to fetch where nothing is kept',
    async () => {
      const other = await openStage(['--store-offline', 'off']);
      try {
        const phone = await startPhone(other, 'tom');
        const answer = await phone.askServices(node('IMFeat'));
        const offered = find(answer.primitive, 'AllFunctions/WVCSPFeat') ?? node('nothing');
        expect(findAll(offered, 'IMFeat/IMReceiveFunc/GETLM')).toEqual([]);
        expect(findAll(offered, 'IMFeat/IMReceiveFunc/NEWM')).toHaveLength(1);
      } finally {
        await other.close();
      }
    },
    2 * startMsMax,
  );
});
