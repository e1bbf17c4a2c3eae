import { describe, expect, it } from 'vitest';
import type { CspVersion } from '../csp-version.ts';
import { formatPrimitive, parsePrimitive, type PrimitiveValue } from '../primitives/primitive.ts';
import { type CspElement, leaf, node } from '../csp-element.ts';
import { agreeCapabilities, functionsOf, isAgreed, negotiateServices } from './negotiation.ts';
import {
  grantKeepAlive,
  keepAliveDefaultS,
  keepAliveMaxS,
  keepAliveMinS,
  limitsOf,
  multiTransMax,
  parserSizeMax,
  parserSizeMin,
} from './session-limits.ts';

describe('services', () => {
  it('that are asked for and not there are named', () => {
    const request = { functions: ['SRCH', 'GETLM', 'CREAG'], allFunctionsRequest: false };
    const { response, agreed } = negotiateServices(request, ['GETLM', 'GETM']);
    expect(response).toEqual({ functions: ['SRCH', 'CREAG'] });
    expect([...agreed]).toEqual(['GETLM']);
  });

  it('are all told to who asks, and all meant by who asks for none', () => {
    const offered = ['GETLM', 'GETM'];
    const { response, agreed } = negotiateServices({ clientId: { text: 'x' }, allFunctionsRequest: true }, offered);
    expect(response).toEqual({ clientId: { text: 'x' }, allFunctions: offered });
    expect([...agreed]).toEqual(offered);
  });

  it('are those whose requests are answered, in the words of the version', () => {
    expect(functionsOf((name) => name === 'GetMessage-Request', '1.2')).toEqual(['MDELIV', 'GETM', 'NOTIF', 'NEWM']);
    expect(functionsOf(() => false, '1.2')).toEqual(['MDELIV', 'NEWM']);
    expect(functionsOf(() => true, '1.1')).not.toContain('GETAUT');
    expect(functionsOf(() => true, '1.2')).toContain('GETAUT');
    expect(functionsOf(() => true, '1.3')).not.toContain('REACT');
    expect(functionsOf(() => true, '1.2')).not.toContain('SRCH');
  });

  it('that were not agreed may not be used', () => {
    const agreed = new Set(['GETLM']);
    expect(isAgreed('GetMessageList-Request', agreed, '1.2')).toBe(true);
    expect(isAgreed('GetMessage-Request', agreed, '1.2')).toBe(false);
    expect(isAgreed('GetMessage-Request', undefined, '1.2')).toBe(true);
    expect(isAgreed('SendMessage-Request', new Set(), '1.2')).toBe(true);
  });

  it('that the version has no word for need no agreement', () => {
    expect(isAgreed('CreateAttributeList-Request', new Set(), '1.2')).toBe(false);
    expect(isAgreed('CreateAttributeList-Request', new Set(), '1.3')).toBe(true);
    expect(isAgreed('GetMessage-Request', new Set(), '1.3')).toBe(false);
  });
});

function claimed(
  ...children: readonly (readonly [name: string, text: string])[]
): PrimitiveValue<'ClientCapability-Request'> {
  const list = node(
    'CapabilityList',
    children.map(([name, text]) => leaf(name, text)),
  );
  const parsed = parsePrimitive(node('ClientCapability-Request', [list]), '1.2');
  if (!parsed.ok || parsed.value.name !== 'ClientCapability-Request') throw new Error('it is refused');
  return parsed.value.value;
}

describe('capabilities', () => {
  const server = { cirTcp: { address: 'imps.example.com', port: 3171 }, cirUrl: 'http://x/cir', pollMinS: 5 };

  it('are agreed as far as both can', () => {
    const request = claimed(
      ['SupportedBearer', 'SMS'],
      ['SupportedBearer', 'HTTP'],
      ['SupportedCIRMethod', 'WAPUDP'],
      ['SupportedCIRMethod', 'STCP'],
      ['SupportedCIRMethod', 'SHTTP'],
      ['UDPPort', '3717'],
      ['ServerPollMin', '2'],
    );
    const { response } = agreeCapabilities(request, server);
    expect(response.agreedCapabilityList).toEqual({
      supportedBearers: ['HTTP'],
      supportedCirMethods: ['STCP', 'SHTTP'],
      tcpAddress: 'imps.example.com',
      tcpPort: 3171,
      serverPollMin: 5,
      cirUrl: { url: 'http://x/cir' },
      cirHttpAddress: { url: 'http://x/cir' },
    });
    expect(response.capabilityList).toMatchObject({ tcpPort: 3171, serverPollMin: 5, supportedBearers: ['HTTP'] });
    expect(response.capabilityList).not.toHaveProperty('udpPort');
    expect(agreeCapabilities(request, { pollMinS: 1 }).response.agreedCapabilityList).toEqual({
      supportedBearers: ['HTTP'],
      supportedCirMethods: [],
      serverPollMin: 2,
    });
  });

  it('say how the client takes messages', () => {
    const request = claimed(
      ['InitialDeliveryMethod', 'N'],
      ['AcceptedContentLength', '1000'],
      ['AcceptedContentType', 'text/plain'],
      ['MultiTrans', '3'],
      ['ParserSize', '2000'],
    );
    expect(agreeCapabilities(request, server)).toMatchObject({
      method: 'N',
      contentLimits: { pushBytesMax: 1000 },
      acceptedContentTypes: ['text/plain'],
      limits: { multiTrans: 3, parserSize: 2000 },
    });
    expect(agreeCapabilities(claimed(['AnyContent', 'T'], ['AcceptedContentType', 'x/y']), server)).toMatchObject({
      method: 'P',
      contentLimits: {},
      acceptedContentTypes: [],
    });
    expect(agreeCapabilities({}, server).limits).toEqual({ multiTrans: 1, parserSize: 32_767 });
  });

  it('are believed within limits', () => {
    expect(limitsOf({ multiTrans: multiTransMax, parserSize: parserSizeMax })).toEqual({
      multiTrans: multiTransMax,
      parserSize: parserSizeMax,
    });
    expect(limitsOf({ multiTrans: multiTransMax + 1, parserSize: parserSizeMax + 1 })).toEqual({
      multiTrans: multiTransMax,
      parserSize: parserSizeMax,
    });
    expect(limitsOf({ multiTrans: 0, parserSize: parserSizeMin - 1 })).toEqual({
      multiTrans: 1,
      parserSize: parserSizeMin,
    });
  });

  it('of staying are granted within limits', () => {
    expect([undefined, 0, keepAliveMinS, keepAliveMaxS, keepAliveMaxS + 1].map(grantKeepAlive)).toEqual([
      keepAliveDefaultS,
      keepAliveMinS,
      keepAliveMinS,
      keepAliveMaxS,
      keepAliveMaxS,
    ]);
  });
});

