/** All commands of `restante` in one table: what each takes, how its help reads, and what becomes of a mistake. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option, type Argument } from 'commander';
import { StoreFault } from '../base/store-fault.ts';
import { formatSuggestion } from '../config/suggest.ts';
import * as access from './access.ts';
import { addBenchFlags } from './bench/bench-sizes.ts';
import { check } from './check.ts';
import { addClientCommands } from './client/client-commands.ts';
import { complain, hasColors, paint, type CliIo, type CliRooms, type ExitCode } from './cli-io.ts';
import { explain } from './explain.ts';
import { messageStates } from '../delivery/mailbox-entry.ts';
import { queue } from './queue.ts';
import { isStartFault, serve } from './serve.ts';
import { addServerFlags, addStoreFlags, loadConfig, unavailableFlags, type FlagValues } from './setting-flags.ts';
import { importUsers } from './user-import.ts';
import * as user from './user.ts';
import type { StoreWork } from './user.ts';

/** `argv` is what follows the name of the program. */
export async function runCli(argv: readonly string[], io: CliIo, rooms: CliRooms): Promise<ExitCode> {
  const desk = new Desk(io, rooms);
  try {
    await createProgram(desk).parseAsync(argv, { from: 'user' });
    return desk.exitCode;
  } catch (fault) {
    if (fault instanceof CommanderError) return fault.exitCode === 0 ? 0 : 2;
    if (isStartFault(fault)) {
      complain(io, fault.message);
      return 2;
    }
    if (!(fault instanceof StoreFault)) throw fault;
    complain(io, fault.message);
    return 1;
  }
}

/** Where commands leave their exit code, and get what they need. */
class Desk {
  exitCode: ExitCode = 0;
  readonly io: CliIo;
  readonly rooms: CliRooms;

  constructor(io: CliIo, rooms: CliRooms) {
    this.io = io;
    this.rooms = rooms;
  }

  /** Runs a command with the store that its flags name, and closes it. */
  async withStore(flags: FlagValues, run: (work: StoreWork) => Promise<ExitCode>, mayBeNew = false): Promise<void> {
    const config = loadConfig(flags, this.io);
    if (!config.ok) {
      complain(this.io, config.error);
      this.exitCode = 2;
      return;
    }
    const stores = await this.rooms.openStores(config.value, mayBeNew);
    try {
      this.exitCode = await run({ stores, config: config.value, io: this.io });
    } finally {
      await stores.close();
    }
  }
}

function createProgram(desk: Desk): Command {
  const { io } = desk;
  const program = new Command('restante');
  program
    .description('An instant messaging server that delivers each message at the right moment.')
    .version(readVersion(), '--version', 'print the version')
    .helpOption('-h, --help', 'print this')
    .addHelpText('after', () => closingWords(io))
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text) => complain(io, asOneLine(text)),
      getOutHasColors: () => hasColors(io, io.stdout),
      getErrHasColors: () => hasColors(io, io.stderr),
      getOutHelpWidth: () => Math.min(io.stdout.columns ?? 100, 120),
      getErrHelpWidth: () => Math.min(io.stderr.columns ?? 100, 120),
    })
    .configureHelp({
      styleTitle: (title) => paint(io, io.stdout, 'bold', title),
      optionDescription: (option) => option.description,
      subcommandTerm: (command) => [command.name(), ...command.registeredArguments.map(humanArgument)].join(' '),
    });

  program.commandsGroup('Server:');
  addServer(program, desk);
  program.commandsGroup('Accounts (in effect in a running server within a second):');
  addUser(program, desk);
  addAccess(program, desk);
  program.commandsGroup('Messages:');
  addMessages(program, desk);
  program.commandsGroup('A person’s client, over HTTP:');
  addClientCommands(program, desk);
  program.commandsGroup('Help:').helpCommand(false);
  addHelp(program);
  return program;
}

function addServer(program: Command, desk: Desk): void {
  const { io, rooms } = desk;
  const command = program
    .command('serve')
    .description('run the server until SIGTERM or SIGINT, then drain and exit 0')
    .addHelpText('after', settingWords)
    .action(async (flags: FlagValues) => {
      desk.exitCode = await serve(flags, io, rooms);
    });
  addServerFlags(command);
  program
    .command('demo')
    .description('start a server of its own, play the acts with independent phones, say which promises held')
    .action(async () => {
      // Loaded when it is played: nobody else needs its phones.
      const { demoCommand } = await import('./demo/demo-command.ts');
      desk.exitCode = await demoCommand(io);
    });
  const bench = program.command('bench').description('measure a server of its own and print one table');
  addBenchFlags(bench);
  bench.action(async (flags: FlagValues) => {
    const { benchCommand } = await import('./bench/bench-command.ts');
    desk.exitCode = await benchCommand(flags, io);
  });
}

function addUser(program: Command, desk: Desk): void {
  const group = program.command('user').description('add, import, list, remove, password');
  group.helpCommand(false);
  const takesPassword = '--password <PASSWORD>';
  const digestFlag = '--imps-digest';
  const digestHelp = 'IMPS clients may log in by digest; the password itself is kept, encrypted';
  const passwordHelp = 'asked for, or read from standard input, when not given';
  addStoreCommand(group, 'add <ADDRESS>', 'add an account')
    .option(takesPassword, passwordHelp)
    .option('--operator', 'may see and release the messages of everybody')
    .option(digestFlag, digestHelp)
    .action(async (address: string, flags: FlagValues) =>
      desk.withStore(flags, (work) => user.addUser(newUserOf(address, flags), work), true),
    );
  addStoreCommand(group, 'import <FILE>', 'add accounts from lines ADDRESS,PASSWORD; - is standard input')
    .option(digestFlag, digestHelp)
    .action(async (fileName: string, flags: FlagValues) => {
      const hasImpsDigest = flags['impsDigest'] === true;
      return desk.withStore(flags, (work) => importUsers({ fileName, hasImpsDigest }, work), true);
    });
  addStoreCommand(group, 'list', 'list the accounts').action(async (flags: FlagValues) =>
    desk.withStore(flags, user.listUsers),
  );
  addStoreCommand(group, 'remove <ADDRESS>', 'remove an account; what waits for it fails').action(
    async (address: string, flags: FlagValues) => desk.withStore(flags, (work) => user.removeUser(address, work)),
  );
  addStoreCommand(group, 'password <ADDRESS>', 'give an account another password')
    .option(takesPassword, passwordHelp)
    .option(digestFlag, digestHelp)
    .action(async (address: string, flags: FlagValues) =>
      desk.withStore(flags, (work) => user.changePassword(newUserOf(address, flags), work)),
    );
}

