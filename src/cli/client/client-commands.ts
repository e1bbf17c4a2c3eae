/** The commands of a person's client in one table: what each takes and how its help reads. */
import { Option, type Command } from 'commander';
import { messageStates } from '../../delivery/mailbox-entry.ts';
import type { CliIo, ExitCode } from '../cli-io.ts';
import type { FlagValues } from '../setting-flags.ts';
import { openSession, serverDefault, type ClientSession } from './client-session.ts';

type Run = (session: ClientSession, flags: FlagValues, words: readonly string[]) => Promise<ExitCode>;

export interface ClientDesk {
  readonly io: CliIo;
  exitCode: ExitCode;
}

/** The command above, and where the exit code is left. */
type Place = readonly [Command, ClientDesk];

/** Adds them to the program; what they do is loaded when one is called. */
export function addClientCommands(program: Command, desk: ClientDesk): void {
  addSending(program, desk);
  addCollecting(program, desk);
  addPresence(program, desk);
  addRules(program, desk);
}

function addSending(program: Command, desk: ClientDesk): void {
  const send = client([program, desk], 'send [TEXT...]', 'send a message, or a file', async (session, flags, words) =>
    (await import('./sending.ts')).send(words.join(' '), flags, session),
  );
  send
    .requiredOption('--to <ADDRESS>', 'whom it is for')
    .option('--file <PATH>', 'send this file in place of a text, however large')
    .option('--type <TYPE>', 'its media type; else what its name says')
    .option('--from <ADDRESS>', 'who you are; the same as --as')
    .option('--when <CONDITION>', 'when it may be delivered; `restante check` says it in words')
    .option('--expires <TIME>', 'how long it is kept, such as 2h; 0 is now or never')
    .option('--subject <TEXT>', 'a subject')
    .option('--report <KINDS>', 'what to be told of: stored,delivered,displayed,failed')
    .option('--wait <SECONDS>', 'how long to wait for a delivery')
    .option('--key <KEY>', 'sending again with the same key sends once');
  const outbox = client([program, desk], 'outbox', 'what I sent and what became of it', async (session, flags) =>
    (await import('./sending.ts')).outbox(flags, session),
  );
  outbox
    .addOption(new Option('--state <STATE>', 'in one state').choices(messageStates))
    .option('--to <ADDRESS>', 'for one recipient')
    .option('--watch', 'go on with reports as they come');
  client([program, desk], 'recall <ID>', 'take back what is not delivered yet', async (session, _flags, [id = '']) =>
    (await import('./sending.ts')).recall(id, session),
  );
}

function addCollecting(program: Command, desk: ClientDesk): void {
  const inbox = client([program, desk], 'inbox', 'what is ready for me', async (session, flags) =>
    (await import('./collecting.ts')).inbox(flags, session),
  );
  inbox
    .option('--from <ADDRESS>', 'everything of this sender, also what is not ready')
    .option('--watch', 'print messages as they come, and acknowledge them');
  client([program, desk], 'get <ID>', 'print a message and acknowledge it', async (session, flags, [id = '']) =>
    (await import('./collecting.ts')).get(id, flags, session),
  )
    .option('--output <PATH>', 'save its content there in place of printing it')
    .option('--keep', 'do not acknowledge it');
}

function addPresence(program: Command, desk: ClientDesk): void {
  const group = program.command('presence').description('show, set');
  group.helpCommand(false);
  client(
    [group, desk],
    'show [ADDRESS]',
    'what I may see of somebody, or of myself',
    async (session, _flags, [address]) => (await import('./presence-words.ts')).showPresence(address, session),
  );
  client(
    [group, desk],
    'set <WORD...>',
    'availability=available mood=happy; mood= takes it back',
    async (session, flags, words) => (await import('./presence-words.ts')).setPresence(words, flags, session),
  ).option('--expires <TIME>', 'for how long; else until changed');
}

function addRules(program: Command, desk: ClientDesk): void {
  const rules = program.command('rules').description('get, set: who may see what of me');
  rules.helpCommand(false);
  client([rules, desk], 'get', 'print them', async (session) =>
    (await import('./rules-and-blocks.ts')).getRules(session),
  );
  client(
    [rules, desk],
    'set <FILE>',
    'all anew, from JSON as `rules get --json` writes it; - is standard input',
    async (session, _flags, [file = '-']) => (await import('./rules-and-blocks.ts')).setRules(file, session),
  );
  const blocks = program.command('blocks').description('add, remove, list: from whom I take nothing');
  blocks.helpCommand(false);
  client([blocks, desk], 'list', 'print them', async (session) =>
    (await import('./rules-and-blocks.ts')).listBlocks(session),
  );
  client([blocks, desk], 'add <ADDRESS>', 'take no messages from somebody', async (session, _flags, [address = '']) =>
    (await import('./rules-and-blocks.ts')).changeBlock('PUT', address, session),
  );
  client([blocks, desk], 'remove <ADDRESS>', 'take them again', async (session, _flags, [address = '']) =>
    (await import('./rules-and-blocks.ts')).changeBlock('DELETE', address, session),
  );
}

function client([parent, desk]: Place, usage: string, description: string, run: Run): Command {
  const command = parent.command(usage).description(description);
  command
    .addOption(
      new Option('--server <URL>', `the server; else RESTANTE_SERVER [${serverDefault}]`).helpGroup('Session:'),
    )
    .addOption(new Option('--as <ADDRESS>', 'who you are; else RESTANTE_ADDRESS').helpGroup('Session:'))
    .addOption(new Option('--json', 'print what the server says, for a program').helpGroup('Session:'))
    .addHelpText('after', '\nThe password comes from RESTANTE_PASSWORD, or is asked for.');
  return command.action(async () => {
    const flags = command.opts<FlagValues>();
    const words = command.processedArgs.flat().filter((word): word is string => typeof word === 'string');
    // Of `send`, the sender is who calls; elsewhere --from narrows a list.
    const isSender = command.name() === 'send' && flags['as'] === undefined;
    const session = await openSession(isSender ? { ...flags, as: flags['from'] } : flags, desk.io);
    desk.exitCode = session === undefined ? 2 : await run(session, flags, words);
  });
}
