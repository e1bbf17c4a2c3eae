/** What is wrong with the name or the value of an attribute, in the words that conditions are refused with. */
import { closedValues, isConditionAttribute, suggestAttribute } from '../../conditions/attribute-words.ts';
import { canonicalWord, type AttributeName } from '../../model/presence-state.ts';

/** Takes a canonical word; undefined when there is such an attribute. */
export function attributeFault(name: AttributeName): string | undefined {
  if (isConditionAttribute(name)) return undefined;
  const meant = suggestAttribute(name);
  return `"${name}" is not an attribute${meant === undefined ? '' : `; did you mean "${meant}"?`}`;
}

/** Undefined when the attribute can have the value. */
export function valueFault(attribute: AttributeName, value: string): string | undefined {
  const values = closedValues(attribute);
  if (values === undefined || values.includes(canonicalWord(value))) return undefined;
  return `"${value}" is none of ${values.join(', ')}`;
}
