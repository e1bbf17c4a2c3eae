/**
 * How one setting becomes a zod schema: text, number, switch or list in, value in plain units out, and beside it what the
 * help says of it. Knows no particular setting.
 */
import { z } from 'zod';
import type { Parse } from './values.ts';

export type SettingGroup =
  | 'Addresses'
  | 'Accounts and trust'
  | 'Servers elsewhere'
  | 'Delivery'
  | 'Limits'
  | 'Operation';

export interface SettingDetails {
  readonly group: SettingGroup;
  /** How the value is written in help; undefined for a switch that takes none. */
  readonly placeholder?: string;
  readonly fallback?: string;
  readonly help: string;
  readonly isRepeatable?: true;
  /** Never on a command line, which others on the machine can read: from the environment or the file only. */
  readonly isSecret?: true;
  /** Belongs to what this version does not do: parsed, refused when given, and not shown. */
  readonly isUnavailable?: true;
}

export const settingDetails = z.registry<SettingDetails>();

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const raw = z.union([scalar, z.array(scalar)], { error: 'is neither text, nor a number, nor a list of them' });

/** A list in the file is read as its values with commas between them. */
export function one<T>(parse: Parse<T>, about: SettingDetails): z.ZodType<T> {
  const schema = raw.transform((value, context) => {
    const result = parse(String(value).trim());
    if (result.ok) return result.value;
    const shown = about.isSecret === true ? 'the value' : `"${String(value)}"`;
    context.addIssue({ code: 'custom', message: `${shown} ${result.error}` });
    return z.NEVER;
  });
  return register(schema.prefault(about.fallback ?? ''), about);
}

/** Several flags, a list in the file, or one text with commas or spaces between the values. */
export function list<T>(parse: Parse<T>, countMax: number, about: SettingDetails): z.ZodType<readonly T[]> {
  const schema = raw.transform((value, context) => {
    const texts = [value]
      .flat()
      .flatMap((text) => String(text).split(/[\s,]+/))
      .filter((text) => text !== '');
    if (texts.length > countMax) {
      context.addIssue({ code: 'custom', message: `has ${texts.length} values, at most ${countMax}` });
    }
    const found: T[] = [];
    for (const text of texts) {
      const result = parse(text);
      if (result.ok) found.push(result.value);
      else context.addIssue({ code: 'custom', message: `"${text}" ${result.error}` });
    }
    return found;
  });
  return register(schema.prefault(about.fallback ?? []), about);
}

function register<T>(schema: z.ZodType<T>, about: SettingDetails): z.ZodType<T> {
  settingDetails.add(schema, about);
  return schema;
}
