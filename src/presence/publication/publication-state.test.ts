import { describe, expect, it } from 'vitest';
import {
  decidePublication,
  publicationExpiresMax,
  publicationsMax,
  type PublicationRequest,
} from './publication-state.ts';

const content = { state: new Map([['mood', ['sad']]]), document: new Uint8Array() };
const decide = (request: PublicationRequest, tags = ['t']): unknown => decidePublication(request, new Set(tags));

describe('decidePublication', () => {
  it.each([
    ['initial', { content, expires: 600 }, { kind: 'create', content, expires: 600 }],
    ['initial without a time', { content }, { kind: 'create', content, expires: 3_600 }],
    ['initial that ends at once', { content, expires: 0 }, { kind: 'nothing' }],
    ['initial without a document', { expires: 600 }, { kind: 'no-content' }],
    ['initial, too brief', { content, expires: 59 }, { kind: 'too-brief', minExpires: 60 }],
    ['initial, just long enough', { content, expires: 60 }, { kind: 'create', content, expires: 60 }],
    ['initial, the longest', { content, expires: 86_400 }, { kind: 'create', content, expires: 86_400 }],
    ['initial, longer', { content, expires: 86_401 }, { kind: 'create', content, expires: publicationExpiresMax }],
    ['refresh', { entityTag: 't', expires: 600 }, { kind: 'refresh', entityTag: 't', expires: 600 }],
    ['refresh without a time', { entityTag: 't' }, { kind: 'refresh', entityTag: 't', expires: 3_600 }],
    ['refresh, too brief', { entityTag: 't', expires: 1 }, { kind: 'too-brief', minExpires: 60 }],
    ['modify', { entityTag: 't', content, expires: 60 }, { kind: 'modify', entityTag: 't', content, expires: 60 }],
    ['remove', { entityTag: 't', expires: 0 }, { kind: 'remove', entityTag: 't' }],
    ['remove with a document', { entityTag: 't', content, expires: 0 }, { kind: 'remove', entityTag: 't' }],
    ['another tag', { entityTag: 'u', content, expires: 600 }, { kind: 'unknown-tag' }],
    ['another tag, too brief', { entityTag: 'u', expires: 1 }, { kind: 'unknown-tag' }],
    ['remove of another tag', { entityTag: 'u', expires: 0 }, { kind: 'unknown-tag' }],
  ] as const)('%s', (_what, request, expected) => {
    expect(decide(request)).toEqual(expected);
  });

  it('keeps the limit of live publications, at it and one past it', () => {
    const tags = Array.from({ length: publicationsMax }, (_, index) => `t${index}`);
    expect(decide({ content }, tags.slice(1))).toMatchObject({ kind: 'create' });
    expect(decide({ content }, tags)).toEqual({ kind: 'too-many' });
    expect(decide({ content, entityTag: 't0' }, tags)).toMatchObject({ kind: 'modify' });
  });
});
