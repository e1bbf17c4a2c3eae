/** A password from a terminal without echo, or from standard input, whose first line it is. A new one is typed twice. */
import { err, ok, type Result } from '../base/result.ts';
import type { CliIo, TextInput } from './cli-io.ts';

/** A first line longer than this is not a password; in characters. */
export const passwordInputMax = 4096;

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const BACKSPACES: readonly string[] = ['\b', '\u007f'];

/** The error says in words why there is none. */
export async function readPassword(prompt: string, io: CliIo): Promise<Result<string, string>> {
  if (io.stdin.isTTY !== true) return readFirstLine(io.stdin);
  const first = await readHidden(`${prompt}: `, io);
  if (!first.ok) return first;
  const second = await readHidden('Once more: ', io);
  if (!second.ok) return second;
  return first.value === second.value ? first : err('the two passwords differ');
}

/** One that exists already: typed once. The error says in words why there is none. */
export async function readKnownPassword(prompt: string, io: CliIo): Promise<Result<string, string>> {
  return io.stdin.isTTY === true ? readHidden(`${prompt}: `, io) : readFirstLine(io.stdin);
}

async function readFirstLine(input: TextInput): Promise<Result<string, string>> {
  let text = '';
  input.setEncoding('utf8');
  for await (const chunk of input) {
    text += String(chunk);
    if (text.includes('\n') || text.length > passwordInputMax) break;
  }
  const line = text.split('\n')[0]?.replace(/\r$/, '') ?? '';
  if (line.length > passwordInputMax) return err(`the password has more than ${passwordInputMax} characters`);
  return line === '' ? err('there is no password on standard input') : ok(line);
}

async function readHidden(prompt: string, io: CliIo): Promise<Result<string, string>> {
  // First the mode, then the prompt: who types at once is not echoed either.
  io.stdin.setRawMode?.(true);
  io.stderr.write(prompt);
  io.stdin.setEncoding('utf8');
  io.stdin.resume();
  const typed = await collectKeys(io.stdin);
  io.stdin.pause();
  io.stdin.setRawMode?.(false);
  io.stderr.write('\n');
  return typed === undefined ? err('no password was given') : ok(typed);
}

/** What is typed up to Enter; undefined when the person gave up. */
function collectKeys(input: TextInput): Promise<string | undefined> {
  return new Promise((resolve) => {
    let typed: string[] = [];
    const finish = (result: string | undefined, rest = ''): void => {
      input.off('data', onData);
      input.off('end', onEnd);
      input.pause();
      if (rest !== '') input.unshift(rest, 'utf8');
      resolve(result);
    };
    const onEnd = (): void => finish(undefined);
    const onData = (chunk: string): void => {
      let behind = 0;
      for (const key of chunk) {
        behind += key.length;
        // Whoever pastes both lines, or types ahead, has given the second one as well. CR LF is one end of a line.
        if (key === '\r') return finish(typed.join(''), chunk.slice(behind).replace(/^\n/, ''));
        if (key === '\n') return finish(typed.join(''), chunk.slice(behind));
        if (key === CTRL_C || (key === CTRL_D && typed.length === 0)) return finish(undefined);
        if (BACKSPACES.includes(key)) typed = typed.slice(0, -1);
        else if (key >= ' ' && typed.length < passwordInputMax) typed.push(key);
      }
    };
    input.on('data', onData);
    input.on('end', onEnd);
  });
}
