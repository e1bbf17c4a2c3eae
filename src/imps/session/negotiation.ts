/**
 * What is offered, asked for and agreed: services (which primitives may be used) and capabilities (how the client takes what
 * it is sent). Told truthfully: what was asked for and is not there is named.
 */
import type { CspVersion } from '../csp-version.ts';
import type { PrimitiveName, PrimitiveValue } from '../primitives/primitive.ts';
import { isServiceFunction, serviceFunctionsOf } from '../primitives/service-functions.ts';
import { limitsOf, type SessionLimits } from './session-limits.ts';

export interface ServiceAgreement {
  readonly response: PrimitiveValue<'Service-Response'>;
  readonly agreed: ReadonlySet<string>;
}

/** Without a list of functions everything that is offered is meant. */
export function negotiateServices(
  request: PrimitiveValue<'Service-Request'>,
  offered: readonly string[],
): ServiceAgreement {
  const wanted = request.functions ?? offered;
  const missing = wanted.filter((name) => !offered.includes(name));
  return {
    agreed: new Set(wanted.filter((name) => offered.includes(name))),
    response: {
      ...(request.clientId === undefined ? {} : { clientId: request.clientId }),
      ...(missing.length === 0 ? {} : { functions: missing }),
      ...(request.allFunctionsRequest ? { allFunctions: offered } : {}),
    },
  };
}

/** Requests with which a client says what it is; it is not told anything before it has asked for something else. */
export function isPreparing(name: string): boolean {
  return preparing.has(name);
}

const preparing: ReadonlySet<string> = new Set(['ClientCapability-Request', 'Service-Request', 'KeepAlive-Request']);

/** The function that a request belongs to; what is not named here needs none. */
const functionOf: Partial<Readonly<Record<PrimitiveName, string>>> = {
  'GetSPInfo-Request': 'GETSPI',
  'GetList-Request': 'GCLI',
  'CreateList-Request': 'CCLI',
  'DeleteList-Request': 'DCLI',
  'ListManage-Request': 'MCLS',
  'GetWatcherList-Request': 'GETWL',
  'PresenceAuth-User': 'REACT',
  'CancelAuth-Request': 'CAAUT',
  'GetReactiveAuthStatus-Request': 'GETAUT',
  'GetPresence-Request': 'GETPR',
  'UpdatePresence-Request': 'UPDPR',
  'CreateAttributeList-Request': 'CALI',
  'DeleteAttributeList-Request': 'DALI',
  'GetAttributeList-Request': 'GALS',
  'ForwardMessage-Request': 'FWMSG',
  'SetDeliveryMethod-Request': 'SETD',
  'GetMessageList-Request': 'GETLM',
  'GetMessage-Request': 'GETM',
  'RejectMessage-Request': 'REJCM',
  'GetBlockedList-Request': 'GLBLU',
  'BlockEntity-Request': 'BLENT',
};

/** The functions of which a server answers the requests, as far as a version has a word for them. */
export function functionsOf(answered: (name: PrimitiveName) => boolean, version: CspVersion): readonly string[] {
  const offered = new Set(serversOwn);
  if (answered('GetMessage-Request')) offered.add('NOTIF');
  for (const [name, needed] of Object.entries(functionOf)) if (answered(name as PrimitiveName)) offered.add(needed);
  return serviceFunctionsOf(version).filter((name) => offered.has(name));
}

/** No request of the client belongs to them: reports and pushed messages come by themselves, as notifications do of what can be got. */
const serversOwn: readonly string[] = ['MDELIV', 'NEWM'];

/**
 * False is answered 506. Without an agreement (nothing was negotiated) everything is agreed, and so is what the version has no
 * word for and nobody could agree on.
 */
export function isAgreed(name: PrimitiveName, agreed: ReadonlySet<string> | undefined, version: CspVersion): boolean {
  const needed = functionOf[name];
  return needed === undefined || agreed === undefined || agreed.has(needed) || !isServiceFunction(needed, version);
}

type Capabilities = NonNullable<PrimitiveValue<'ClientCapability-Request'>['capabilityList']>;

