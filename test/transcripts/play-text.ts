/** Variables in what is sent, patterns in what is received. Made-up names are the same in every run of a play. */

export class PlayScope {
  readonly #global: Map<string, string>;
  readonly #own = new Map<string, string>();
  readonly #me: string | undefined;
  readonly #made: MadeUp;

  /** The outermost scope of one performance; `seed` makes its invented names its own. */
  static outermost(seed: string, known: ReadonlyMap<string, string>): PlayScope {
    return new PlayScope(new Map(known), undefined, { seed, count: 0 });
  }

  private constructor(global: Map<string, string>, me: string | undefined, made: MadeUp) {
    this.#global = global;
    this.#me = me;
    this.#made = made;
  }

  /** The scope of a part: own names, and those with a dot shared with the play. */
  forPart(me: string, values: ReadonlyMap<string, string>): PlayScope {
    const scope = new PlayScope(this.#global, me, this.#made);
    for (const [name, value] of values) scope.#own.set(name, value);
    scope.#own.set('me', me);
    return scope;
  }

  lookUp(name: string): string | undefined {
    const full = this.#fullName(name);
    return this.#own.get(full) ?? this.#global.get(full);
  }

  set(name: string, value: string): void {
    const full = this.#fullName(name);
    (full.includes('.') ? this.#global : this.#own).set(full, value);
  }

  /** Text to send with its variables replaced; `{length}` and `{hex:…}` are left. Throws at an unknown name. */
  fill(text: string): string {
    return text.replace(/\{([\w.:-]+)\}/g, (whole, name: string) => {
      if (name === 'length' || name.startsWith('hex:')) return whole;
      const value = this.lookUp(name) ?? this.#makeUp(name);
      if (value === undefined) throw new Error(`nobody knows {${name}}`);
      return value;
    });
  }

  /** True when the text fits the pattern; unknown names in it are captured then. */
  matches(pattern: string, text: string): boolean {
    const captured: string[] = [];
    const source = pattern.replace(
      /\\([*{])|\*|\{([\w.-]+)\}|[^*{\\]+|[\s\S]/g,
      (token, sign?: string, name?: string) => {
        if (sign !== undefined) return escapePattern(sign);
        if (name !== undefined) return this.#capture(name, captured);
        return token === '*' ? '[\\s\\S]*?' : escapePattern(token);
      },
    );
    const match = new RegExp(`^${source}$`).exec(text);
    if (!match) return false;
    for (const [at, name] of captured.entries()) this.set(name, match[at + 1] ?? '');
    return true;
  }

  #capture(name: string, captured: string[]): string {
    const known = this.lookUp(name);
    if (known !== undefined) return escapePattern(known);
    const before = captured.indexOf(name);
    if (before >= 0) return `\\${before + 1}`;
    captured.push(name);
    return '([\\s\\S]+?)';
  }

  #makeUp(name: string): string | undefined {
    if (name === 'count') {
      this.#made.count += 1;
      return String(this.#made.count);
    }
    const kind = /(?:^|\.)(branch|tag|call)[\w-]*$/.exec(name)?.[1];
    if (kind === undefined) return undefined;
    this.#made.count += 1;
    const value = `${kind === 'branch' ? 'z9hG4bK' : ''}${this.#made.seed}${kind}${this.#made.count}`;
    this.set(name, value);
    return value;
  }

  #fullName(name: string): string {
    return this.#me !== undefined && name.startsWith('me.') ? `${this.#me}${name.slice(2)}` : name;
  }
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}

interface MadeUp {
  readonly seed: string;
  count: number;
}

/** A filled message as bytes: header lines that became empty are dropped, `{length}` is the length of the body. */
export function assembleMessage(head: readonly string[], body: readonly string[]): Buffer {
  const content = bodyBytes(body.join('\r\n'));
  const lines = head
    .filter((line) => line.trim() !== '')
    .map((line) => line.replaceAll('{length}', String(content.length)));
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), content]);
}

function bodyBytes(text: string): Buffer {
  const pieces = text.split(/\{hex:([0-9a-f]*)\}/i);
  return Buffer.concat(pieces.map((piece, at) => Buffer.from(piece, at % 2 === 0 ? 'utf8' : 'hex')));
}
