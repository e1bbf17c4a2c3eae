/** The tests that need nothing but npm. Those against real clients and servers live in test/interop and run alone. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['test/interop/**', 'node_modules/**', 'dist/**'],
    // Node 24 has ended, once in a while, with a fault of its compiler where hundreds of files ran in threads of one process.
    pool: 'forks',
    testTimeout: 10_000,
    hookTimeout: 10_000,
    sequence: { hooks: 'stack' },
  },
});
