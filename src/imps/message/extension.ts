/**
 * What Restante adds to the CSP, in the place that other parsers skip: an ExtBlock beside the content of a transaction from
 * 1.2 on, further children of the primitive in 1.1. Known by local names.
 */
import { type CspElement, leaf } from '../csp-element.ts';
import type { CspVersion } from '../csp-version.ts';
import { type PresenceAttribute, presenceSubList } from '../primitives/presence-attributes.ts';
import { address } from '../primitives/shared-shapes.ts';
import { many, one, optional, record, type Shape, type ValueOf } from '../shapes/shape.ts';
import { flag, text } from '../shapes/values.ts';

/** The text of a condition, or attributes with the values that are wanted. Not whether either makes sense. */
export type DeliveryCondition = string | readonly PresenceAttribute[];

/** More than any condition may have, so that one that is too long is refused with its own words. */
export const conditionCharactersMax = 4_096;

const conditionText = text(conditionCharactersMax);

const deliveryCondition: Shape<DeliveryCondition> = {
  read(element, version) {
    const list = element.children.find(({ name }) => name === 'PresenceSubList');
    return list === undefined ? conditionText.read(element, version) : presenceSubList.read(list, version);
  },
  write: (name, value, version) =>
    typeof value === 'string'
      ? leaf(name, value)
      : { ...leaf(name), children: [presenceSubList.write('PresenceSubList', value, version)] },
};

export const extension = record({
  /** All of them must hold. */
  deliveryConditions: many('DeliveryCondition', deliveryCondition),
  /** The message was not delivered in its sender's own transaction. */
  isDeferred: optional('DeferredMessage', flag),
  /** The override: everything of this sender. */
  retrieveFrom: optional('RetrieveFrom', record({ userId: one('UserID', address) })),
});

export type Extension = ValueOf<typeof extension>;

export const noExtension: Extension = { deliveryConditions: [] };

/** Of all blocks together, and in 1.1 of the primitive itself. */
export function readExtension(
  transaction: CspElement,
  primitive: CspElement | undefined,
  version: CspVersion,
): Extension {
  const holders = [transaction, ...transaction.children.filter(({ name }) => name === 'TransactionContent')];
  if (primitive !== undefined) holders.push(primitive);
  const blocks = holders.flatMap(({ children }) => children.filter(({ name }) => name === 'ExtBlock'));
  const inPrimitive = version === '1.1' ? (primitive?.children ?? []) : [];
  const children = [...blocks.flatMap((block) => block.children), ...inPrimitive];
  if (children.length === 0) return noExtension;
  return extension.read({ name: 'ExtBlock', text: '', children }, version) ?? noExtension;
}

export function writeExtension(value: Extension, version: CspVersion): readonly CspElement[] {
  return extension.write('ExtBlock', value, version).children;
}
