/** The tests that need nothing but npm. Those against real clients and servers live in test/interop and run alone. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'web/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['test/interop/**', 'node_modules/**', 'dist/**'],
    // Threads of one process that run WebAssembly of their own, as what strips the types of a thread's sources does, end that
    // process once in a while (V8 of Node 24: nodejs/node issue 64500). So a process for each file, nothing that is compiled
    // anew while it runs, and, from the second time on, threads whose sources come stripped out of a cache.
    pool: 'forks',
    execArgv: ['--no-wasm-dynamic-tiering', `--wasm-wrapper-tiering-budget=${2 ** 31 - 1}`],
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/stripped', import.meta.url)) },
    // Far more than any needs, since a busy machine must not decide.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    sequence: { hooks: 'stack' },
  },
});
