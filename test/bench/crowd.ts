import type { Database } from '../../src/store/database.ts'

/** At once: 250,000 memories, some 250 MB. */
const peopleAtOnce = 250
/** As the sealed sentences of the benchmark are, at the mean. */
const contentBytes = 132
/** Key id, nonce, tag, and the vector's factor. */
const sealedBytes = 49

/**
 * People with as many memories as they would have, of the same size, in the same tables and indexes; their bytes are
 * no sealed ones, and nobody can open them. The indexes are made when all is there, and foreign keys are not looked
 * up: ten million memories take minutes so, and hours otherwise.
 */
export async function addCrowd(
  database: Database,
  people: number,
  memoriesEach: number,
  dimensions: number,
): Promise<void> {
  const indexes = await database.script(async ({ exec, query }) => {
    const found = await query(
      `select indexdef, indexname from pg_indexes where tablename in ('messages', 'vectors')
        and not exists (select 1 from pg_constraint where conname = indexname)`,
      [],
    )
    for (const { indexname } of found) await exec(`drop index ${String(indexname)}`)
    return found.map(({ indexdef }) => String(indexdef))
  })
  for (let added = 0; added < people; added += peopleAtOnce) {
    const count = Math.min(peopleAtOnce, people - added)
    await database.script(({ exec }) => exec(crowd(count, memoriesEach, dimensions)))
    process.stderr.write(`${added + count} people more\n`)
  }
  for (const index of indexes) await database.script(({ exec }) => exec(index))
}

const bytes = (length: number, seed: string) => `decode(rpad('', ${2 * length}, md5(${seed}::text)), 'hex')`

const crowd = (people: number, memoriesEach: number, dimensions: number) => `
  set local session_replication_role = replica;
  set local synchronous_commit = off;
  create temporary table crowd on commit drop as
    select gen_random_uuid() as owner, gen_random_uuid() as room from generate_series(1, ${people});
  insert into participants (id) select owner from crowd;
  insert into rooms (owner_id, id, kind, account, lookup, external_id, last_position)
    select owner, room, 'direct', ${bytes(32, "'account'")}, ${bytes(32, 'room')}, ${bytes(70, 'room')}, ${memoriesEach}
    from crowd;
  create temporary table said on commit drop as
    select owner, room, gen_random_uuid() as id, position
    from crowd, generate_series(1, ${memoriesEach}) position;
  insert into messages (owner_id, id, room_id, position, anchor, author, participant_id, content, said_at)
    select owner, id, room, position, position, 'participant', owner, ${bytes(contentBytes, 'position')},
      timestamptz '2024-01-01' + position * interval '10 minutes'
    from said;
  insert into vectors (owner_id, message_id, room_id, model, dimensions, content, version)
    select owner, id, room, 'random', ${dimensions}, ${bytes(dimensions + sealedBytes, 'position')}, 0 from said;
`
