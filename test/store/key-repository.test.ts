import { sql } from 'drizzle-orm'
import { afterAll } from 'vitest'
import { createKeyRepository } from '../../src/store/key-repository.ts'
import { migrate } from '../../src/store/migrate.ts'
import { describeKeyRepository } from '../contract/key-repository.ts'
import { databases } from '../support/databases.ts'

for (const { name, make } of databases) {
  const stack = new AsyncDisposableStack()
  afterAll(() => stack.disposeAsync())
  const opening = (async () => {
    const database = stack.use(await stack.use(await make()).open())
    await migrate(database)
    return database
  })()
  describeKeyRepository(name, async () => {
    const database = await opening
    await database.drizzle.execute(sql`delete from keyring.data_keys`)
    await database.drizzle.execute(sql`delete from keyring.master_keys`)
    return { repository: createKeyRepository(database), async [Symbol.asyncDispose]() {} }
  })
}
