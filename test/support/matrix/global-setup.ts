import type { TestProject } from 'vitest/node'
import { startSynapse } from './synapse.ts'
import { installSynapse } from './synapse-install.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The Python that has Synapse, for tests that start a homeserver of their own; empty: there is none. */
    readonly synapsePython: string
    /** A homeserver that tests share, each with users of its own. */
    readonly homeserverUrl: string
    readonly registrationSecret: string
  }
}

/**
 * One real Synapse for the Matrix tests of a run. Where there is no Python they are left out, and the
 * reason is printed; a run in CI fails instead.
 */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const installed = await installSynapse()
  if (!installed.ready) {
    if (process.env.CI === 'true') throw new Error(`The Matrix tests cannot run: ${installed.reason}`)
    process.stderr.write(`The Matrix tests are left out: ${installed.reason}.\n`)
    project.provide('synapsePython', '')
    project.provide('homeserverUrl', '')
    project.provide('registrationSecret', '')
    return undefined
  }
  const synapse = await startSynapse({ python: installed.python })
  project.provide('synapsePython', installed.python)
  project.provide('homeserverUrl', synapse.url)
  project.provide('registrationSecret', synapse.registrationSecret)
  return async () => {
    await synapse[Symbol.asyncDispose]()
  }
}
