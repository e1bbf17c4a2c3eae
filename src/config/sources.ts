/**
 * Which source wins for each setting: flag, then environment, then file; and the first name in any of them that does not
 * exist. Names where a value came from, so that a complaint about it can.
 */
import { parse as parseToml, TomlError } from 'smol-toml';
import { err, ok, type Result } from '../base/result.ts';
import { settings } from './settings.ts';
import { formatSuggestion, suggestWord } from './suggest.ts';

export interface ConfigSources {
  /** By name without dashes in front, as the command line gave them. */
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly file?: { readonly name: string; readonly text: string };
}

export interface GivenSetting {
  readonly value: unknown;
  /** `--sip`, `RESTANTE_SIP`, or `sip in restante.toml`. */
  readonly origin: string;
}

export const environmentPrefix = 'RESTANTE_';

/** Variables with the prefix that are no settings of the server. */
const otherVariables: readonly string[] = [
  'RESTANTE_ADDRESS',
  'RESTANTE_CONFIG',
  'RESTANTE_PASSWORD',
  'RESTANTE_SERVER',
];

const names: readonly string[] = settings.map(({ name }) => name);
const secrets: readonly string[] = settings.filter(({ isSecret }) => isSecret === true).map(({ name }) => name);

/** What was given, by name of the setting; empty variables count as not given. */
export function gatherSettings(sources: ConfigSources): Result<Map<string, GivenSetting>, string> {
  const given = new Map<string, GivenSetting>();
  const fromFile = sources.file === undefined ? ok(given) : addFile(given, sources.file);
  if (!fromFile.ok) return fromFile;
  const fromEnvironment = addEnvironment(given, sources.environment ?? {});
  if (!fromEnvironment.ok) return fromEnvironment;
  for (const [name, value] of Object.entries(sources.flags ?? {})) {
    if (value === undefined) continue;
    if (!names.includes(name)) return err(`there is no flag --${name}${suggestFlag(name)}`);
    if (secrets.includes(name)) {
      return err(`--${name}: not on a command line; set ${variableOf(name)}, or ${name} in the file`);
    }
    given.set(name, { value, origin: `--${name}` });
  }
  return ok(given);
}

export function variableOf(name: string): string {
  return environmentPrefix + name.toUpperCase().replaceAll('-', '_');
}

type Gathered = Result<Map<string, GivenSetting>, string>;

function addFile(given: Map<string, GivenSetting>, file: { name: string; text: string }): Gathered {
  const table = parseTable(file);
  if (!table.ok) return table;
  for (const [name, value] of Object.entries(table.value)) {
    if (!names.includes(name)) return err(`${file.name}: there is no key ${name}${formatSuggestion(name, names)}`);
    given.set(name, { value, origin: `${name} in ${file.name}` });
  }
  return ok(given);
}

function parseTable(file: { name: string; text: string }): Result<Record<string, unknown>, string> {
  try {
    return ok(parseToml(file.text));
  } catch (fault) {
    if (!(fault instanceof TomlError)) throw fault;
    const reason = fault.message.split('\n')[0]?.replace('Invalid TOML document: ', '') ?? '';
    return err(`${file.name}: line ${fault.line}, column ${fault.column}: ${reason}`);
  }
}

function addEnvironment(
  given: Map<string, GivenSetting>,
  environment: Readonly<Record<string, string | undefined>>,
): Gathered {
  const variables = names.map(variableOf);
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith(environmentPrefix) || value === undefined || value.trim() === '') continue;
    if (otherVariables.includes(variable)) continue;
    const name = names[variables.indexOf(variable)];
    if (name !== undefined) {
      given.set(name, { value, origin: variable });
      continue;
    }
    // A variable that resembles none is somebody else's: Kubernetes sets RESTANTE_SERVICE_HOST and its like by itself.
    const word = variable.slice(environmentPrefix.length);
    const meant = suggestWord(
      word,
      variables.map((known) => known.slice(environmentPrefix.length)),
    );
    if (meant !== undefined)
      return err(`there is no variable ${variable} (did you mean ${environmentPrefix}${meant}?)`);
  }
  return ok(given);
}

function suggestFlag(name: string): string {
  const meant = suggestWord(name, names);
  return meant === undefined ? '' : ` (did you mean --${meant}?)`;
}
