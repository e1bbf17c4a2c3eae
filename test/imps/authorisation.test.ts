import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpWorld } from '../http/http-world.ts';
import { CspClient, textOf } from './csp-client.ts';

let world: HttpWorld;

beforeEach(async () => {
  world = await HttpWorld.open();
});
afterEach(() => world.close());

const codeOf = (xml: string): string => textOf(xml, 'Code');
const rulesOf = async (user: string): Promise<unknown> =>
  JSON.parse(JSON.stringify((await world.call(user, 'GET', '/v1/rules')).json));
const list = (kind: string, content: string): string =>
  `<${kind}AttributeList-Request>${content}</${kind}AttributeList-Request>`;
const names = (...attributes: readonly string[]): string =>
  `<PresenceSubList>${attributes.map((name) => `<${name}/>`).join('')}</PresenceSubList>`;
const tomId = '<UserID>wv:tom@localhost</UserID>';
const happy =
  '<UpdatePresence-Request><PresenceSubList><StatusMood><Qualifier>T</Qualifier><PresenceValue>HAPPY</PresenceValue></StatusMood></PresenceSubList></UpdatePresence-Request>';

describe('attribute lists', () => {
  it('are rules like those of every other protocol', async () => {
    const [tom, mary] = [await new CspClient(world, 'tom').start(), await new CspClient(world, 'mary').start()];
    await mary.request(happy);
    const create = list('Create', `${names('StatusMood', 'FreeTextLocation')}${tomId}<DefaultList>F</DefaultList>`);
    expect(codeOf(await mary.request(create))).toBe('200');
    expect(await rulesOf('mary')).toEqual([
      { watchers: ['tom@localhost'], attributes: ['mood', 'x-location-text'], action: 'allow' },
    ]);
    const ask = '<GetPresence-Request><User><UserID>mary</UserID></User></GetPresence-Request>';
    expect(await tom.request(ask)).toContain('<PresenceValue>HAPPY<');

    const again = list('Create', `${names('StatusText')}${tomId}<DefaultList>T</DefaultList>`);
    expect(codeOf(await mary.request(again))).toBe('200');
    const shown = await mary.request(list('Get', '<DefaultList>F</DefaultList>'));
    expect(shown).toContain(
      '<DefaultAttributeList><PresenceSubList xmlns="http://www.openmobilealliance.org/DTD/WV-PA1.2"><StatusText/>',
    );
    expect(shown).toContain(
      `<Presence>${tomId}<PresenceSubList xmlns="http://www.openmobilealliance.org/DTD/WV-PA1.2"><StatusText/></PresenceSubList>`,
    );
    expect(await tom.request(ask)).not.toContain('HAPPY');

    expect(codeOf(await mary.request(list('Delete', `${tomId}<DefaultList>T</DefaultList>`)))).toBe('200');
    expect(await rulesOf('mary')).toEqual([]);
  });

  it('of others are shown in the words that clients have', async () => {
    const mary = await new CspClient(world, 'mary').start();
    await world.call('mary', 'PUT', '/v1/rules', {
      body: [{ watchers: '*', attributes: ['mood', 'activity'], action: 'allow' }],
    });
    const shown = await mary.request(list('Get', '<DefaultList>T</DefaultList>'));
    expect(shown).toContain('<StatusMood/></PresenceSubList>');
  });

  it('are refused with what is wrong', async () => {
    const mary = await new CspClient(world, 'mary').start();
    const refusal = async (xml: string): Promise<string> => codeOf(await mary.request(xml));
    expect(await refusal(list('Create', `${names('Weather')}${tomId}`))).toBe('750');
    expect(await refusal(list('Create', `${names('StatusMood')}<DefaultList>F</DefaultList>`))).toBe('402');
    expect(await refusal(list('Create', `${names('StatusMood')}<ContactList>wv:mary/x</ContactList>`))).toBe('700');
    expect(await refusal(list('Delete', '<UserID>a b@</UserID>'))).toBe('531');
  });
});

