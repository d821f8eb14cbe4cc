import { describeKeyRepository } from '../contract/key-repository.ts'
import { makeMemoryKeys } from '../support/memory-keys.ts'

describeKeyRepository('memory', async () => ({
  repository: makeMemoryKeys(),
  async [Symbol.asyncDispose]() {},
}))
