/** Compares a received message with what a play expects and says in words what is different. */
import type { SipText } from '../../src/cli/demo/user-agent/sip-text.ts';
import type { PlayScope } from './play-text.ts';
import type { Expectation } from './transcript.ts';

/** Undefined when it fits; captures are then in the scope. Header names count as written: the server writes long forms. */
export function findDifference(message: SipText, expected: Expectation, scope: PlayScope): string | undefined {
  if (!scope.matches(expected.startLine, message.startLine)) {
    return `the start line is "${message.startLine}", not "${expected.startLine}"`;
  }
  for (const name of expected.absent) {
    const values = valuesOf(message, name);
    if (values.length > 0) return `there is a ${name}: ${values.join(' | ')}`;
  }
  for (const [name, pattern] of expected.headers) {
    const values = valuesOf(message, name);
    if (!values.some((value) => scope.matches(pattern, value))) {
      return `${name} is ${values.length === 0 ? 'missing' : `"${values.join('" | "')}"`}, not "${pattern}"`;
    }
  }
  return findBodyDifference(message, expected.body, scope);
}

function findBodyDifference(message: SipText, pattern: string | undefined, scope: PlayScope): string | undefined {
  if (pattern === undefined) return undefined;
  if (/^\{hex:[0-9a-f]*\}$/i.test(pattern)) {
    const hex = message.body.toString('hex');
    return hex === pattern.slice(5, -1).toLowerCase() ? undefined : `the body is ${hex} in hex, not ${pattern}`;
  }
  const text = message.text.replaceAll('\r\n', '\n').replace(/\n$/, '');
  return scope.matches(pattern, text) ? undefined : `the body is "${text}", not "${pattern}"`;
}

function valuesOf(message: SipText, name: string): string[] {
  const wanted = name.toLowerCase();
  return message.headers.filter(([own]) => own.toLowerCase() === wanted).map(([, value]) => value);
}