describe('somebody who asks', () => {
  const confirm = () =>
    world.call('mary', 'PUT', '/v1/rules', {
      body: [{ watchers: ['tom@localhost'], attributes: [], action: 'confirm' }],
    });
  const subscribe = '<SubscribePresence-Request><User><UserID>mary</UserID></User></SubscribePresence-Request>';

  it('waits until the owner has decided, and is told from then on', async () => {
    await confirm();
    const [tom, mary] = [await new CspClient(world, 'tom').start(), await new CspClient(world, 'mary').start()];
    await mary.request(happy);
    expect(codeOf(await tom.request(subscribe))).toBe('521');
    expect(await tom.poll()).toEqual([]);
    await mary.poll();
    expect(await mary.reply('PresenceAuth-Request')).toContain(tomId);
    const status = '<GetReactiveAuthStatus-Request/>';
    expect(await mary.request(status)).toContain(`${tomId}<ReactiveAuthState>PENDING<`);
    expect((await world.call('mary', 'GET', '/v1/rules/requests')).json['items']).toEqual([
      { address: 'tom@localhost' },
    ]);

    const grant = `<PresenceAuth-User>${tomId}<Acceptance>T</Acceptance>${names('StatusMood')}</PresenceAuth-User>`;
    expect(codeOf(await mary.request(grant))).toBe('200');
    await tom.poll();
    expect(await tom.reply('PresenceNotification-Request')).toContain('<PresenceValue>HAPPY<');
    expect(await mary.request(status)).toContain('GRANTED');
    expect(await mary.request('<GetWatcherList-Request/>')).toContain(
      `<Watcher><User>${tomId}</User><WatcherStatus>CURRENT_SUBSCRIBER<`,
    );

    await mary.request(`<PresenceAuth-User>${tomId}<Acceptance>F</Acceptance></PresenceAuth-User>`);
    expect(await mary.request(status)).toContain('DENIED');
    expect(await mary.request('<GetWatcherList-Request/>')).not.toContain('Watcher>');
  });

  it('for a mood is granted the mood by who answers without a list, and not what they ask for meanwhile', async () => {
    await confirm();
    const asking = (...attributes: readonly string[]): string =>
      subscribe.replace('</SubscribePresence', `${names(...attributes)}</SubscribePresence`);
    const tom = await new CspClient(world, 'tom').start();
    await tom.request(asking('StatusMood', 'Weather'));
    const mary = await new CspClient(world, 'mary', '1.1').start();
    await mary.poll();
    expect(await mary.reply('PresenceAuth-Request')).toMatch(/<PresenceSubList[^>]*><StatusMood\/><\/PresenceSubList>/);
    await tom.request(asking('StatusText', 'StatusMood'));
    await mary.request(`<PresenceAuth-User>${tomId}<Acceptance>T</Acceptance></PresenceAuth-User>`);
    expect(await rulesOf('mary')).toEqual([{ watchers: ['tom@localhost'], attributes: ['mood'], action: 'allow' }]);
  });

  it('is told of to an owner who logs in later, and withdrawn again', async () => {
    await confirm();
    const tom = await new CspClient(world, 'tom').start();
    await tom.request(subscribe);
    const mary = await new CspClient(world, 'mary', '1.1').start();
    await mary.poll();
    await mary.reply('PresenceAuth-Request');
    await mary.request(`<PresenceAuth-User>${tomId}<Acceptance>T</Acceptance></PresenceAuth-User>`);
    expect(await rulesOf('mary')).toEqual([
      { watchers: ['tom@localhost'], attributes: ['online', 'availability'], action: 'allow' },
    ]);
    expect(codeOf(await mary.request(`<CancelAuth-Request>${tomId}</CancelAuth-Request>`))).toBe('200');
    expect(await rulesOf('mary')).toEqual([]);
  });
});
