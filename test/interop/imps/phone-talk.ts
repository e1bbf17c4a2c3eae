/** A talk of two IMPS phones in which most of what the server can say is said. */
import { find, node, textAt } from '../../../src/cli/imps-phone/csp-node.ts';
import { type Answer, ImpsPhone, type ImpsPhoneOptions, valued } from '../../../src/cli/imps-phone/imps-phone.ts';
import { expectThat, passwordOf, patienceMs, type InteropWorld } from '../interop-case.ts';

export type TalkWishes = Pick<ImpsPhoneOptions, 'version' | 'syntax' | 'mediaType' | 'codec'>;

/** `conditions`: extensions are talked too, which other writers do not know. */
export async function talk(
  { http }: InteropWorld,
  wishes: TalkWishes,
  conditions: readonly string[] = [],
): Promise<readonly ImpsPhone[]> {
  const [tom, mary] = ['tom', 'mary'].map(
    (user) => new ImpsPhone({ http, address: `${user}@localhost`, password: passwordOf(user), ...wishes }),
  );
  if (tom === undefined || mary === undefined) throw new Error('nobody talks');
  for (const phone of [tom, mary]) await meet(phone);
  await writeToEachOther(tom, mary, conditions);
  await refuse(tom);
  for (const phone of [tom, mary]) await phone.logout();
  return [tom, mary];
}

async function meet(phone: ImpsPhone): Promise<void> {
  expectCode(await phone.login(), 200);
  await phone.negotiate([node('AcceptedContentType', 'text/plain'), node('SupportedBearer', 'HTTP')]);
  await phone.askServices(node('FundamentalFeat'), node('PresenceFeat'), node('IMFeat'), node('GroupFeat'));
  const client = node('ClientInfo', node('Qualifier', 'T'), node('ClientType', 'MOBILE_PHONE'), node('Model', 'X1'));
  const capability = node('CommC', node('Cap', 'IM'), node('Status', 'OPEN'));
  expectCode(
    await phone.show(
      client,
      node('CommCap', node('Qualifier', 'T'), capability),
      valued('UserAvailability', 'AVAILABLE'),
      valued('StatusText', 'a text with <signs> & äöü'),
      valued('StatusMood', 'IN_LOVE'),
    ),
    200,
  );
  const [user = '', domain = ''] = phone.options.address.split('@');
  const list = `wv:${user}/friends@${domain}`;
  const nick = node('NickName', node('Name', 'Nick'), node('UserID', 'wv:peter@localhost'));
  expectCode(await phone.ask(node('CreateList-Request', node('ContactList', list), node('NickList', nick))), 200);
  await phone.ask(node('ListManage-Request', node('ContactList', list)));
  await phone.ask(node('GetList-Request'));
  const everything = ['OnlineStatus', 'UserAvailability', 'StatusText', 'StatusMood', 'CommCap', 'ClientInfo'];
  const shown = phone.line.presenceList(everything.map((name) => node(name)));
  expectCode(await phone.ask(node('CreateAttributeList-Request', shown, node('DefaultList', 'T'))), 200);
  await phone.ask(node('GetAttributeList-Request', node('DefaultList', 'T')));
  expectCode(await phone.block('john@localhost'), 200);
  await phone.ask(node('GetBlockedList-Request'));
  await phone.ask(node('GetSPInfo-Request'));
}

async function writeToEachOther(tom: ImpsPhone, mary: ImpsPhone, conditions: readonly string[]): Promise<void> {
  expectCode(await tom.watch('mary@localhost'), 200);
  await tom.next('PresenceNotification-Request', patienceMs);
  await mary.ask(node('GetWatcherList-Request'));
  expectCode(await tom.look('mary@localhost'), 200);
  const sending = tom.send({ to: 'mary@localhost', text: 'hello', wantsReport: true });
  await mary.next('NewMessage', patienceMs);
  await sending;
  await tom.next('DeliveryReport-Request', patienceMs);
  await mary.ask(node('SetDeliveryMethod-Request', node('DeliveryMethod', 'N')));
  await tom.send({ to: 'mary@localhost', text: 'AAECAwQ=', encoding: 'BASE64', contentType: 'image/png' });
  const told = await mary.next('MessageNotification', patienceMs);
  await mary.list();
  const got = await mary.get(textAt(told.primitive, 'MessageInfo/MessageID'));
  expectThat(got.text('ContentData') === 'AAECAwQ=', `other content arrived: ${got.text('ContentData')}`);
  for (const condition of conditions) {
    expectCode(await tom.send({ to: 'mary@localhost', text: 'when', conditions: [condition] }), 202);
    await mary.list({ from: 'tom@localhost' });
  }
}

/** Results with details. */
async function refuse(tom: ImpsPhone): Promise<void> {
  const to = ['peter@localhost', 'ghost@localhost', 'else@elsewhere.example'];
  const sent = await tom.send({ to, text: 'to many' });
  expectThat(find(sent.primitive, 'Result/DetailedResult') !== undefined, 'no details of those who were not reached');
  expectCode(await tom.look('ghost@localhost'), 531);
  await tom.ask(node('DeleteGroup-Request', node('GroupID', 'wv:tom/club@localhost')));
}

function expectCode(answer: Answer, code: number): void {
  const told = Number.isNaN(answer.code) ? answer.name : `${answer.code} ${answer.words}`;
  expectThat(answer.code === code, `${code} was expected, not ${told}`);
}
