import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openStorage, type Storage } from '../../src/storage.ts'
import { type PostgresServer, startPostgres } from '../support/postgres.ts'

export interface BenchHouse extends Storage {
  readonly postgres: PostgresServer | undefined
}

/** A database, vault and store of its own, gone when disposed. */
export async function openBenchHouse(kind: string): Promise<BenchHouse> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(path.join(tmpdir(), 'hearth-bench-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const postgres = kind === 'postgres' ? stack.use(await startPostgres({ durable: true })) : undefined
  const storage = stack.use(
    await openStorage(
      {
        data: folder,
        database: await postgres?.createDatabase(),
        masterKey: { file: path.join(folder, 'master.key') },
      },
      new AbortController().signal,
    ),
  )
  const owned = stack.move()
  return { ...storage, postgres, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
