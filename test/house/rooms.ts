/** The plan of the house as tables (ARCHITECTURE.md, rooms and arrows): who may lean on whom, and on which package. */

/**
 * What each room may import besides itself and `base`. Two words stand for more than a room: `ports` is every file
 * called ports.ts, `*` is everything.
 */
export const arrows: Readonly<Record<string, readonly string[]>> = {
  main: ['cli', 'server'],
  cli: [
    'server',
    'config',
    'stores',
    'sip',
    'imps',
    'formats',
    'accounts',
    'conditions',
    'delivery',
    'presence',
    'model',
  ],
  server: ['*'],
  config: ['accounts', 'conditions', 'model'],
  'endpoints/sip': [
    'assistant',
    'sessions',
    'delivery',
    'presence',
    'accounts',
    'conditions',
    'formats',
    'sip',
    'model',
  ],
  'endpoints/imps': ['delivery', 'presence', 'accounts', 'conditions', 'formats', 'imps', 'model'],
  'endpoints/http': ['assistant', 'sessions', 'delivery', 'presence', 'accounts', 'conditions', 'formats', 'model'],
  assistant: ['delivery', 'presence', 'accounts', 'conditions', 'model'],
  sessions: ['sip', 'msrp', 'formats', 'delivery', 'model'],
  stores: ['ports', 'model'],
  delivery: ['conditions', 'model'],
  presence: ['model'],
  accounts: ['model'],
  conditions: ['model'],
  formats: ['model'],
  model: [],
  sip: [],
  msrp: [],
  imps: [],
  base: [],
};

/** Rooms whose folders one level down are rooms of their own and must not import each other. */
export const apartmentRooms: readonly string[] = ['stores'];

/** A package does one job, and the room whose job it is imports it. A path names one file. */
export const packageRooms: Readonly<Record<string, readonly string[]>> = {
  '@fastify': ['endpoints/http'],
  commander: ['cli'],
  fastify: ['endpoints/http', 'src/cli/bench/hello/hello-server.ts'],
  'fastify-type-provider-zod': ['endpoints/http'],
  'lru-cache': [
    'src/base/sockets/resolver-socket.ts',
    'sip',
    'conditions',
    'accounts',
    'delivery',
    'presence',
    'stores',
    'endpoints/http',
  ],
  pino: ['src/base/system-log.ts'],
  'prom-client': ['endpoints/http'],
  saxes: ['formats', 'imps'],
  'smol-toml': ['config'],
  ws: ['endpoints/http'],
  zod: ['config', 'endpoints/http'],
};

/** Packages of tests. */
export const testPackages: readonly string[] = ['vitest', 'fast-check'];

/** Where the machine may be touched: sockets, files, clocks, randomness, the environment, the console. */
export const machineRooms: readonly string[] = ['main', 'server', 'cli', 'endpoints/http', 'stores'];

/** Names that reach the machine without an import. A dotted name is forbidden only in full. */
export const machineGlobals: readonly string[] = [
  'Buffer',
  'Date.now',
  'Math.random',
  'NodeJS',
  'WebSocket',
  'clearImmediate',
  'clearInterval',
  'clearTimeout',
  'console',
  'crypto',
  'fetch',
  'globalThis',
  'performance',
  'process',
  'setImmediate',
  'setInterval',
  'setTimeout',
];

/** Files that may do one thing that their room may not, each with its reason. */
export const exemptions: Readonly<Record<string, { readonly name: string; readonly why: string }>> = {
  'src/base/time/virtual-time.ts': { name: 'setImmediate', why: 'lets promises that are ready run; no time passes' },
};

/** Additional arrows of tests: a service is tested with the memory adapters of its ports. */
export const testArrows: readonly string[] = ['stores'];
