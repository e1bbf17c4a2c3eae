/**
 * The application usages (RFC 4825 5): what a document of each may hold, and where it is kept. `pres-rules` documents are
 * made of the watcher rules and become them; `resource-lists` documents are kept as they came; `xcap-caps` says what there is.
 */
import type { Result } from '../../../base/result.ts';
import type { DocumentFault } from '../../../formats/xcap/document-fault.ts';
import * as presRules from '../../../formats/pres-rules/pres-rules.ts';
import * as lists from '../../../formats/xcap/resource-lists.ts';
import type { XmlLimits, XmlSource } from '../../../formats/xml-reader.ts';
import { escapeXml, xmlElement } from '../../../formats/xml-writer.ts';
import type { Address } from '../../../model/address.ts';
import type { WatcherRule } from '../../../model/watcher-rule.ts';
import { ruleNamesMax, watcherRulesMax } from '../../../presence/watcher-rules.ts';
import type { PresenceService } from '../../../presence/presence-service.ts';
import { ProblemFault } from '../problem.ts';
import { storeUnavailable } from '../api/refusals.ts';
import { documentsPerOwnerMax, type DocumentStore } from './ports.ts';
import { XcapFault } from './xcap-fault.ts';

/** Of a document that is put, whole or in part, and of what becomes of it. */
export const xcapLimits: XmlLimits = { bytesMax: 262_144, depthMax: 32, attributesMax: 64, elementsMax: 16_384 };

/** Characters of the name of a document. */
export const documentNameMax = 128;

export interface Usage {
  readonly contentType: string;
  /** What a name without prefix in a node selector may be of. */
  readonly defaultNamespaces: readonly string[];
  /** Rejects with `StoreFault`. */
  load(owner: Address, name: string): Promise<LoadedDocument>;
}

export interface LoadedDocument {
  readonly text: string | undefined;
  /** Throws what is wrong with it. */
  readonly check: (source: XmlSource) => void;
  /** False when it is not any more as it was loaded; undefined takes it away. */
  save(next: XmlSource | undefined): Promise<boolean>;
}

export function usagesOf(presence: PresenceService, documents: DocumentStore): ReadonlyMap<string, Usage> {
  return new Map<string, Usage>([
    ['pres-rules', new PresRulesUsage(presence)],
    ['resource-lists', new ResourceListsUsage(documents)],
  ]);
}

class PresRulesUsage implements Usage {
  readonly contentType = presRules.presRulesContentType;
  // RFC 5025 says pres-rules, but the elements on the way to its own are of common policy.
  readonly defaultNamespaces = [presRules.presRulesNamespace, presRules.commonPolicyNamespace];
  readonly #presence: PresenceService;

  constructor(presence: PresenceService) {
    this.#presence = presence;
  }

  async load(owner: Address, name: string): Promise<LoadedDocument> {
    if (name !== 'index') return noOtherName;
    const { rules, document } = await this.#presence.storedRules(owner);
    const text = presRules.mergePresRules({ owner, rules, document }, xcapLimits);
    const read = (source: XmlSource): WatcherRule[] =>
      accepted(presRules.parsePresRules(source.root, owner)).map(({ rule }) => rule);
    return {
      text,
      check: read,
      save: async (next) => {
        const after = next === undefined ? [] : read(next);
        const change = { before: document, after: next?.text };
        const outcome = await this.#presence.setRules(owner, after, { before: rules, document: change });
        if (outcome.kind === 'store-unavailable') throw new ProblemFault(storeUnavailable(storeRetryMs));
        if (outcome.kind === 'too-many') {
          const words = `at most ${watcherRulesMax} rules with ${ruleNamesMax} names and attributes in them`;
          throw new XcapFault({ kind: 'constraint-failure', words });
        }
        return outcome.kind !== 'outdated';
      },
    };
  }
}

const noOtherName: LoadedDocument = {
  text: undefined,
  check: () => undefined,
  save: () => {
    throw new XcapFault({ kind: 'constraint-failure', words: 'the one document with rules is index' });
  },
};

class ResourceListsUsage implements Usage {
  readonly contentType = lists.resourceListsContentType;
  readonly defaultNamespaces = [lists.resourceListsNamespace];
  readonly #store: DocumentStore;

  constructor(store: DocumentStore) {
    this.#store = store;
  }

  async load(owner: Address, name: string): Promise<LoadedDocument> {
    const place = { owner, application: 'resource-lists', name };
    const text = await this.#store.read(place);
    const check = (source: XmlSource): void => {
      accepted(lists.checkResourceLists(source.root));
    };
    return {
      text,
      check,
      save: async (next) => {
        if (next !== undefined) check(next);
        if (name.length > documentNameMax) {
          throw new XcapFault({
            kind: 'constraint-failure',
            words: `a name has at most ${documentNameMax} characters`,
          });
        }
        const outcome = await this.#store.write(place, { before: text, after: next?.text });
        if (outcome === 'full') {
          throw new XcapFault({ kind: 'constraint-failure', words: `at most ${documentsPerOwnerMax} documents` });
        }
        return outcome === 'written';
      },
    };
  }
}

const storeRetryMs = 5000;

function accepted<T>(checked: Result<T, DocumentFault>): T {
  if (checked.ok) return checked.value;
  const { kind, words, field } = checked.error;
  throw new XcapFault({ kind, words, ...(field === undefined ? {} : { field }) });
}

export const capabilitiesContentType = 'application/xcap-caps+xml';
export const capabilitiesNamespace = 'urn:ietf:params:xml:ns:xcap-caps';

/** RFC 4825 12: the one document that is everybody's. */
export function capabilitiesDocument(usages: ReadonlyMap<string, Usage>): string {
  const list = (name: string, values: readonly string[]): string =>
    values.map((value) => xmlElement(name, escapeXml(value))).join('');
  const namespaces = [...usages.values()].flatMap(({ defaultNamespaces }) => defaultNamespaces);
  const content =
    xmlElement('auids', list('auid', [...usages.keys(), 'xcap-caps'])) +
    xmlElement('extensions') +
    xmlElement(
      'namespaces',
      list('namespace', [...namespaces, capabilitiesNamespace, 'urn:ietf:params:xml:ns:xcap-error']),
    );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${xmlElement('xcap-caps', content, { xmlns: capabilitiesNamespace })}\n`;
}
