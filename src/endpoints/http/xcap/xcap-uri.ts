/**
 * XCAP URIs (RFC 4825 6): which document of whom, and which node of it. Namespace bindings come in the query (RFC 4825 6.4).
 * Knows no application usage.
 */
import { err, ok, type Result } from '../../../base/result.ts';

export interface XcapUri {
  /** The application usage. */
  readonly auid: string;
  /** The user's identifier as it stands there; undefined in the global tree. */
  readonly user: string | undefined;
  readonly document: string;
  /** The path to the document, as it came. */
  readonly documentPath: string;
  readonly node: NodeSelector | undefined;
}

export interface NodeSelector {
  /** From the root element on; at least one. */
  readonly steps: readonly NodeStep[];
  /** Of the element that the steps lead to; undefined for the element itself. */
  readonly part: { readonly kind: 'attribute'; readonly name: NodeName } | { readonly kind: 'namespaces' } | undefined;
}

export interface NodeStep {
  /** Undefined is `*`. */
  readonly name: NodeName | undefined;
  /** From 1, among the siblings that the name fits. */
  readonly position: number | undefined;
  readonly attribute: { readonly name: NodeName; readonly value: string } | undefined;
  /** As it stands in the URI, decoded. */
  readonly text: string;
}

export interface NodeName {
  /** Undefined without a prefix: the default of the document for elements, none for attributes. */
  readonly namespace: string | undefined;
  readonly local: string;
}

/** Steps of one selector. */
export const nodeStepsMax = 32;

/** What is behind the root of XCAP, undecoded, with its query; undefined where it names no document. */
export function parseXcapUri(rest: string): Result<XcapUri, string> | undefined {
  const mark = rest.indexOf('?');
  const path = mark < 0 ? rest : rest.slice(0, mark);
  const raw = path.split('/');
  const parts = raw.map(decode);
  if (parts.includes(undefined)) return err('the path is not percent-encoded UTF-8');
  const separator = parts.indexOf('~~');
  const place = (separator < 0 ? parts : parts.slice(0, separator)) as string[];
  const [auid = '', tree, ...names] = place;
  if (auid === '' || (tree !== 'users' && tree !== 'global')) return undefined;
  const [user, document] = tree === 'users' ? names : [undefined, names[0]];
  if (document === undefined || document === '' || place.length !== (tree === 'users' ? 4 : 3)) return undefined;
  const documentPath = raw.slice(0, place.length).join('/');
  if (separator < 0) return ok({ auid, user, document, documentPath, node: undefined });
  const bindings = parseBindings(mark < 0 ? '' : (decode(rest.slice(mark + 1)) ?? '('));
  if (!bindings.ok) return bindings;
  const node = parseNodeSelector(parts.slice(separator + 1).join('/'), bindings.value);
  return node.ok ? ok({ auid, user, document, documentPath, node: node.value }) : node;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

type Bindings = ReadonlyMap<string, string>;

/** `xmlns(prefix=URI)`, one after the other (XPointer xmlns(), 3). */
function parseBindings(query: string): Result<Bindings, string> {
  const bindings = new Map<string, string>();
  const rest = query.replaceAll(
    /xmlns\(\s*([^\s=()]+)\s*=\s*((?:\^.|[^()^])*)\)/g,
    (_all, prefix: string, uri: string) => {
      bindings.set(prefix, uri.trim().replaceAll(/\^(.)/g, '$1'));
      return '';
    },
  );
  return rest.trim() === '' ? ok(bindings) : err('the query holds something other than xmlns(prefix=URI)');
}

const namePattern = String.raw`[\p{L}_][\p{L}\p{N}\p{M}._-]*`;
const qualified = String.raw`(?:(${namePattern}):)?(${namePattern})`;
const stepForm = new RegExp(
  String.raw`^(?:\*|${qualified})(?:\[(\d{1,6})\])?(?:\[@${qualified}=(?:"([^"]*)"|'([^']*)')\])?(?=/|$)`,
  'u',
);
const attributeForm = new RegExp(`^@${qualified}$`, 'u');

function parseNodeSelector(text: string, bindings: Bindings): Result<NodeSelector, string> {
  const steps: NodeStep[] = [];
  let rest = text;
  while (rest !== '') {
    if (steps.length > 0 && rest === 'namespace::*') return ok({ steps, part: { kind: 'namespaces' } });
    const attribute = steps.length > 0 ? attributeForm.exec(rest) : null;
    if (attribute !== null) {
      const name = nameOf(attribute[1], attribute[2], bindings);
      return name.ok ? ok({ steps, part: { kind: 'attribute', name: name.value } }) : name;
    }
    const match = stepForm.exec(rest);
    if (match === null) return err(`"${rest.slice(0, 80)}" is no step of a node selector`);
    if (steps.length === nodeStepsMax) return err(`a node selector has at most ${nodeStepsMax} steps`);
    const step = stepOf(match, bindings);
    if (!step.ok) return step;
    steps.push(step.value);
    rest = rest.slice(match[0].length + 1);
  }
  return steps.length > 0 && !text.endsWith('/') ? ok({ steps, part: undefined }) : err('the node selector is empty');
}

function stepOf(match: RegExpExecArray, bindings: Bindings): Result<NodeStep, string> {
  const [text, prefix, local, position, attributePrefix, attributeLocal, quoted, single] = match;
  const name = local === undefined ? ok(undefined) : nameOf(prefix, local, bindings);
  if (!name.ok) return name;
  const attributeName =
    attributeLocal === undefined ? ok(undefined) : nameOf(attributePrefix, attributeLocal, bindings);
  if (!attributeName.ok) return attributeName;
  const attribute =
    attributeName.value === undefined ? undefined : { name: attributeName.value, value: quoted ?? single ?? '' };
  if (position !== undefined && Number(position) === 0) return err('positions count from 1');
  return ok({ name: name.value, position: position === undefined ? undefined : Number(position), attribute, text });
}

function nameOf(prefix: string | undefined, local: string | undefined, bindings: Bindings): Result<NodeName, string> {
  const namespace = prefix === undefined ? undefined : bindings.get(prefix);
  if (prefix !== undefined && namespace === undefined) return err(`the query binds no namespace to "${prefix}"`);
  return ok({ namespace, local: local ?? '' });
}
