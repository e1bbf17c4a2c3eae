/** Whatever the description allows, and much that it does not, gets an answer that the description knows: never a 500. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemContentType } from '../../src/endpoints/http/problem.ts';
import { basic, HttpWorld } from './http-world.ts';

/** As much of OpenAPI 3.1 as the description uses. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly additionalProperties?: Schema | boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: string;
}

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}

type Description = { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };

interface Call {
  readonly who: string;
  readonly path: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

let world: HttpWorld;
let description: Description;

beforeAll(async () => {
  world = await HttpWorld.open({ 'quota-pair': '40' });
  description = (await (await fetch(`${world.origin}/openapi.json`)).json()) as Description;
});
afterAll(() => world.close());

/** What people mean: so that calls get behind the first check. */
const meant: fc.Arbitrary<unknown> = fc.constantFrom(
  'mary@localhost',
  'sip:tom@localhost',
  'nobody@localhost',
  'mary',
  'availability is available',
  'mood is',
  'mood',
  'text/plain',
  'aGVsbG8=',
  '2026-11-22T00:00:00Z',
  'push',
  0,
  60,
  -1,
  1e300,
  null,
  true,
);

function valueOf(schema: Schema, depth = 0): fc.Arbitrary<unknown> {
  const fitting = fittingValue(schema, depth);
  return fc.oneof({ arbitrary: fitting, weight: 8 }, { arbitrary: meant, weight: 3 }, fc.jsonValue({ maxDepth: 2 }));
}

function fittingValue(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((one) => valueOf(one, depth + 1)));
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.const !== undefined) return fc.constant(schema.const);
  switch (Array.isArray(schema.type) ? (schema.type as readonly string[])[0] : schema.type) {
    case 'object':
      return objectOf(schema, depth);
    case 'array':
      return fc.array(valueOf(schema.items ?? {}, depth + 1), { maxLength: 3 });
    case 'integer':
    case 'number':
      return fc.oneof(fc.integer(), fc.double(), fc.constantFrom(0, 1, 100, 101, -1));
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.oneof(meant, fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ maxLength: 1100 }));
  }
}

function objectOf({ properties = {}, required = [], additionalProperties }: Schema, depth: number) {
  const named = Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, valueOf(one, depth + 1)]));
  const known = fc.record(named, { requiredKeys: required as string[] });
  const extra = typeof additionalProperties === 'object' ? valueOf(additionalProperties, depth + 1) : fc.jsonValue();
  return fc
    .tuple(known, fc.dictionary(fc.string({ maxLength: 12 }), extra, { maxKeys: 1 }), fc.nat(4))
    .map(([object, more, chance]) => (chance === 0 ? { ...object, ...more } : object));
}

function callOf(path: string, { parameters = [], requestBody }: Operation): fc.Arbitrary<Call> {
  const schema = requestBody?.content['application/json']?.schema;
  const bodies = schema === undefined ? fc.constant(undefined) : valueOf(schema);
  const given = fc.record(Object.fromEntries(parameters.map((one) => [one.name, fc.option(valueOf(one.schema))])));
  return fc
    .record({ given, body: bodies, who: fc.constantFrom('tom', 'mary', 'boss') })
    .map(({ given: values, body, who }) => {
      let url = path;
      const query = new URLSearchParams();
      const headers: Record<string, string> = {};
      for (const { name, in: place } of parameters) {
        const value = values[name];
        const text = typeof value === 'string' ? value : JSON.stringify(value ?? 'x');
        if (place === 'path') url = url.replace(`{${name}}`, encodeURIComponent(text.toWellFormed()) || 'x');
        else if (value !== null && place === 'query') query.append(name, text.toWellFormed());
        else if (value !== null && /^[\x20-\x7e]*$/.test(text)) headers[name] = text;
      }
      return { who, path: `${url}?${query.toString()}`, body, headers };
    });
}

