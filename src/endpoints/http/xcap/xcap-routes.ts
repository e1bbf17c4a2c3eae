/**
 * XCAP (RFC 4825) under `/xcap`: GET, PUT and DELETE of documents, elements and attributes. A document is its owner's alone.
 * Behind the sign-in and the count of calls of the API; knows no application usage.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parseXmlText, parseXmlSource, type XmlSource } from '../../../formats/xml-reader.ts';
import { escapeXml } from '../../../formats/xml-writer.ts';
import { parseAddress, type Address } from '../../../model/address.ts';
import type { ApiSurroundings } from '../api/api-surroundings.ts';
import { callerOf } from '../api/sign-in.ts';
import { ProblemFault } from '../problem.ts';
import {
  deleteAttribute,
  deleteElement,
  type EditPlan,
  putAttribute,
  putElement,
  type Edited,
} from './edit-document.ts';
import { entityTagOf, holds, type Precondition } from './preconditions.ts';
import { attributeKey, namespacesWithin, placeOfAttribute, selectElements, spanOf } from './select-nodes.ts';
import {
  capabilitiesContentType,
  capabilitiesDocument,
  capabilitiesNamespace,
  type LoadedDocument,
  type Usage,
  usagesOf,
  xcapLimits,
} from './usages.ts';
import { formatConflict, XcapFault, xcapErrorContentType } from './xcap-fault.ts';
import { parseXcapUri, type NodeSelector, type XcapUri } from './xcap-uri.ts';

const elementType = 'application/xcap-el+xml';
const attributeType = 'application/xcap-att+xml';
const namespacesType = 'application/xcap-ns+xml';

/** How often a change is made anew because the document is another by then. */
const changeTriesMax = 100;

export async function addXcapRoutes(app: FastifyInstance, surroundings: ApiSurroundings): Promise<void> {
  const usages = usagesOf(surroundings.presence, surroundings.documents);
  await app.register(async (xcap: FastifyInstance) => {
    xcap.removeAllContentTypeParsers();
    const options = { parseAs: 'buffer' as const, bodyLimit: xcapLimits.bytesMax };
    xcap.addContentTypeParser('*', options, (_request, body, done) => done(null, body));
    xcap.route({
      method: ['GET', 'HEAD', 'PUT', 'DELETE', 'POST', 'PATCH', 'OPTIONS'],
      url: '/xcap/*',
      schema: { hide: true },
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        try {
          return await answer(usages, request, reply);
        } catch (fault) {
          if (!(fault instanceof XcapFault)) throw fault;
          return reply.code(409).type(xcapErrorContentType).send(formatConflict(fault.conflict));
        }
      },
    });
  });
}

