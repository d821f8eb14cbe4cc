import type { Command } from 'commander'
import type { Config } from '../ops/config.ts'
import { openDatabase, openDatabaseIfThere } from '../storage.ts'
import { migrate, migrationStatus } from '../store/migrate.ts'

export interface MigrateContext {
  readonly config: () => Promise<Config>
  readonly write: (text: string) => void
}

/** Adds `migrate`. It throws `HearthError`. */
export function addMigrateCommand(program: Command, { config, write }: MigrateContext): void {
  program
    .command('migrate')
    .description('bring the database schema up to date (hearth run does it by itself)')
    .option('--status', 'only show which migrations the database has had')
    .action(async ({ status }: { readonly status?: true }) => {
      const settings = await config()
      if (status) {
        await using database = await openDatabaseIfThere(settings)
        const { applied, pending } = await migrationStatus(database)
        for (const name of applied) write(`done     ${name}\n`)
        for (const name of pending) write(`pending  ${name}\n`)
        return
      }
      await using database = await openDatabase(settings)
      const done = await migrate(database)
      for (const name of done) write(`done     ${name}\n`)
      if (done.length === 0) write(`${database.where} is up to date.\n`)
    })
}
