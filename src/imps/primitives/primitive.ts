/**
 * The primitives that this server speaks, as typed values, and those that it knows and does not offer. Which of them a client
 * may send, and when, is not said here.
 */
import { err, ok, type Result } from '../../base/result.ts';
import type { CspElement } from '../csp-element.ts';
import type { CspVersion } from '../csp-version.ts';
import type { Shape, ValueOf } from '../shapes/shape.ts';
import { PrimitiveFault, type StatusCode } from '../status-codes.ts';
import { messagingPrimitives } from './messaging-primitives.ts';
import { listPrimitives, presencePrimitives } from './presence-primitives.ts';
import { sessionPrimitives } from './session-primitives.ts';

const shapes = { ...sessionPrimitives, ...presencePrimitives, ...listPrimitives, ...messagingPrimitives };

export type PrimitiveName = keyof typeof shapes;

/** What stands in a primitive of this name. */
export type PrimitiveValue<N extends PrimitiveName> = ValueOf<(typeof shapes)[N]>;

export type Primitive = {
  readonly [N in PrimitiveName]: { readonly name: N; readonly value: PrimitiveValue<N> };
}[PrimitiveName];

/** What to answer in place of what was asked for. */
export interface PrimitiveRefusal {
  readonly code: StatusCode;
  readonly words: string;
}

export const primitiveNames: readonly string[] = Object.keys(shapes);

export function parsePrimitive(element: CspElement, version: CspVersion): Result<Primitive, PrimitiveRefusal> {
  const { name } = element;
  if (notOffered.has(name)) return err({ code: 405, words: `${name} is not offered` });
  if (!isSpoken(name)) return err({ code: 501, words: `${name.slice(0, shownCharactersMax)} is not known` });
  try {
    const shape: Shape<unknown> = shapes[name];
    return ok({ name, value: shape.read(element, version) } as Primitive);
  } catch (error) {
    if (error instanceof PrimitiveFault) return err({ code: error.code, words: error.message });
    throw error;
  }
}

export function formatPrimitive({ name, value }: Primitive, version: CspVersion): CspElement {
  return (shapes[name] as unknown as Shape<unknown>).write(name, value, version);
}

function isSpoken(name: string): name is PrimitiveName {
  return Object.hasOwn(shapes, name);
}

const shownCharactersMax = 40;

/** Search, invitation, groups, ids and extensions of 1.1 and 1.2. What only 1.3 has is not known here. */
const notOffered: ReadonlySet<string> = new Set(
  [
    'Search-Request StopSearch-Request Invite-Request Invite-Response InviteUser-Response CancelInvite-Request',
    'CreateGroup-Request DeleteGroup-Request JoinGroup-Request LeaveGroup-Request GetGroupMembers-Request',
    'GetJoinedUsers-Request AddGroupMembers-Request RemoveGroupMembers-Request MemberAccess-Request GetGroupProps-Request',
    'SetGroupProps-Request RejectList-Request SubscribeGroupNotice-Request VerifyID-Request Extended-Request',
    'WV-CSP-VersionDiscovery-Request',
  ].flatMap((row) => row.split(' ')),
);
