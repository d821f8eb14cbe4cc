import type { TestProject } from 'vitest/node'
import { startPostgres } from './postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the maintenance database of a real Postgres server. */
    readonly postgresUrl: string
  }
}

/** One real Postgres server for the whole run; each test file makes databases of its own on it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres({ durable: false })
  project.provide('postgresUrl', server.url('postgres'))
  return async () => {
    await server[Symbol.asyncDispose]()
  }
}
