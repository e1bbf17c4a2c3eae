/** What happens in every telling, and what must hold at its end whatever broke. */
import { BrokenWorld, type Fault } from './broken-world.ts';
import { VirtualPhone } from './virtual-phone.ts';

const mary = 'sip:mary@localhost';
const texts = ['kept', 'when available', 'when happy', 'at once', 'while silent'] as const;
/** Longer than every back-off and every time that somebody is told to wait. */
const longMs = 5 * 60_000;

export interface Telling {
  /** What broke; empty when the fault was never met. */
  readonly broken: string;
  /** Each promise that does not hold. */
  readonly faults: readonly string[];
  /** `method status` of every refusal, in order. */
  readonly refusals: readonly string[];
  /** First answers to the five messages. */
  readonly statuses: readonly number[];
}

/** Tells the story with one fault in it. */
export async function tell(fault: Fault): Promise<Telling> {
  const story = new Story(fault);
  await story.play();
  return story.report();
}

class Story {
  readonly #world: BrokenWorld;
  readonly #tom: VirtualPhone;
  readonly #mary: VirtualPhone;
  readonly #john: VirtualPhone;
  readonly #faults: string[] = [];
  readonly #statuses: number[] = [];

  constructor(fault: Fault) {
    this.#world = new BrokenWorld(fault);
    const [tom, maryPhone, john] = ['tom', 'mary', 'john'].map(
      (name, number) => new VirtualPhone(name, this.#world, number),
    );
    if (tom === undefined || maryPhone === undefined || john === undefined) throw new Error('a cast of three');
    this.#tom = tom;
    this.#mary = maryPhone;
    this.#john = john;
  }

  async play(): Promise<void> {
    this.#world.begin();
    while (!this.#world.isUp) await this.#world.time.advance(100);
    await this.#send('kept');
    await this.#send('when available', 'availability is available');
    await this.#send('when happy', 'mood changes to happy');
    await this.#do(this.#subscribe(), 200);
    await this.#do(this.#publish('not-available', 'sad'), 200);
    await this.#do(this.#register(), 200);
    await this.#world.time.advance(60_000);
    this.#mustHave(['kept'], 'before anything is available');
    await this.#do(this.#publish('available', 'sad'), 200);
    await this.#world.time.advance(60_000);
    this.#mustHave(['kept', 'when available'], 'before anybody is happy');
    await this.#do(this.#publish('available', 'happy'), 200);
    await this.#world.time.advance(60_000);
    await this.#send('at once');
    this.#mary.reply = undefined;
    await this.#send('while silent');
    this.#mary.reply = 200;
    await this.#do(this.#register(), 200);
    await this.#world.time.advance(longMs);
    await this.#do(this.#register(0), 200);
    // A subscription ends with the process; its watcher asks anew.
    if (this.#world.hasDied) await this.#do(this.#subscribe(), 200);
    const late = await this.#do(this.#message('too late', [['Expires', '60']]), 202);
    if (late !== 202) this.#faults.push(`too late: ${late}`);
    await this.#world.time.advance(61_000);
    await this.#do(this.#register(), 200);
    await this.#world.time.advance(longMs);
    await this.#checkEnd();
  }

  report(): Telling {
    const { broken } = this.#world;
    const phones = [this.#tom, this.#mary, this.#john];
    const refusals = phones.flatMap((phone) => phone.refusals);
    return { broken, faults: this.#faults, refusals, statuses: this.#statuses };
  }

  async #send(text: (typeof texts)[number], condition?: string): Promise<void> {
    const headers = condition === undefined ? [] : ([['Deliver-When', condition]] as const);
    this.#statuses.push(await this.#do(this.#message(text, headers), 200, 202));
  }

  #message(text: string, headers: readonly (readonly [string, string])[]) {
    return this.#tom.request({
      method: 'MESSAGE',
      uri: mary,
      headers: [['Content-Type', 'text/plain'], ...headers],
      body: text,
    });
  }

  #register(expires = 7200) {
    const headers = [['Contact', this.#mary.contact] as const, ['Expires', String(expires)] as const];
    return this.#mary.request({ method: 'REGISTER', uri: 'sip:localhost', to: mary, headers });
  }

  #publish(availability: string, mood: string) {
    const body =
      '<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:d="urn:ietf:params:xml:ns:pidf:data-model" ' +
      `xmlns:r="urn:ietf:params:xml:ns:pidf:rpid" entity="${mary}"><d:person id="p"><r:mood><r:${mood}/></r:mood>` +
      `<availability xmlns="urn:restante:presence">${availability}</availability></d:person></presence>`;
    const headers = [
      ['Event', 'presence'],
      ['Expires', '7200'],
      ['Content-Type', 'application/pidf+xml'],
    ] as const;
    return this.#mary.request({ method: 'PUBLISH', uri: mary, headers, body });
  }

  #subscribe() {
    const headers = [
      ['Event', 'presence'],
      ['Expires', '86400'],
      ['Contact', this.#john.contact],
    ] as const;
    return this.#john.request({ method: 'SUBSCRIBE', uri: mary, headers });
  }

  /** Lets time pass until it is answered; the status must be one of these. */
  async #do(asked: Promise<{ readonly status: number }>, ...allowed: readonly number[]): Promise<number> {
    const end: { status?: number } = {};
    asked.then(
      (answer) => (end.status = answer.status),
      (fault: unknown) => {
        this.#faults.push(String(fault));
        end.status = 0;
      },
    );
    while (end.status === undefined) await this.#world.time.advance(100);
    const { status } = end;
    if (!allowed.includes(status)) this.#faults.push(`answered ${status} instead of ${allowed.join(' or ')}`);
    return status;
  }

  #mustHave(wanted: readonly string[], when: string): void {
    const early = this.#arrived().filter((text) => !wanted.includes(text));
    if (early.length > 0) this.#faults.push(`${early.join()} came ${when}`);
  }

  #arrived(): string[] {
    return this.#mary.received.filter(({ method }) => method === 'MESSAGE').map(({ text }) => text);
  }

  async #checkEnd(): Promise<void> {
    this.#world.end();
    const arrived = this.#arrived();
    for (const text of texts) if (!arrived.includes(text)) this.#faults.push(`${text} is lost`);
    if (arrived.includes('too late')) this.#faults.push('a message came after its end');
    const callIds = new Map<string, Set<string>>();
    for (const { text, callId } of this.#mary.received) callIds.set(text, (callIds.get(text) ?? new Set()).add(callId));
    for (const text of texts) if ((callIds.get(text)?.size ?? 0) > 1) this.#faults.push(`${text} came as two messages`);
    const open = (await this.#world.stores.mailbox.list({ limit: 99 })).filter(({ state }) =>
      ['held', 'waiting'].includes(state),
    );
    for (const { state } of open) this.#faults.push(`a message is still ${state}`);
    const told = this.#john.received.findLast(({ method }) => method === 'NOTIFY')?.text ?? '';
    if (!/available/.test(told) || /not-available/.test(told))
      this.#faults.push('the watcher was told last of another presence');
  }
}
