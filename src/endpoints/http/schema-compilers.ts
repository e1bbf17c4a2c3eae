/** How the schemas of a route become functions that check what comes and write what goes. */
import { validatorCompiler } from 'fastify-type-provider-zod';

/** Headers are only checked: values in their place would be copied each time one of them is read. */
export const checkerOf: typeof validatorCompiler = (route) => {
  const check = validatorCompiler(route);
  if (route.httpPart !== 'headers') return check;
  return (headers) => {
    const result: unknown = check(headers);
    return isFault(result) ? result : true;
  };
};

function isFault(result: unknown): result is { readonly error: Error } {
  return typeof result === 'object' && result !== null && 'error' in result;
}

/** For answers that are asked for all the time: what the route makes has the type of its schema, and is not checked again. */
export const plainWriterOf = (): ((data: unknown) => string) => JSON.stringify;