/** How the server can call clients, and how often they may ask. */
export interface ServerFacts {
  readonly cirTcp?: { readonly address: string; readonly port: number };
  readonly cirUrl?: string;
  readonly pollMinS: number;
}

/** Bytes of content as it is carried; no limit where one is missing. */
export interface ContentLimits {
  /** Larger content is announced, not pushed. */
  readonly pushBytesMax?: number;
  /** The same of text, and of everything else (1.3). */
  readonly textBytesMax?: number;
  readonly richBytesMax?: number;
  /** Larger content cannot even be fetched (1.3). */
  readonly pullBytesMax?: number;
}

export interface CapabilityAgreement {
  readonly response: PrimitiveValue<'ClientCapability-Response'>;
  readonly limits: SessionLimits;
  readonly method: 'P' | 'N';
  readonly contentLimits: ContentLimits;
  /** Empty: all. */
  readonly acceptedContentTypes: readonly string[];
  /** By which it is called: that which it likes best. */
  readonly cirMethod: string | undefined;
}

export function agreeCapabilities(
  request: PrimitiveValue<'ClientCapability-Request'>,
  server: ServerFacts,
): CapabilityAgreement {
  const claimed = request.capabilityList ?? noCapabilities;
  const methods = agreedCirMethods(claimed, server);
  const cirUrl = methods.includes('SHTTP') && server.cirUrl !== undefined ? { url: server.cirUrl } : undefined;
  const tcp = methods.includes('STCP') && server.cirTcp !== undefined ? server.cirTcp : undefined;
  const agreed = {
    supportedBearers: claimed.supportedBearers.filter((bearer) => /^https?$/i.test(bearer)),
    supportedCirMethods: methods,
    ...(tcp === undefined ? {} : { tcpAddress: tcp.address, tcpPort: tcp.port }),
    serverPollMin: Math.max(server.pollMinS, claimed.serverPollMin ?? 0),
  };
  const { udpPort: _udp, tcpAddress: _address, tcpPort: _port, ...kept } = claimed;
  return {
    response: {
      ...(request.clientId === undefined ? {} : { clientId: request.clientId }),
      capabilityList: { ...kept, ...agreed },
      agreedCapabilityList: { ...agreed, ...(cirUrl === undefined ? {} : { cirUrl, cirHttpAddress: cirUrl }) },
    },
    limits: limitsOf({
      multiTrans: claimed.multiTransPerMessage ?? claimed.multiTrans,
      parserSize: claimed.parserSize,
    }),
    method: claimed.initialDeliveryMethod ?? 'P',
    contentLimits: contentLimitsOf(claimed),
    cirMethod: methods[0],
    acceptedContentTypes: claimed.anyContent === true ? [] : claimed.acceptedContentTypes,
  };
}

/** 1.3 has four words in place of one. */
function contentLimitsOf(claimed: Capabilities): ContentLimits {
  const { acceptedPushLength: push, acceptedPullLength: pull } = claimed;
  const { acceptedTextContentLength: text, acceptedRichContentLength: rich } = claimed;
  const pushBytesMax = push ?? claimed.acceptedContentLength;
  return {
    ...(pushBytesMax === undefined ? {} : { pushBytesMax }),
    ...(text === undefined ? {} : { textBytesMax: text }),
    ...(rich === undefined ? {} : { richBytesMax: rich }),
    ...(pull === undefined ? {} : { pullBytesMax: pull }),
  };
}

/** In the client's order; what this server cannot do is dropped. */
function agreedCirMethods(claimed: Capabilities, server: ServerFacts): readonly string[] {
  const able = new Set([
    ...(server.cirTcp === undefined ? [] : ['STCP']),
    ...(server.cirUrl === undefined ? [] : ['SHTTP']),
  ]);
  return claimed.supportedCirMethods.map((method) => method.toUpperCase()).filter((method) => able.has(method));
}

const noCapabilities: Capabilities = {
  acceptedCharSets: [],
  plainTextCharsets: [],
  acceptedContentTypes: [],
  acceptedTransferEncodings: [],
  supportedBearers: [],
  supportedCirMethods: [],
};
