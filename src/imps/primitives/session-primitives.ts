/** Session, service and capability primitives: contents in the order of the DTD. */
import { type CspElement, leaf } from '../csp-element.ts';
import { type Field, many, one, optional, record, usually, writtenIn } from '../shapes/shape.ts';
import { flag, note, number, text, word } from '../shapes/values.ts';
import { functions } from './service-functions.ts';
import { address, clientId, descriptionCharactersMax, id, result, url } from './shared-shapes.ts';

/** Longer than the 50 of old clients: accounts have passwords of their own length. */
export const passwordCharactersMax = 255;

const digest = text(200);

/** One element with commas in 1.1, an element for each from 1.2 on. */
const digestSchemas: Field<readonly string[]> = {
  read: ({ children }) =>
    children
      .filter(({ name }) => name === 'DigestSchema')
      .flatMap((child) => child.text.split(','))
      .map((schema) => schema.trim())
      .filter((schema) => schema !== ''),
  write(schemas, version) {
    if (schemas.length === 0) return [];
    const texts = version === '1.1' ? [schemas.join(',')] : schemas;
    return texts.map((schema): CspElement => leaf('DigestSchema', schema));
  },
};

export const status = record({ result: one('Result', result), clientId: optional('ClientID', clientId) });

const capabilityList = record({
  clientType: optional('ClientType', id),
  initialDeliveryMethod: optional('InitialDeliveryMethod', word('P', 'N')),
  anyContent: optional('AnyContent', flag),
  acceptedCharSets: writtenIn(['1.1', '1.2'], many('AcceptedCharSet', number)),
  plainTextCharsets: writtenIn(['1.3'], many('PlainTextCharset', number)),
  acceptedContentTypes: many('AcceptedContentType', url),
  acceptedTransferEncodings: many('AcceptedTransferEncoding', id),
  acceptedContentLength: writtenIn(['1.1', '1.2'], optional('AcceptedContentLength', number)),
  acceptedPullLength: writtenIn(['1.3'], optional('AcceptedPullLength', number)),
  acceptedPushLength: writtenIn(['1.3'], optional('AcceptedPushLength', number)),
  acceptedTextContentLength: writtenIn(['1.3'], optional('AcceptedTextContentLength', number)),
  acceptedRichContentLength: writtenIn(['1.3'], optional('AcceptedRichContentLength', number)),
  supportedBearers: many('SupportedBearer', id),
  multiTrans: optional('MultiTrans', number),
  multiTransPerMessage: writtenIn(['1.3'], optional('MultiTransPerMessage', number)),
  parserSize: optional('ParserSize', number),
  supportedCirMethods: many('SupportedCIRMethod', id),
  udpPort: optional('UDPPort', number),
  tcpAddress: optional('TCPAddress', address),
  tcpPort: optional('TCPPort', number),
  serverPollMin: optional('ServerPollMin', number),
  defaultLanguage: optional('DefaultLanguage', id),
  offlineHandling: writtenIn(['1.3'], optional('OfflineETEMHandling', id)),
  onlineHandling: writtenIn(['1.3'], optional('OnlineETEMHandling', id)),
});

const urlHolder = record({ url: one('URL', url) });

const agreedCapabilityList = record({
  supportedBearers: many('SupportedBearer', id),
  supportedCirMethods: many('SupportedCIRMethod', id),
  tcpAddress: optional('TCPAddress', address),
  tcpPort: optional('TCPPort', number),
  serverPollMin: optional('ServerPollMin', number),
  cirUrl: writtenIn(['1.2'], optional('CIRURL', urlHolder)),
  cirHttpAddress: writtenIn(['1.3'], optional('CIRHTTPAddress', urlHolder)),
});

const optionalClientId = optional('ClientID', clientId);
const logo = record({
  contentType: optional('ContentType', url),
  contentSize: optional('ContentSize', number),
  contentEncoding: optional('ContentEncoding', id),
  contentData: optional('ContentData', text(32_768)),
});

export const sessionPrimitives = {
  Status: status,
  'Polling-Request': record({}),
  'Login-Request': record({
    userId: one('UserID', address),
    clientId: optionalClientId,
    password: optional('Password', text(passwordCharactersMax)),
    digestBytes: optional('DigestBytes', digest),
    digestSchemas,
    timeToLive: optional('TimeToLive', number),
    sessionCookie: usually('SessionCookie', id, ''),
  }),
  'Login-Response': record({
    clientId: optionalClientId,
    result: one('Result', result),
    nonce: optional('Nonce', digest),
    digestSchema: optional('DigestSchema', id),
    sessionId: optional('SessionID', id),
    keepAliveTime: optional('KeepAliveTime', number),
    capabilityRequest: optional('CapabilityRequest', flag),
  }),
  'KeepAlive-Request': record({ timeToLive: optional('TimeToLive', number) }),
  'KeepAlive-Response': record({ result: one('Result', result), keepAliveTime: optional('KeepAliveTime', number) }),
  'Logout-Request': record({}),
  Disconnect: record({ result: one('Result', result) }),
  'GetSPInfo-Request': record({ clientId: optionalClientId }),
  'GetSPInfo-Response': record({
    clientId: optionalClientId,
    name: one('Name', id),
    logo: optional('Logo', logo),
    description: optional('Description', note(descriptionCharactersMax)),
    url: optional('URL', url),
  }),
  'Service-Request': record({
    clientId: writtenIn(['1.1'], optionalClientId),
    functions: optional('Functions', functions),
    allFunctionsRequest: usually('AllFunctionsRequest', flag, false),
  }),
  'Service-Response': record({
    clientId: writtenIn(['1.1'], optionalClientId),
    functions: optional('Functions', functions),
    allFunctions: optional('AllFunctions', functions),
  }),
  'ClientCapability-Request': record({
    clientId: writtenIn(['1.1'], optionalClientId),
    capabilityList: optional('CapabilityList', capabilityList),
  }),
  'ClientCapability-Response': record({
    clientId: writtenIn(['1.1'], optionalClientId),
    capabilityList: writtenIn(['1.1'], optional('CapabilityList', capabilityList)),
    agreedCapabilityList: writtenIn(['1.2', '1.3'], optional('AgreedCapabilityList', agreedCapabilityList)),
  }),
} as const;
