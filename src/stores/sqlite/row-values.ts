/**
 * Rows as arrays, the cheapest form that node:sqlite has, and their columns by type. A column of another type than
 * expected is a broken file. Databases are opened with `returnArrays`, which the types of node:sqlite do not tell.
 */
import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { StoreFault } from '../../base/store-fault.ts';
import type { Address } from '../../model/address.ts';

export type Row = readonly SQLOutputValue[];

export interface Statement {
  get(...values: SQLInputValue[]): Row | undefined;
  all(...values: SQLInputValue[]): Row[];
  run(...values: SQLInputValue[]): { readonly changes: number | bigint };
}

export function prepare(database: DatabaseSync, sql: string): Statement {
  return database.prepare(sql) as unknown as Statement;
}

export function numberAt(row: Row, column: number): number {
  const value = row[column];
  if (typeof value !== 'number') throw unexpected(column, 'a number');
  return value;
}

export function textAt(row: Row, column: number): string {
  const value = row[column];
  if (typeof value !== 'string') throw unexpected(column, 'text');
  return value;
}

export function bytesAt(row: Row, column: number): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw unexpected(column, 'bytes');
  return value;
}

export function optionalNumberAt(row: Row, column: number): number | undefined {
  return row[column] === null ? undefined : numberAt(row, column);
}

export function optionalTextAt(row: Row, column: number): string | undefined {
  return row[column] === null ? undefined : textAt(row, column);
}

/** Only addresses are ever written into such a column. */
export function addressAt(row: Row, column: number): Address {
  return textAt(row, column) as Address;
}

/** The value of a JSON column as it was written; undefined for NULL. */
export function jsonAt(row: Row, column: number): unknown {
  const text = optionalTextAt(row, column);
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}

function unexpected(column: number, what: string): StoreFault {
  return new StoreFault(`a row of the database does not have ${what} in column ${column}`, false);
}
