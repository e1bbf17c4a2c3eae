/**
 * A binding as it is kept in memory: a refresh changes its CSeq and time in place, and beside it stands how its REGISTER
 * was written, so that the same one is known again without being read. Knows no store.
 */
import { keepText } from '../../base/keep-text.ts';
import { parseDeltaSeconds } from '../message/header-values.ts';
import type { SipHeaders } from '../message/sip-headers.ts';
import { contactsOf } from '../message/sip-message.ts';
import type { SipRequest } from '../message/sip-message.ts';
import type { Binding, Flow } from './ports.ts';

export class LiveBinding implements Binding {
  readonly addressOfRecord: string;
  readonly key: string;
  readonly contactUri: string;
  readonly contactParameters: string;
  declare readonly displayName?: string;
  readonly q: number;
  readonly callId: string;
  cseq: number;
  readonly path: readonly string[];
  readonly flow: Flow;
  declare readonly instanceId?: string;
  declare readonly userAgent?: string;
  declare readonly isRoute?: true;
  readonly takesMessage: boolean;
  expiresAt: number;
  /** Undefined after a restart, or when its REGISTER had more than this contact. */
  written: WrittenRegister | undefined;
  /** The second of wall time at which the expiry wheel looks at it; -1 when it is not in the wheel. */
  wheelSecond = -1;

  constructor(binding: Binding, callId = binding.callId) {
    this.addressOfRecord = binding.addressOfRecord;
    this.key = binding.key;
    this.contactUri = binding.contactUri;
    this.contactParameters = binding.contactParameters;
    if (binding.displayName !== undefined) this.displayName = binding.displayName;
    this.q = binding.q;
    this.callId = callId;
    this.cseq = binding.cseq;
    this.path = binding.path;
    this.flow = binding.flow;
    if (binding.instanceId !== undefined) this.instanceId = binding.instanceId;
    if (binding.userAgent !== undefined) this.userAgent = binding.userAgent;
    if (binding.isRoute !== undefined) this.isRoute = binding.isRoute;
    this.takesMessage = binding.takesMessage;
    this.expiresAt = binding.expiresAt;
  }

  /** The same contact of a client that was started anew, under another Call-ID. */
  renewed({ callId, cseq, expiresAt }: Pick<Binding, 'callId' | 'cseq' | 'expiresAt'>): LiveBinding {
    const renewed = new LiveBinding(this, callId);
    renewed.cseq = cseq;
    renewed.expiresAt = expiresAt;
    renewed.written = this.written;
    return renewed;
  }
}

/** The rows on which a binding rests, as they were written. */
export interface WrittenRegister {
  readonly contact: string;
  /** Seconds that the Contact itself asks for; undefined when it leaves that to Expires. */
  readonly contactExpires: number | undefined;
  readonly allow: string | undefined;
  readonly supported: string | undefined;
  readonly userAgent: string | undefined;
}

/** Texts that most clients share, kept once. At the limit all are forgotten: what is common soon comes again. */
export const sharedTextsMax = 10_000;
/** Characters of Contact, Allow, Supported and User-Agent together; a longer REGISTER is read anew each time. */
export const writtenLengthMax = 4_096;

/** Undefined for a REGISTER with several contacts or a Path, which are read anew each time. */
export class RegisterMemory {
  readonly #shared = new Map<string, string>();

  /** How many texts are kept. */
  get size(): number {
    return this.#shared.size;
  }

  write(request: SipRequest): WrittenRegister | undefined {
    const { headers } = request;
    const [row, ...more] = headers.getAll('Contact');
    const contacts = contactsOf(request);
    if (row === undefined || more.length > 0 || headers.has('Path') || !contacts.ok || contacts.value === '*')
      return undefined;
    const [contact] = contacts.value;
    if (contact === undefined || contacts.value.length > 1 || !hasSingleRows(headers)) return undefined;
    if (lengthOf(row, headers) > writtenLengthMax) return undefined;
    const expires = contact.params.get('expires');
    const contactExpires = expires === undefined ? undefined : parseDeltaSeconds(expires);
    if (expires !== undefined && contactExpires === undefined) return undefined;
    return {
      contact: keepText(row),
      contactExpires,
      allow: this.#share(headers.get('Allow')),
      supported: this.#share(headers.get('Supported')),
      userAgent: this.#share(headers.get('User-Agent')),
    };
  }

  #share(text: string | undefined): string | undefined {
    if (text === undefined) return undefined;
    const known = this.#shared.get(text);
    if (known !== undefined) return known;
    const kept = keepText(text);
    if (this.#shared.size >= sharedTextsMax) this.#shared.clear();
    this.#shared.set(kept, kept);
    return kept;
  }
}

function lengthOf(contact: string, headers: SipHeaders): number {
  const rest = ['Allow', 'Supported', 'User-Agent'].map((name) => headers.get(name)?.length ?? 0);
  return rest.reduce((sum, length) => sum + length, contact.length);
}

/** Further rows of Allow and Supported are rare, and not compared. */
function hasSingleRows(headers: SipHeaders): boolean {
  return headers.getAll('Allow').length <= 1 && headers.getAll('Supported').length <= 1;
}