function addAccess(program: Command, desk: Desk): void {
  addStoreCommand(program, 'allow <OWNER> <WATCHER> <ATTRIBUTE...>', 'let a watcher see attributes of an owner').action(
    async (owner: string, other: string, attributes: string[], flags: FlagValues) =>
      desk.withStore(flags, (work) => access.allow({ owner, other, attributes }, work)),
  );
  addStoreCommand(program, 'disallow <OWNER> <WATCHER> [ATTRIBUTE...]', 'no longer; without attributes, none').action(
    async (owner: string, other: string, attributes: string[], flags: FlagValues) =>
      desk.withStore(flags, (work) => access.disallow({ owner, other, attributes }, work)),
  );
  addStoreCommand(program, 'block <OWNER> <ADDRESS>', 'take no messages for an owner from an address').action(
    async (owner: string, other: string, flags: FlagValues) =>
      desk.withStore(flags, (work) => access.block({ owner, other, attributes: [] }, work)),
  );
  addStoreCommand(program, 'unblock <OWNER> <ADDRESS>', 'take them again').action(
    async (owner: string, other: string, flags: FlagValues) =>
      desk.withStore(flags, (work) => access.unblock({ owner, other, attributes: [] }, work)),
  );
}

function addMessages(program: Command, desk: Desk): void {
  program
    .command('check <CONDITION...>')
    .description('say in words what a condition waits for, or point at its first fault')
    .action((words: string[]) => {
      desk.exitCode = check(words.join(' '), desk.io);
    });
  addStoreCommand(program, 'queue', 'list what is held and waiting')
    .option('--to <ADDRESS>', 'of one recipient')
    .option('--from <ADDRESS>', 'of one sender')
    .addOption(
      new Option('--state <STATE>', `in one state, ended ones too: ${messageStates.join(', ')}`).choices(messageStates),
    )
    .action(async (flags: FlagValues) => desk.withStore(flags, (work) => queue(flags, work)));
  addStoreCommand(program, 'explain <ID>', 'tell each step of one message and what it waits for').action(
    async (id: string, flags: FlagValues) => desk.withStore(flags, (work) => explain(id, work)),
  );
}

/** `help user add`, in place of commander's own, which knows one word and is silent about a wrong one. */
function addHelp(program: Command): void {
  program
    .command('help [COMMAND...]')
    .description('print how a command is used; so does COMMAND --help')
    .action((words: string[]) => {
      let command = program;
      for (const word of words) {
        const found = command.commands.find((candidate) => candidate.name() === word);
        const known = command.commands.map((candidate) => candidate.name());
        if (found === undefined) program.error(`unknown command '${word}'${formatSuggestion(word, known)}`);
        else command = found;
      }
      command.outputHelp();
    });
}

/** A command beside a server, which finds the store as `serve` does. */
function addStoreCommand(parent: Command, usage: string, description: string): Command {
  const command = parent.command(usage).description(description);
  addStoreFlags(command);
  return command;
}

/** `ATTRIBUTE…`, or `[ATTRIBUTE…]` where it may be left out. */
function humanArgument(argument: Argument): string {
  const name = argument.name() + (argument.variadic ? '…' : '');
  return argument.required ? name : `[${name}]`;
}

function newUserOf(address: string, flags: FlagValues): user.NewUser {
  const password = flags['password'];
  const isOperator = flags['operator'] === true;
  const user = { address, isOperator, hasImpsDigest: flags['impsDigest'] === true };
  return typeof password === 'string' ? { ...user, password } : user;
}

/** Commander writes `error: unknown option '--domian'` and on a second line `(Did you mean --domain?)`. */
function asOneLine(text: string): string {
  const line = text
    .replace(/^error: /, '')
    .trim()
    .split('\n')
    .join(' ')
    .replace('(Did you', '(did you');
  return line === '' ? 'cannot be understood' : line;
}

const settingWords = `
Every flag is also a key of the file that --config names (TOML) and a variable: --answer-within 5s is
answer-within = "5s" there and RESTANTE_ANSWER_WITHIN=5s here. A flag beats a variable, a variable beats the file.
Times are 7d, 2h, 30m, 45s or plain seconds; sizes are 64KiB, 100MiB or plain bytes.
Not in this version, and refused when set: ${unavailableFlags()}.`;

function closingWords(io: CliIo): string {
  return `
${paint(io, io.stdout, 'bold', 'Examples:')}
  restante serve --domain example.com --sip 0.0.0.0:5060
  restante user add tom@example.com
  restante allow mary@example.com tom@example.com mood
  restante check "mood changes from angry"
  restante send --from tom@example.com --to mary@example.com --when "mood is happy" call me

${paint(io, io.stdout, 'bold', 'Exit codes:')}
  0  done
  1  it could not be done, or the answer is no
  2  misuse, or nothing could be started`;
}

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
