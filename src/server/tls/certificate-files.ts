/**
 * The server's certificate as it stands in two files, read again when they change: a good new one is shown to whoever
 * connects from then on, a bad one is told and the old one stays. Both ends of TLS ask here for what they use.
 */
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { Counters } from '../../base/counters.ts';
import type { Log } from '../../base/log.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Clock, Millis } from '../../base/time/clock.ts';
import type { TimerHandle, Timers } from '../../base/time/timers.ts';
import { makeCertificate, readTlsFile, type CertificateTexts, type UsableCertificate } from './read-certificate.ts';
import { readTrustedRoots, type TrustedRoots } from './trusted-roots.ts';

/** How often the files are looked at. Contents are compared: what is swapped by a link may keep its times. */
export const certificateLookMs: Millis = 2_000;

export interface CertificatePlan {
  readonly certFile: string;
  readonly keyFile: string;
  /** `system`, `off`, or a file. */
  readonly roots: string;
  /** Those that a client may ask for by name (RFC 5922 7.1). */
  readonly domains: readonly string[];
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly counters: Counters;
}

export class CertificateFiles {
  readonly verifiesPeers: boolean;
  readonly #plan: CertificatePlan;
  readonly #roots: TrustedRoots;
  readonly #listeners: (() => void)[] = [];
  #current: UsableCertificate;
  #opening: SecureContext | undefined;
  /** What was last found in the files, good or bad, so that a fault is told once. */
  #seen: CertificateTexts;
  #lastFault = '';
  #timer: TimerHandle | undefined;
  #isStopped = false;

  private constructor(plan: CertificatePlan, roots: TrustedRoots, texts: CertificateTexts, current: UsableCertificate) {
    this.#plan = plan;
    this.#roots = roots;
    this.verifiesPeers = plan.roots !== 'off';
    this.#seen = texts;
    this.#current = current;
    plan.counters.gauge('tls_certificate_not_after_seconds', () => this.#current.leaf.validToDate.getTime() / 1000);
    this.#tellDoubts();
    this.#lookLater();
  }

  /** The error is one line for the operator. */
  static open(plan: CertificatePlan): Result<CertificateFiles, string> {
    const cert = readTlsFile('tls-cert', plan.certFile);
    if (!cert.ok) return cert;
    const key = readTlsFile('tls-key', plan.keyFile);
    if (!key.ok) return key;
    const texts = { cert: cert.value, key: key.value };
    const usable = makeCertificate(texts);
    if (!usable.ok) return err(usable.error);
    const roots = readTrustedRoots(plan.roots);
    return roots.ok ? ok(new CertificateFiles(plan, roots.value, texts, usable.value)) : roots;
  }

  /** For connections that peers open. */
  accepting(): SecureContext {
    return this.#current.context;
  }

  /** For connections that the server opens: it shows the same certificate, if it is asked (RFC 5922 7.4). */
  opening(): SecureContext {
    const { options } = this.#current;
    this.#opening ??= createSecureContext({
      ...options,
      ...(this.#roots === undefined ? {} : { ca: [...this.#roots] }),
    });
    return this.#opening;
  }

  options(): SecureContextOptions {
    return this.#current.options;
  }

  onChanged(listener: () => void): void {
    this.#listeners.push(listener);
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #lookLater(): void {
    const { clock, timers } = this.#plan;
    this.#timer = timers.at(clock.monotonic() + certificateLookMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { certFile, keyFile } = this.#plan;
    try {
      const [cert, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]);
      this.#take({ cert, key });
    } catch (fault) {
      this.#keepOld(fault instanceof Error ? fault.message : String(fault));
    }
    if (!this.#isStopped) this.#lookLater();
  }

  #take(texts: CertificateTexts): void {
    if (texts.cert === this.#seen.cert && texts.key === this.#seen.key) return;
    this.#seen = texts;
    const usable = makeCertificate(texts);
    if (!usable.ok) {
      this.#keepOld(usable.error);
      return;
    }
    this.#lastFault = '';
    this.#current = usable.value;
    this.#opening = undefined;
    for (const listener of this.#listeners) listener();
    this.#plan.log.info({ notAfter: usable.value.leaf.validTo }, 'the TLS certificate was read again');
    this.#tellDoubts();
  }

  /** One file after the other is replaced, so that for a moment they may not fit. */
  #keepOld(fault: string): void {
    if (fault === this.#lastFault) return;
    this.#lastFault = fault;
    this.#plan.log.error({ fault }, 'the new TLS certificate cannot be used, the old one stays');
  }

  #tellDoubts(): void {
    const { domains, clock, log } = this.#plan;
    const { leaf } = this.#current;
    if (leaf.validToDate.getTime() <= clock.wall()) {
      log.warn({ notAfter: leaf.validTo }, 'the TLS certificate has expired');
    }
    const missing = domains.filter((domain) => leaf.checkHost(domain) === undefined);
    if (missing.length > 0) log.warn({ domains: missing.join(' ') }, 'the TLS certificate does not name these domains');
  }
}
