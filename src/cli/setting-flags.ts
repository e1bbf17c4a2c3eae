/** The settings as flags of a command, and from flags, environment and --config to a configuration. */
import { readFileSync } from 'node:fs';
import { Option, type Command } from 'commander';
import { err, type Result } from '../base/result.ts';
import { readConfig, type Config } from '../config.ts';
import { settings, type Setting, type SettingName } from '../config/settings.ts';
import type { CliIo } from './cli-io.ts';

/** Flags as commander collects them, by name in camel case. */
export type FlagValues = Readonly<Record<string, unknown>>;

/** Every setting, in the groups of the table. */
export function addServerFlags(command: Command): void {
  command.addOption(configOption().helpGroup('Configuration:'));
  for (const setting of settings) command.addOption(optionOf(setting).helpGroup(`${setting.group}:`));
}

/** What names the store, for the commands that work on it beside a server. */
export function addStoreFlags(command: Command): void {
  const names: readonly SettingName[] = ['data', 'store', 'domain'];
  command.addOption(configOption().helpGroup('Store:'));
  for (const setting of settings) {
    if (names.includes(setting.name)) command.addOption(optionOf(setting).helpGroup('Store:'));
  }
}

/** The error is one line for a person. Other flags of the command are left alone. */
export function loadConfig(flags: FlagValues, io: CliIo): Result<Config, string> {
  const given = Object.fromEntries(settings.map(({ name }) => [name, flags[attributeNameOf(name)]]));
  const [fileName, origin] =
    flags['config'] === undefined ? [io.env['RESTANTE_CONFIG'], 'RESTANTE_CONFIG'] : [flags['config'], '--config'];
  if (typeof fileName !== 'string' || fileName === '') return readConfig({ flags: given, environment: io.env });
  try {
    const file = { name: fileName, text: readFileSync(fileName, 'utf8') };
    return readConfig({ flags: given, environment: io.env, file });
  } catch (fault) {
    return err(`${origin}: ${fileName} cannot be read (${reasonOf(fault)})`);
  }
}

/** The code of a system error, in words where a word is better known. */
export function reasonOf(fault: unknown): string {
  const code = fault instanceof Error && 'code' in fault ? String(fault.code) : '';
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
      return 'permission denied';
    case 'EISDIR':
      return 'it is a folder';
    default:
      return code === '' ? String(fault) : code;
  }
}

/** What this version does not do, for the help: `--sips, --https, …`. */
export function unavailableFlags(): string {
  return settings
    .filter(({ isUnavailable }) => isUnavailable === true)
    .map(({ name }) => `--${name}`)
    .join(', ');
}

function configOption(): Option {
  return new Option('--config <FILE>', 'TOML file with settings');
}

function optionOf(setting: Setting): Option {
  const { name, placeholder, fallback, help } = setting;
  const flag = placeholder === undefined ? `--${name}` : `--${name} <${placeholder}>`;
  const shown = fallback === undefined || placeholder === undefined ? help : `${help} [${fallback}]`;
  const option = new Option(flag, setting.isRepeatable === true ? `${shown}, repeatable` : shown);
  if (setting.isRepeatable === true) option.argParser(collect);
  // A secret is taken only to say where it belongs.
  return setting.isUnavailable === true || setting.isSecret === true ? option.hideHelp() : option;
}

function collect(value: string, earlier: unknown): string[] {
  return Array.isArray(earlier) ? [...(earlier as string[]), value] : [value];
}

function attributeNameOf(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
