/** What the client of S60 does after a login by digest (1.1 and 1.2, with attribute lists), and digests themselves. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { find, node, textAt } from '../../../src/cli/imps-phone/csp-node.ts';
import { type ImpsPhone, valued } from '../../../src/cli/imps-phone/imps-phone.ts';
import { waitUntil } from '../../processes/child-program.ts';
import { openStage, startMsMax, type Stage } from '../stage.ts';
import { phoneOf, startPhone, withinMs } from './phones.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
  await stage.server.command('user', 'add', 'anna@localhost', '--imps-digest', '--password', 'anna-secret');
  // An account that was made beside a running server is known within a second.
  await waitUntil(async () => (await phoneOf(stage, 'anna').login()).code === 200, withinMs);
}, startMsMax);

afterAll(() => stage.close(), startMsMax);

describe.each([
  ['1.1', 'wbxml'],
  ['1.2', 'wbxml'],
  ['1.2', 'xml'],
] as const)('the client of S60, %s in %s', (version, syntax) => {
  let phone: ImpsPhone;
  beforeAll(() => {
    const clientId = `http://s60.example/${version}${syntax}`;
    phone = phoneOf(stage, 'anna', { version, syntax, clientId });
  });

  it('logs in by digest, in two rounds', async () => {
    const [challenge, answer] = await phone.loginByDigest('MD5');
    expect([challenge.code, challenge.text('DigestSchema'), challenge.text('SessionID')]).toEqual([401, 'MD5', '']);
    expect(challenge.text('Nonce')).not.toBe('');
    expect([answer.code, answer.text('SessionID') === '']).toEqual([200, false]);
  });

  it('says what it can do and which services it wants, without the tree', async () => {
    expect((await phone.negotiate([node('SupportedCIRMethod', 'STCP')])).name).toBe('ClientCapability-Response');
    const wanted = node('Functions', node('WVCSPFeat', node('PresenceFeat'), node('IMFeat')));
    const clientId = version === '1.1' ? node('ClientID', node('URL', phone.options.clientId ?? '')) : undefined;
    const answer = await phone.ask(node('Service-Request', clientId, wanted, node('AllFunctionsRequest', 'F')));
    expect([answer.name, find(answer.primitive, 'AllFunctions')]).toEqual(['Service-Response', undefined]);
  });

  it('is online with nothing but a qualifier, and shows who may see what', async () => {
    expect((await phone.show(node('OnlineStatus', node('Qualifier', 'T')))).code).toBe(200);
    const shown = phone.line.presenceList(node('OnlineStatus'), node('StatusMood'));
    const made = await phone.ask(node('CreateAttributeList-Request', shown, node('DefaultList', 'T')));
    expect(made).toMatchObject({ code: 200 });
    const lists = await phone.ask(node('GetAttributeList-Request', node('DefaultList', 'T')));
    expect([lists.name, lists.code]).toEqual(['GetAttributeList-Response', 200]);
    const names = find(lists.primitive, 'DefaultAttributeList/PresenceSubList')?.children.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['OnlineStatus', 'StatusMood']));
    const watchers = await phone.ask(node('GetWatcherList-Request'));
    expect(watchers.name).toBe('GetWatcherList-Response');
  });

  it('is told of a presence that it watches and of what changes in it', async () => {
    const mary = await startPhone(stage, 'mary', { clientId: `http://mary.example/${version}${syntax}` });
    const callerRules = await mary.ask(
      node(
        'CreateAttributeList-Request',
        mary.line.presenceList(node('OnlineStatus'), node('UserAvailability'), node('StatusMood'), node('StatusText')),
        node('UserID', 'wv:anna@localhost'),
        node('DefaultList', 'F'),
      ),
    );
    expect(callerRules).toMatchObject({ code: 200 });
    expect((await phone.watch('mary@localhost')).code).toBe(200);
    await phone.next('PresenceNotification-Request', withinMs);
    await mary.show(valued('StatusMood', 'JEALOUS'), valued('StatusText', 'on the way home'));
    await expect
      .poll(
        async () => {
          await phone.poll();
          return phone.asked.map(({ primitive }) =>
            textAt(primitive, 'Presence/PresenceSubList/StatusMood/PresenceValue'),
          );
        },
        { timeout: withinMs },
      )
      .toContain('JEALOUS');
    await mary.logout();
  });

  it('logs out', async () => {
    expect((await phone.logout()).code).toBe(200);
  });
});

describe('login by digest', () => {
  it('by SHA works as well; with a wrong password, or a schema that nobody has, it does not', async () => {
    const [, answer] = await phoneOf(stage, 'anna').loginByDigest('SHA');
    expect(answer.code).toBe(200);
    const [, wrong] = await phoneOf(stage, 'anna', { password: 'other' }).loginByDigest('MD5');
    expect(wrong.code).toBe(409);
    const request = node('Login-Request', node('UserID', 'wv:anna@localhost'), node('DigestSchema', 'MD6'));
    expect((await phoneOf(stage, 'anna').ask(request, { sessionId: null })).code).toBe(543);
  });

  it('is not for accounts whose password itself is not kept: they hear 543 and log in by it', async () => {
    const phone = phoneOf(stage, 'peter');
    const [challenge] = await phone.loginByDigest('MD5');
    expect(challenge.code).toBe(543);
    expect((await phone.login()).code).toBe(200);
  });
});