describe('what is asked of services and what is missing', () => {
  const offered = ['GCLI', 'CCLI', 'DCLI', 'MCLS', 'GETPR', 'MDELIV', 'FWMSG', 'GETLM', 'GETM', 'NEWM'];

  function answerTo(features: readonly CspElement[] | undefined, version: CspVersion = '1.2'): [string, string[]] {
    const named = features === undefined ? [] : [node('Functions', [node('WVCSPFeat', features)])];
    const request = parsePrimitive(node('Service-Request', named), version);
    if (!request.ok || request.value.name !== 'Service-Request') throw new Error('it is refused');
    const { response, agreed } = negotiateServices(request.value.value, offered);
    const [missing] = formatPrimitive({ name: 'Service-Response', value: response }, version).children;
    return [missing === undefined ? '' : shape(missing.children[0]), [...agreed]];
  }

  function shape(element: CspElement | undefined): string {
    if (element === undefined) return '';
    const inside = element.children.map(shape).join(' ');
    return inside === '' ? element.name : `${element.name}(${inside})`;
  }

  it.each([
    ['one leaf', [node('IMFeat', [node('IMReceiveFunc', [leaf('GETM')])])], '', ['GETM']],
    [
      'leaves of which one is not there',
      [node('IMFeat', [node('IMReceiveFunc', [leaf('GETM'), leaf('SETD')])])],
      'WVCSPFeat(IMFeat(IMReceiveFunc(SETD)))',
      ['GETM'],
    ],
    ['a branch', [node('PresenceFeat', [leaf('ContListFunc')])], '', ['GCLI', 'CCLI', 'DCLI', 'MCLS']],
    [
      'a branch of which nothing is there',
      [node('GroupFeat', [leaf('GroupUseFunc')])],
      'WVCSPFeat(GroupFeat(GroupUseFunc(SUBGCN GRCHN GETJU)))',
      [],
    ],
    [
      'a feature',
      [node('PresenceFeat', [leaf('MP')])],
      'WVCSPFeat(PresenceFeat(PresenceAuthFunc(GETWL REACT CAAUT GETAUT) PresenceDeliverFunc(UPDPR) AttListFunc(CALI DALI GALS)))',
      ['GCLI', 'CCLI', 'DCLI', 'MCLS', 'GETPR'],
    ],
    [
      'what nobody knows',
      [node('IMFeat', [node('IMSendFunc', [leaf('MDELIV'), leaf('OFFNOTIF')]), leaf('OddFunc')]), leaf('OddFeat')],
      'WVCSPFeat(IMFeat(IMSendFunc(OFFNOTIF) OddFunc) OddFeat)',
      ['MDELIV'],
    ],
    [
      'names that objects have',
      [node('PresenceFeat', [leaf('constructor')]), node('constructor', [leaf('keys')]), leaf('__proto__')],
      'WVCSPFeat(PresenceFeat(constructor) constructor(keys) __proto__)',
      [],
    ],
  ] as const)('%s', (_what, features, missing, agreed) => {
    expect(answerTo(features)).toEqual([missing, agreed]);
  });

  it('nothing in particular', () => {
    expect(answerTo(undefined)).toEqual(['', offered]);
  });

  it('everything', () => {
    const [missing, agreed] = answerTo([]);
    expect(missing).toContain('SearchFunc(SRCH STSRC)');
    expect(missing).not.toContain('GCLI');
    expect(agreed).toEqual(offered);
  });

  it.each([
    [
      '1.1',
      node('PresenceFeat', [node('PresenceAuthFunc', [leaf('GETAUT')])]),
      'PresenceFeat(PresenceAuthFunc(GETAUT))',
    ],
    ['1.3', node('PresenceFeat', [leaf('AttListFunc')]), 'PresenceFeat(AttListFunc)'],
    ['1.3', node('PresenceFeat', [node('PresenceAuthFunc', [leaf('REACT')])]), 'PresenceFeat(PresenceAuthFunc(REACT))'],
  ] as const)('what %s has no word for', (version, feature, missing) => {
    expect(answerTo([feature], version)).toEqual([`WVCSPFeat(${missing})`, []]);
  });
});
