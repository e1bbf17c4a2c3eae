/** The tests that need nothing but npm. Those against real clients and servers live in test/interop and run alone. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['test/interop/**', 'node_modules/**', 'dist/**'],
    pool: 'threads',
    testTimeout: 10_000,
    hookTimeout: 10_000,
    sequence: { hooks: 'stack' },
  },
});
