/** IMPS phones of the demo accounts, and people at HTTP beside them. */
import { vi } from 'vitest';
import { HttpCaller } from '../../../src/cli/demo/http-caller/http-caller.ts';
import { TalkLog } from '../../../src/cli/demo/user-agent/talk-log.ts';
import { findAll, textAt, type CspNode } from '../../../src/cli/imps-phone/csp-node.ts';
import { ImpsPhone, type ImpsPhoneOptions } from '../../../src/cli/imps-phone/imps-phone.ts';
import type { Stage } from '../stage.ts';

/** A machine that has much to do is no fault of the server. */
export const withinMs = 60_000;
/** A test has several waits of that kind. */
vi.setConfig({ testTimeout: 3 * withinMs });

export type PhoneWishes = Partial<ImpsPhoneOptions>;

/** Its password is NAME-secret; 1.2 in WBXML unless told otherwise. Not logged in. */
export function phoneOf({ server }: Stage, name: string, wishes: PhoneWishes = {}): ImpsPhone {
  const account = { address: `${name}@localhost`, password: `${name}-secret` };
  return new ImpsPhone({ http: server.http, version: '1.2', syntax: 'wbxml', ...account, ...wishes });
}

/** Logged in, with what it can do said. */
export async function startPhone(
  stage: Stage,
  name: string,
  wishes: PhoneWishes & { readonly method?: 'P' | 'N' } = {},
): Promise<ImpsPhone> {
  const { method = 'P', ...options } = wishes;
  const phone = phoneOf(stage, name, options);
  const { code, words } = await phone.login();
  if (code !== 200) throw new Error(`${name} cannot log in: ${code} ${words}`);
  await phone.negotiate([], method);
  return phone;
}

export function callerOf({ server }: Stage, name: string): HttpCaller {
  const account = { address: `${name}@localhost`, password: `${name}-secret` };
  return new HttpCaller({ origin: server.http, ...account, log: new TalkLog() });
}

/** Codes of a Result: the first, then those of its details with whom they name. */
export function codesOf(primitive: CspNode): readonly (number | readonly string[])[] {
  const details = findAll(primitive, 'Result/DetailedResult');
  return [
    Number(textAt(primitive, 'Result/Code')),
    ...details.map((each) => [textAt(each, 'Code'), ...findAll(each, 'UserID').map(({ text }) => text)]),
  ];
}

/** Ids of a GetMessageList-Response, in its order, whether or not there is a list around them (1.3). */
export function listedIds(primitive: CspNode): string[] {
  const infos = [...findAll(primitive, 'MessageInfo'), ...findAll(primitive, 'MessageInfoList/MessageInfo')];
  return infos.map((info) => textAt(info, 'MessageID'));
}

/** Over HTTP; answers the status. */
export async function putRules({ server }: Stage, name: string, rules: readonly unknown[]): Promise<number> {
  const credentials = Buffer.from(`${name}@localhost:${name}-secret`).toString('base64');
  const answer = await fetch(`${server.http}/v1/rules`, {
    method: 'PUT',
    headers: { Authorization: `Basic ${credentials}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(rules),
  });
  return answer.status;
}