/** Whether a value fits, in the few words that the description uses. */
function fits(value: unknown, schema: Schema): boolean {
  if (schema.anyOf !== undefined) return schema.anyOf.some((one) => fits(value, one));
  if (schema.enum !== undefined) return schema.enum.includes(value);
  if (schema.const !== undefined) return value === schema.const;
  const types = schema.type === undefined ? [] : [schema.type].flat();
  if (types.length > 0 && !types.some((type) => isOfType(value, type))) return false;
  if (Array.isArray(value)) return value.every((one) => fits(one, schema.items ?? {}));
  if (typeof value !== 'object' || value === null) return true;
  const { properties = {}, required = [], additionalProperties } = schema;
  if (required.some((name) => !(name in value))) return false;
  return Object.entries(value).every(([name, one]) => {
    const known = properties[name];
    if (known !== undefined) return fits(one, known);
    return typeof additionalProperties === 'object' ? fits(one, additionalProperties) : additionalProperties !== false;
  });
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}

async function answerTo(method: string, { who, path, body, headers }: Call) {
  const response = await fetch(world.origin + path, {
    method: method.toUpperCase(),
    headers: {
      ...headers,
      authorization: basic(who),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { response, text: await response.text() };
}

function isDescribed(response: Response, text: string, { responses }: Operation, isHead: boolean): boolean {
  const { status } = response;
  const type = response.headers.get('content-type')?.split(';')[0];
  const answer =
    responses[String(status)] ??
    responses[`${Math.floor(status / 100)}XX`] ??
    responses[`${Math.floor(status / 100)}xx`];
  if (answer === undefined) return false;
  if (status >= 400) {
    // What HEAD is answered has no body.
    if (text === '' && isHead) return type === problemContentType;
    const problem = JSON.parse(text) as { type?: unknown; status?: unknown };
    return type === problemContentType && problem.status === status && String(problem.type).length > 20;
  }
  const schema = answer.content?.['application/json']?.schema;
  return text === '' || schema === undefined || fits(JSON.parse(text), schema);
}

describe('every call of the description', () => {
  it('is there: the calls of contract section 7', () => {
    const calls = Object.entries(description.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(calls.toSorted()).toEqual(
      [
        'DELETE /v1/admin/messages/{id}',
        'DELETE /v1/blocks/{address}',
        'DELETE /v1/grants/{address}',
        'DELETE /v1/inbox/{id}',
        'DELETE /v1/messages/{id}',
        'DELETE /v1/tokens',
        'DELETE /v1/transcripts/{id}',
        'GET /v1/admin/messages/{id}',
        'GET /v1/admin/queue',
        'GET /v1/admin/status',
        'GET /v1/blocks',
        'GET /v1/capabilities',
        'GET /v1/delivery',
        'GET /v1/events',
        'GET /v1/grants',
        'GET /v1/inbox',
        'GET /v1/inbox/{id}',
        'GET /v1/inbox/{id}/content',
        'HEAD /v1/inbox/{id}/content',
        'GET /v1/messages',
        'GET /v1/messages/{id}',
        'GET /v1/presence/{address}',
        'GET /v1/rules',
        'GET /v1/rules/requests',
        'GET /v1/transcripts',
        'GET /v1/transcripts/{id}',
        'GET /v1/welcome',
        'PATCH /v1/messages/{id}',
        'POST /v1/admin/messages/{id}/release',
        'POST /v1/conditions/check',
        'POST /v1/inbox/{id}/delivered',
        'POST /v1/inbox/{id}/displayed',
        'POST /v1/messages',
        'POST /v1/rules/requests/{address}',
        'POST /v1/tokens',
        'PUT /v1/blocks/{address}',
        'PUT /v1/delivery',
        'PUT /v1/grants',
        'PUT /v1/grants/{address}',
        'PUT /v1/presence',
        'PUT /v1/rules',
        'PUT /v1/transcripts',
      ].toSorted(),
    );
  });

  it('answers as described, whatever it is sent', { timeout: 300_000 }, async () => {
    for (const [path, operations] of Object.entries(description.paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        // A stream does not end by itself; `events.test` opens them.
        if (path === '/v1/events') continue;
        await fc.assert(
          fc.asyncProperty(callOf(path, operation), async (call) => {
            const { response, text } = await answerTo(method, call);
            const said = `${method} ${call.path} ${JSON.stringify(call.body)}: ${response.status} ${text}`;
            const isRight = response.status !== 500 && isDescribed(response, text, operation, method === 'head');
            expect(isRight ? 'described' : said).toBe('described');
          }),
          { numRuns: 25 },
        );
      }
    }
  });
});
