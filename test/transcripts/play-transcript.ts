/** The director: gives one play in one host, step by step, and stops at the first thing that is not as written. */
import { formatReply } from '../../src/cli/demo/user-agent/request-answerer.ts';
import { Inbox } from './inbox.ts';
import { findDifference } from './match-message.ts';
import { assembleMessage, PlayScope } from './play-text.ts';
import { TranscriptFault, type Part, type Step, type Transcript } from './transcript.ts';
import type { OpenHost, TranscriptHost } from './transcript-host.ts';

/** While somebody waits, time passes in steps of this many milliseconds. */
const waitStepMs = 10;
const nestedPartsMax = 4;

export type FindPart = (name: string) => Part | undefined;

/** Rejects with a TranscriptFault that names the line; the host is closed in any case. */
export async function playTranscript(transcript: Transcript, openHost: OpenHost, findPart: FindPart): Promise<void> {
  const host = await openHost({ cast: transcript.cast, flags: transcript.flags });
  try {
    const performance = new Performance(transcript, host, findPart);
    await performance.play();
  } finally {
    await host.close();
  }
}

class Performance {
  readonly #transcript: Transcript;
  readonly #host: TranscriptHost;
  readonly #findPart: FindPart;
  readonly #inboxes = new Map<string, Inbox>();
  readonly #lastSent = new Map<string, Buffer>();

