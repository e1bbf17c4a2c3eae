/**
 * curl, by the tour of the README: what a reader would type is run as it stands there, and what the page says is answered
 * must be answered, but for ids, times and blanks.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ChildProgram, waitUntil } from '../processes/child-program.ts';
import { expectThat, patienceMs, type InteropCase, type InteropWorld } from './interop-case.ts';

export const curlCases: readonly InteropCase[] = [
  {
    name: 'curl: the tour of the README',
    tool: 'curl',
    async play(world) {
      // No meter of progress, and nothing of the person's own settings.
      writeFileSync(join(world.folder, '.curlrc'), 'silent\nshow-error\n');
      const reader = new Reader(world);
      for (const { typed, shown } of readTour()) {
        if (typed !== undefined) await reader.type(typed);
        if (shown !== undefined) await reader.expect(shown);
      }
      const [first = ''] = reader.heard();
      expectThat(first.includes('event: message'), `the first who listens is not the recipient:\n${first}`);
      expectThat(!/deliverWhen|is available/.test(first), `the recipient saw the condition:\n${first}`);
    },
  },
];

/** Something to type, or what must have come by then. */
interface Step {
  readonly typed?: string;
  readonly shown?: string;
}

function readTour(): Step[] {
  const page = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const section = /^### .*curl$([^]*?)^`docs\/http-api/m.exec(page)?.[1] ?? '';
  const steps: Step[] = [];
  for (const [block, typed] of section.matchAll(/^```bash\n([^]*?)^```$|(?:^ {4}.*\n)+/gm)) {
    if (typed !== undefined) steps.push({ typed });
    else if (block.includes('"state"') || block.includes('data:')) steps.push({ shown: block.trim() });
  }
  expectThat(steps.length >= 10, `the README has no tour with curl:\n${section}`);
  return steps;
}

/** Somebody at a terminal, who has the server elsewhere and sees other ids than the page. */
class Reader {
  readonly #world: InteropWorld;
  readonly #commands: { readonly typed: string; readonly child: ChildProgram }[] = [];
  /** Variables that were set before stay set. */
  #variables = '';

  constructor(world: InteropWorld) {
    this.#world = world;
  }

  /** Who listens goes on listening. */
  async type(typed: string): Promise<void> {
    const { folder, start } = this.#world;
    const child = start('bash', ['-c', this.#asTyped(this.#variables + typed)], {
      env: { CURL_HOME: folder },
    });
    this.#commands.push({ typed, child });
    this.#variables += typed.match(/^\w+=.*\n/gm)?.join('') ?? '';
    const isDone = (): boolean => (isListening(typed) ? child.output.includes('data: ') : child.hasEnded);
    await waitUntil(isDone, patienceMs);
    expectThat(isDone(), `not done:\n${typed}\nit printed:\n${child.output}`);
  }

  async expect(shown: string): Promise<void> {
    const hasCome = (): boolean => plain(this.#seen()).includes(plain(shown));
    await waitUntil(hasCome, patienceMs);
    expectThat(hasCome(), `the README shows\n${shown}\nbut what came is\n${this.#seen()}`);
  }

  /** What each who listens has heard. */
  heard(): string[] {
    return this.#commands.filter(({ typed }) => isListening(typed)).map(({ child }) => child.output);
  }

  #seen(): string {
    return this.#commands.map(({ child }) => child.output).join('\n');
  }

  #asTyped(text: string): string {
    const id = /"id":"([^"]+)"/.exec(this.#seen())?.[1] ?? '';
    const placed = text.replaceAll('http://127.0.0.1:8080', this.#world.http).replaceAll(messageId, id);
    // The end of the shell must be the end of who listens.
    return placed.replaceAll(/^curl -N/gm, 'exec curl -N');
  }
}

const messageId = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g;

function isListening(typed: string): boolean {
  return typed.includes('/events');
}

/** Without what differs from run to run and from page to terminal. */
function plain(text: string): string {
  return text
    .replaceAll(messageId, 'ID')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/\s+/g, '');
}
