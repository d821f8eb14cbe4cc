import path from 'node:path'
import { defineConfig } from 'vitest/config'

const matrix = ['test/adapters/matrix/**/*.test.ts', 'test/support/matrix/**/*.test.ts']

export default defineConfig({
  test: {
    globalSetup: 'test/support/global-setup.ts',
    // One more than the two cores that all of it has to pass on: many tests wait for a server, or for a lease
    // to end. Each PGlite takes about 450 MB.
    maxWorkers: 3,
    // As the program does it for itself: programs that tests start compile the same sources again and again.
    env: { NODE_COMPILE_CACHE: path.join(import.meta.dirname, 'node_modules/.cache/hearth-compiled') },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'hearth', include: ['test/**/*.test.ts'], exclude: matrix } },
      {
        extends: true,
        test: {
          name: 'matrix',
          include: matrix,
          globalSetup: ['test/support/global-setup.ts', 'test/support/matrix/global-setup.ts'],
          // A homeserver, a person's client with its own crypto and Hearth, on two busy cores.
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
