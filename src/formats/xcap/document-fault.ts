/** What is wrong with a document that is well-formed, by the names of RFC 4825 11.2. */
import { err, type Result } from '../../base/result.ts';

export interface DocumentFault {
  readonly kind: 'schema-validation-error' | 'uniqueness-failure' | 'constraint-failure';
  readonly words: string;
  /** What there was already, for a uniqueness-failure: a selector from the document's root. */
  readonly field?: string;
}

/** It does not fit the schema of its kind. */
export function misfit(words: string): Result<never, DocumentFault> {
  return err({ kind: 'schema-validation-error', words });
}

/** It fits the schema, and breaks a rule beyond it. */
export function breach(words: string): Result<never, DocumentFault> {
  return err({ kind: 'constraint-failure', words });
}