  constructor(transcript: Transcript, host: TranscriptHost, findPart: FindPart) {
    this.#transcript = transcript;
    this.#host = host;
    this.#findPart = findPart;
    for (const { name } of transcript.cast) this.#inboxes.set(name, new Inbox());
    host.onReceive((actor, bytes) => this.#inboxes.get(actor)?.receive(bytes));
  }

  async play(): Promise<void> {
    const scope = PlayScope.outermost(seedOf(this.#transcript.path), this.#knownNames());
    await this.#playSteps(this.#transcript, scope, 0);
    await this.#host.advance(waitStepMs);
    for (const [name, inbox] of this.#inboxes) {
      const untold = inbox.untold(true);
      if (untold.length === 0) continue;
      const place = { path: this.#transcript.path, line: this.#transcript.steps.at(-1)?.line ?? 1 };
      throw new TranscriptFault(place, `at the end ${name} has also received: ${untold.join(' | ')}`);
    }
  }

  #knownNames(): Map<string, string> {
    const known = new Map<string, string>();
    known.set('server.host', this.#host.server.host);
    known.set('server.port', String(this.#host.server.port));
    for (const { name, transport } of this.#transcript.cast) {
      const { host, port } = this.#host.addressOf(name);
      known.set(`${name}.host`, host);
      known.set(`${name}.port`, String(port));
      known.set(`${name}.transport`, transport.toUpperCase());
      known.set(
        `${name}.contact`,
        `sip:${name}@${host}:${port}${transport === 'udp' ? '' : `;transport=${transport}`}`,
      );
    }
    return known;
  }

  async #playSteps(from: Part | Transcript, scope: PlayScope, depth: number): Promise<void> {
    for (const step of from.steps) {
      try {
        await this.#playStep(step, scope, depth);
      } catch (error) {
        if (error instanceof TranscriptFault && depth === 0) throw error;
        const what = error instanceof Error ? error.message : 'something that is no error was thrown';
        throw new TranscriptFault({ path: from.path, line: step.line }, what);
      }
    }
  }

  async #playStep(step: Step, scope: PlayScope, depth: number): Promise<void> {
    switch (step.kind) {
      case 'after':
        return this.#host.advance(step.ms);
      case 'restart':
        return able(this.#host.restart?.(), 'restart');
      case 'disconnect':
        return able(this.#host.disconnect?.(whoActs(step.actor, scope)), 'disconnect');
      case 'connect':
        return able(this.#host.connect?.(whoActs(step.actor, scope)), 'connect');
      case 'do':
        return this.#playPart(step, scope, depth);
      case 'send-keep-alive':
        return this.#host.send(whoActs(step.actor, scope), Buffer.from('\r\n\r\n'));
      case 'send':
      case 'send-again':
      case 'answer':
        return this.#send(whoActs(step.actor, scope), step, scope);
      case 'receive':
      case 'receive-again':
      case 'receive-keep-alive':
      case 'receive-nothing':
        return this.#receive(whoActs(step.actor, scope), step, scope);
      default:
        throw new Error(`no such step: ${JSON.stringify(step satisfies never)}`);
    }
  }

  async #playPart(step: Extract<Step, { kind: 'do' }>, scope: PlayScope, depth: number): Promise<void> {
    const part = this.#findPart(step.part);
    if (!part) throw new Error(`there is no part called ${step.part}`);
    if (depth >= nestedPartsMax) throw new Error('parts are nested too deeply');
    const values = new Map(part.given);
    for (const [name, value] of step.values) values.set(name, scope.fill(value));
    await this.#playSteps(part, scope.forPart(whoActs(step.actor, scope), values), depth + 1);
  }

  async #send(actor: string, step: SendingStep, scope: PlayScope): Promise<void> {
    const bytes = this.#bytesToSend(actor, step, scope);
    if (step.kind !== 'answer') this.#lastSent.set(actor, bytes);
    await this.#host.send(actor, bytes);
  }

  #bytesToSend(actor: string, step: SendingStep, scope: PlayScope): Buffer {
    switch (step.kind) {
      case 'send':
        return assembleMessage(
          step.head.map((line) => scope.fill(line)),
          step.body.map((line) => scope.fill(line)),
        );
      case 'send-again': {
        const bytes = this.#lastSent.get(actor);
        if (!bytes) throw new Error(`${actor} has sent nothing yet`);
        return bytes;
      }
      case 'answer': {
        const request = this.#inboxes.get(actor)?.lastRequest;
        if (!request) throw new Error(`${actor} has received no request yet`);
        const [, status = '', reason] = /^(\d{3})(?: (.+))?$/.exec(step.status) ?? [];
        const headers = Object.fromEntries(step.headers.map((line) => splitHeader(scope.fill(line))));
        return formatReply(request, { status: Number(status), headers, ...(reason === undefined ? {} : { reason }) });
      }
      default:
        throw new Error(`no such step: ${JSON.stringify(step satisfies never)}`);
    }
  }

  async #receive(actor: string, step: ReceivingStep, scope: PlayScope): Promise<void> {
    const inbox = this.#inboxes.get(actor);
    if (!inbox) throw new Error(`${actor} is not in the cast`);
    if (step.kind === 'receive-nothing') {
      inbox.forgetRepeated();
      await this.#host.advance(step.forMs);
      const untold = inbox.untold(step.mayRepeat);
      if (untold.length > 0) throw new Error(`${actor} has received: ${untold.join(' | ')}`);
      return;
    }
    if (step.kind === 'receive-again') {
      const again = await this.#waitFor(() => inbox.takeRepeated(), step.withinMs);
      if (again === undefined) throw new Error(`${actor} received nothing again; ${besides(inbox)}`);
      return;
    }
    if (step.kind === 'receive-keep-alive') {
      const isThere = await this.#waitFor(() => inbox.takeKeepAlive(), step.withinMs);
      if (isThere === undefined) throw new Error(`${actor} received no keep-alive; ${besides(inbox)}`);
      return;
    }
    const kind = step.expected.startLine.startsWith('SIP/2.0') ? 'answer' : 'request';
    const message = await this.#waitFor(() => inbox.take(kind), step.withinMs);
    if (!message) throw new Error(`${actor} received no ${kind} within ${step.withinMs} ms; ${besides(inbox)}`);
    const difference = findDifference(message, step.expected, scope);
    if (difference !== undefined) throw new Error(`${difference}\n${message.bytes.toString('utf8')}`);
  }

  async #waitFor<T>(look: () => T | undefined, writtenMs: number): Promise<T | undefined> {
    const withinMs = writtenMs * (this.#host.patience ?? 1);
    for (let spentMs = 0; ; spentMs += waitStepMs) {
      const found = look();
      if (found !== undefined || spentMs >= withinMs) return found;
      await this.#host.advance(Math.min(waitStepMs, withinMs - spentMs));
    }
  }
}

type SendingStep = Extract<Step, { kind: 'send' | 'send-again' | 'answer' }>;
type ReceivingStep = Extract<Step, { kind: 'receive' | 'receive-again' | 'receive-keep-alive' | 'receive-nothing' }>;

async function able(done: Promise<void> | undefined, what: string): Promise<void> {
  if (!done) throw new Error(`this host cannot ${what}`);
  await done;
}

function whoActs(actor: string, scope: PlayScope): string {
  return actor === 'me' ? (scope.lookUp('me') ?? actor) : actor;
}

function besides(inbox: Inbox): string {
  const untold = inbox.untold(false);
  return untold.length === 0 ? 'nothing else came either' : `instead: ${untold.join(' | ')}`;
}

function splitHeader(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
}

function seedOf(path: string): string {
  return (path.split('/').at(-1) ?? path).split('.')[0]?.replaceAll(/\W/g, '') ?? '';
}
