/** `presence`: what may be seen of somebody, and what a person says of themself, as `attribute=value`. */
import { durationWithin } from '../../config/values.ts';
import { complain, type ExitCode } from '../cli-io.ts';
import type { FlagValues } from '../setting-flags.ts';
import { show, tellFault, type ClientSession } from './client-session.ts';

type Shown = Readonly<Record<string, string | readonly string[] | boolean>>;

const expiresMsMax = 3650 * 86_400_000;

export async function showPresence(address: string | undefined, session: ClientSession): Promise<ExitCode> {
  const path = `/v1/presence/${encodeURIComponent(address ?? session.address)}`;
  const answer = await session.api.call({ method: 'GET', path });
  if (!answer.ok) return tellFault(session, answer.error);
  return show(session, answer.value, () => sayPresence(answer.value as Shown));
}

/** `mood=happy`, `mood=happy,calm`, `mood=` takes it back. */
export async function setPresence(
  words: readonly string[],
  flags: FlagValues,
  session: ClientSession,
): Promise<ExitCode> {
  const body: Record<string, unknown> = {};
  for (const word of words) {
    const equals = word.indexOf('=');
    if (equals <= 0) {
      complain(session.io, `${word}: is not attribute=value, such as mood=happy`);
      return 2;
    }
    const name = word.slice(0, equals);
    const value = word.slice(equals + 1);
    // A text may have commas in it; several values are for what is named by words.
    const isText = /^status[-_]?text$/i.test(name);
    body[name] = value === '' ? null : isText ? value : value.split(',').map((one) => one.trim());
  }
  const { expires } = flags as Readonly<Record<string, string | undefined>>;
  if (expires !== undefined) {
    const life = durationWithin({ min: 1000, max: expiresMsMax })(expires);
    if (!life.ok) {
      complain(session.io, `--expires: ${expires} ${life.error}`);
      return 2;
    }
    body['expiresIn'] = life.value / 1000;
  }
  const answer = await session.api.call({ method: 'PUT', path: '/v1/presence', body });
  if (!answer.ok) return tellFault(session, answer.error);
  return show(session, answer.value, () => sayPresence(answer.value as Shown));
}

function sayPresence({ address, visible, ...attributes }: Shown): string {
  const lines = Object.entries(attributes).map(([name, value]) => {
    const words = Array.isArray(value) ? value.map(String).join(', ') : String(value);
    return `  ${name}: ${words}`;
  });
  const seen = Array.isArray(visible) && visible.length > 0 ? visible.join(', ') : 'nothing';
  return `${String(address)}\n${lines.map((line) => `${line}\n`).join('')}  (you may see: ${seen})\n`;
}
