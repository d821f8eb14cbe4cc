import path from 'node:path'
import { defineConfig } from 'vitest/config'
import { WaitingFirst } from './test/support/waiting-first.ts'

const matrix = ['test/adapters/matrix/**/*.test.ts', 'test/support/matrix/**/*.test.ts']
/**
 * Their files follow one another in the same few processes, so that Hearth is loaded once in each: 0.4 s of
 * processor time a file where little is loaded, 1.3 s where there is a database.
 */
const shared = [
  'test/{core,docs,files,import,jobs,memory,persona,prompt,store,turn,unprompted}/**/*.test.ts',
  'test/support/discord/**/*.test.ts',
  'test/adapters/discord/!(*house).test.ts',
]

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
    sequence: { sequencer: WaitingFirst },
    projects: [
      {
        extends: true,
        test: { name: 'hearth', include: ['test/**/*.test.ts'], exclude: [...matrix, ...shared] },
      },
      { extends: true, test: { name: 'shared', include: shared, isolate: false } },
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