async function answer(usages: ReadonlyMap<string, Usage>, request: FastifyRequest, reply: FastifyReply) {
  const caller = callerOf(request).address;
  const uri = parseXcapUri((request.raw.url ?? '').replace(/^\/+xcap\//, ''));
  if (uri === undefined) throw notFound();
  if (!uri.ok) throw problem(400, 'malformed-request', uri.error);
  const { auid, user, document } = uri.value;
  const isGlobal = user === undefined;
  if (auid === 'xcap-caps' && isGlobal && document === 'index') {
    if (request.method !== 'GET' && request.method !== 'HEAD') throw notAllowed(reply, 'GET, HEAD');
    return show(uri.value, reply, {
      text: capabilitiesDocument(usages),
      contentType: capabilitiesContentType,
      defaults: [capabilitiesNamespace],
    });
  }
  const usage = usages.get(auid);
  if (usage === undefined) throw notFound();
  if (isGlobal) throw request.method === 'GET' ? notFound() : problem(403, 'forbidden', 'nobody writes there');
  const owner = parseAddress(user);
  if (!owner.ok || owner.value !== caller) throw problem(403, 'forbidden', 'these are documents of somebody else');
  const call = { usage, owner: owner.value, uri: uri.value, precondition: preconditionOf(request) };
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return read(call, reply);
    case 'PUT':
      return put(call, request, reply);
    case 'DELETE':
      return remove(call, reply);
    default:
      throw notAllowed(reply, 'GET, HEAD, PUT, DELETE');
  }
}

interface Call {
  readonly usage: Usage;
  readonly owner: Address;
  readonly uri: XcapUri;
  readonly precondition: Precondition;
}

async function read({ usage, owner, uri, precondition }: Call, reply: FastifyReply) {
  const { text } = await usage.load(owner, uri.document);
  const { contentType, defaultNamespaces: defaults } = usage;
  if (
    precondition.ifMatch !== undefined &&
    !holds({ ...precondition, ifNoneMatch: undefined }, entityTagOf(text), text !== undefined)
  ) {
    throw preconditionFailed();
  }
  if (text === undefined) throw notFound();
  if (!holds(precondition, entityTagOf(text), true)) return reply.code(304).header('etag', entityTagOf(text)).send();
  return show(uri, reply, { text, contentType, defaults });
}

interface Shown {
  readonly text: string;
  readonly contentType: string;
  readonly defaults: readonly string[];
}

function show({ node }: XcapUri, reply: FastifyReply, { text, contentType, defaults }: Shown) {
  void reply.header('etag', entityTagOf(text));
  if (node === undefined) return reply.type(contentType).send(text);
  const source = sourceOf(text);
  const [element, ...more] = selectElements(source.root, node.steps, defaults);
  if (element === undefined || more.length > 0) throw notFound();
  const { start, end } = spanOf(source, element);
  if (node.part === undefined) return reply.type(elementType).send(text.slice(start, end));
  if (node.part.kind === 'attribute') {
    const place = placeOfAttribute(source, element, node.part.name);
    if (place === undefined) throw notFound();
    return reply.type(attributeType).send(text.slice(place.valueStart, place.valueEnd));
  }
  let tag = /^<[^\s/>]+/.exec(text.slice(start))?.[0] ?? '';
  for (const [prefix, namespace] of namespacesWithin(source, element)) {
    tag += ` ${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}="${escapeXml(namespace)}"`;
  }
  return reply.type(namespacesType).send(`${tag}/>`);
}

async function put(call: Call, request: FastifyRequest, reply: FastifyReply) {
  const { usage, uri } = call;
  const wanted = uri.node === undefined ? usage.contentType : uri.node.part === undefined ? elementType : attributeType;
  if (uri.node?.part?.kind === 'namespaces') throw notAllowed(reply, 'GET, HEAD');
  const given = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (given !== wanted) throw problem(415, 'unsupported-media-type', `what is put here is ${wanted}`);
  const body = request.body instanceof Uint8Array ? request.body : new Uint8Array();
  const { node } = uri;
  const edited = await change(call, (loaded) =>
    node === undefined ? whole(body, loaded) : part(call, { node, body, loaded }),
  );
  return reply
    .code(edited.isNew ? 201 : 200)
    .header('etag', entityTagOf(edited.source.text))
    .send();
}

async function remove(call: Call, reply: FastifyReply) {
  const { node } = call.uri;
  if (node?.part?.kind === 'namespaces') throw notAllowed(reply, 'GET, HEAD');
  const left = await change(call, (loaded) => {
    if (loaded.text === undefined || !exists(call, loaded.text)) throw notFound();
    if (node === undefined) return { source: undefined, isNew: false };
    const plan = planOf(call, node, loaded);
    const source = node.part?.kind === 'attribute' ? deleteAttribute(plan, node.part.name) : deleteElement(plan);
    return { source, isNew: false };
  });
  if (left.source !== undefined) void reply.header('etag', entityTagOf(left.source.text));
  return reply.code(200).send();
}

/** Nothing is stored before all of it is right; where somebody else was faster it is done anew with what is there then. */
async function change<T extends { readonly source: XmlSource | undefined }>(
  call: Call,
  edit: (loaded: LoadedDocument) => T,
): Promise<T> {
  const { usage, owner, uri, precondition } = call;
  for (let tries = 0; tries < changeTriesMax; tries += 1) {
    const loaded = await usage.load(owner, uri.document);
    const { text } = loaded;
    const isThere = text !== undefined && exists(call, text);
    if (!holds(precondition, entityTagOf(text), isThere)) throw preconditionFailed();
    const edited = edit(loaded);
    if (edited.source?.text === text || (await loaded.save(edited.source))) return edited;
  }
  throw preconditionFailed();
}

function whole(body: Uint8Array, { text, check }: LoadedDocument): Edited {
  const source = parseXmlSource(body, xcapLimits);
  if (source.ok) {
    check(source.value);
    return { source: source.value, isNew: text === undefined };
  }
  const { kind, words } = source.error;
  throw new XcapFault({ kind: kind === 'too-much' ? 'constraint-failure' : kind, words });
}

interface PartPut {
  readonly node: NodeSelector;
  readonly body: Uint8Array;
  readonly loaded: LoadedDocument;
}

function part(call: Call, { node, body, loaded }: PartPut): Edited {
  if (loaded.text === undefined) throw new XcapFault({ kind: 'no-parent', words: 'there is no such document' });
  const plan = planOf(call, node, loaded);
  const text = textOf(body);
  return node.part?.kind === 'attribute' ? putAttribute(plan, node.part.name, text) : putElement(plan, text.trim());
}

function planOf({ usage, uri }: Call, { steps }: NodeSelector, { text = '', check }: LoadedDocument): EditPlan {
  const { defaultNamespaces } = usage;
  return {
    source: sourceOf(text),
    steps,
    defaultNamespaces,
    limits: xcapLimits,
    documentPath: uri.documentPath,
    check,
  };
}

/** Whether what the URI names is there, once. */
function exists({ usage, uri }: Call, text: string): boolean {
  const { node } = uri;
  if (node === undefined) return true;
  const [element, ...more] = selectElements(sourceOf(text).root, node.steps, usage.defaultNamespaces);
  if (element === undefined || more.length > 0) return false;
  return node.part?.kind !== 'attribute' || element.attributes.has(attributeKey(node.part.name));
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function textOf(body: Uint8Array): string {
  try {
    return utf8.decode(body);
  } catch {
    throw new XcapFault({ kind: 'not-utf-8', words: 'what was put is not UTF-8' });
  }
}

/** Of a document that is kept; rules of the other form may make one that is beyond what may be put. */
function sourceOf(text: string): XmlSource {
  const source = parseXmlText(text, { ...xcapLimits, elementsMax: Infinity });
  if (source.ok) return source.value;
  throw new Error(`a document that is kept cannot be read: ${source.error.words}`);
}

function preconditionOf({ headers }: FastifyRequest): Precondition {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers;
  return { ifMatch, ifNoneMatch };
}

function notFound(): ProblemFault {
  return problem(404, 'not-found', 'there is no such document, or nothing like that in it');
}

function preconditionFailed(): ProblemFault {
  return problem(412, 'document-changed', 'the document is not what If-Match or If-None-Match want');
}

function notAllowed(reply: FastifyReply, methods: string): ProblemFault {
  void reply.header('allow', methods);
  return problem(405, 'method-not-allowed', `here there is ${methods}`);
}

const titles: Readonly<Record<number, string>> = {
  400: 'Malformed request',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  412: 'Precondition failed',
  415: 'Unsupported media type',
};

function problem(status: number, name: string, detail: string): ProblemFault {
  return new ProblemFault({ status, name, title: titles[status] ?? '', detail });
}
