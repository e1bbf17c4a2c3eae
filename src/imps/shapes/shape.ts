/**
 * Descriptions of elements from which reading, writing and the type of the value follow. A shape is one element, a field is
 * where it stands among the children of another. Reading takes any order and passes over what it does not know; writing keeps
 * the order of the description, which is that of the DTD.
 */
import { type CspElement, node } from '../csp-element.ts';
import type { CspVersion } from '../csp-version.ts';
import { PrimitiveFault } from '../status-codes.ts';

export interface Shape<T> {
  /** Undefined where the element says nothing, as an empty number. Throws a `PrimitiveFault`. */
  read(element: CspElement, version: CspVersion): T | undefined;
  write(name: string, value: T, version: CspVersion): CspElement;
}

export interface Field<T> {
  read(parent: CspElement, version: CspVersion): T;
  write(value: T, version: CspVersion): readonly CspElement[];
}

/** What a record of these fields holds: an optional field is a key that may be missing. */
export type FieldValues<F> = {
  readonly [K in keyof F as undefined extends ValueOf<F[K]> ? never : K]: ValueOf<F[K]>;
} & { readonly [K in keyof F as undefined extends ValueOf<F[K]> ? K : never]?: ValueOf<F[K]> };

export type ValueOf<S> = S extends Field<infer T> ? T : S extends Shape<infer T> ? T : never;

/** An element whose children are these fields. */
export function record<F extends Readonly<Record<string, Field<unknown>>>>(fields: F): Shape<FieldValues<F>> {
  const entries = Object.entries(fields);
  return {
    read(element, version) {
      const value: Record<string, unknown> = {};
      for (const [key, field] of entries) {
        const part = field.read(element, version);
        if (part !== undefined) value[key] = part;
      }
      return value as FieldValues<F>;
    },
    write(name, value, version) {
      const parts = value as Readonly<Record<string, unknown>>;
      return node(
        name,
        entries.flatMap(([key, field]) => field.write(parts[key], version)),
      );
    },
  };
}

export function one<T>(name: string, shape: Shape<T>): Field<T> {
  return {
    read(parent, version) {
      const value = readFirst(parent, { name, shape, version });
      if (value === undefined) throw new PrimitiveFault(402, `${parent.name} has no ${name}`);
      return value;
    },
    write: (value, version) => [shape.write(name, value, version)],
  };
}

export function optional<T>(name: string, shape: Shape<T>): Field<T | undefined> {
  return {
    read: (parent, version) => readFirst(parent, { name, shape, version }),
    write: (value, version) => (value === undefined ? [] : [shape.write(name, value, version)]),
  };
}

/** Mandatory, but a reader knows what is meant where it is missing. */
export function usually<T>(name: string, shape: Shape<T>, fallback: T): Field<T> {
  return {
    read: (parent, version) => readFirst(parent, { name, shape, version }) ?? fallback,
    write: (value, version) => [shape.write(name, value, version)],
  };
}

export function many<T>(name: string, shape: Shape<T>): Field<readonly T[]> {
  return {
    read: (parent, version) =>
      parent.children
        .filter((child) => child.name === name)
        .map((child) => shape.read(child, version))
        .filter((value) => value !== undefined),
    write: (values, version) => values.map((value) => shape.write(name, value, version)),
  };
}

/** Written in these versions alone; read in all, since clients mix them. */
export function writtenIn<T>(versions: readonly CspVersion[], field: Field<T>): Field<T> {
  return {
    read: (parent, version) => field.read(parent, version),
    write: (value, version) => (versions.includes(version) ? field.write(value, version) : []),
  };
}

interface Wanted<T> {
  readonly name: string;
  readonly shape: Shape<T>;
  readonly version: CspVersion;
}

function readFirst<T>(parent: CspElement, { name, shape, version }: Wanted<T>): T | undefined {
  for (const child of parent.children) {
    if (child.name !== name) continue;
    const value = shape.read(child, version);
    if (value !== undefined) return value;
  }
  return undefined;
}
