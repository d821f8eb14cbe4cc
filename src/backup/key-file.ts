import { z } from 'zod'
import type { Script } from '../store/database.ts'
import { backupFault } from './errors.ts'

const rows = z.array(z.record(z.string(), z.unknown()))
const fileSchema = z.object({ hearthKeys: z.literal(1), masterKeys: rows.length(1), dataKeys: rows.min(1) })

/** The rows of the keyring: data keys, wrapped by the master key, without which they are nothing. */
export type KeyFile = z.infer<typeof fileSchema>

/** Another one as soon as there is another key, or one less, or they are wrapped anew. */
export async function keysStamp({ query }: Pick<Script, 'query'>): Promise<string> {
  const [row] = await query(
    'select json_build_array(count(*), max(created_at), max(master_id))::text as stamp from keyring.data_keys',
    [],
  )
  return String(row?.stamp)
}

/** As it is now. */
export async function writeKeys({ query }: Pick<Script, 'query'>): Promise<string> {
  const read = async (table: string) =>
    (await query(`select row_to_json(k)::text as row from keyring.${table} k`, [])).map(({ row }) => row)
  const [masterKeys, dataKeys] = [await read('master_keys'), await read('data_keys')]
  return `{"hearthKeys":1,\n"masterKeys":[${masterKeys.join(',')}],\n"dataKeys":[\n${dataKeys.join(',\n')}\n]}\n`
}

/** Throws `HearthError` (`backup-no-keys`). */
export function readKeys(text: string): KeyFile {
  try {
    return fileSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw backupFault('no-keys', cause)
  }
}

/** Into an empty keyring. */
export async function insertKeys({ query }: Pick<Script, 'query'>, keys: KeyFile): Promise<void> {
  const insert = (table: string, rows: readonly unknown[]) =>
    query(
      `insert into keyring.${table} select * from json_populate_recordset(null::keyring.${table}, $1::json)`,
      [JSON.stringify(rows)],
    )
  await insert('master_keys', keys.masterKeys)
  await insert('data_keys', keys.dataKeys)
}
