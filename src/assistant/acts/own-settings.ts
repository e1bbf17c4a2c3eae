/** `reports` and `delivery`: how the asker is told and served. */
import type { ClientDelivery } from '../../accounts/ports.ts';
import type { Asking, Lines, Rooms } from './asking.ts';

export async function reports(
  isOn: boolean | undefined,
  { owner }: Asking,
  { accountSettings }: Rooms,
): Promise<Lines> {
  if (isOn === undefined) return [`Reports are ${(await accountSettings.wantsReports(owner)) ? 'on' : 'off'}.`];
  await accountSettings.setReports(owner, isOn);
  if (!isOn) return ['Reports are off.'];
  return ['Reports are on: I tell you when what you send from now on is stored, delivered, displayed or failed.'];
}

export async function delivery(method: ClientDelivery, { owner }: Asking, { accountSettings }: Rooms): Promise<Lines> {
  await accountSettings.setDelivery(owner, method);
  return [`Your clients that listen over HTTP: ${said[method]}`, 'A SIP client says it when it registers.'];
}

const said: Readonly<Record<ClientDelivery, string>> = {
  push: 'each message is sent to them.',
  notify: 'they are told of each message, and fetch it.',
  pull: 'nothing is sent before it is asked for.',
};
