import { episodeId, ownerId } from '../core/ids.ts'
import type { KnownEpisode } from '../core/memory.ts'
import type { Place } from '../vault/seal.ts'
import type { StoreContext } from './context.ts'
import type { episodes, months } from './memory-schema.ts'

type Row = typeof episodes.$inferSelect | typeof months.$inferSelect

/** Without those whose people were erased. */
export async function openGists(
  { vault, signal }: StoreContext,
  kind: KnownEpisode['kind'],
  place: (row: string) => Place,
  rows: readonly Row[],
): Promise<readonly KnownEpisode[]> {
  const gists = await vault.openTexts(
    rows.map(({ id, content }) => ({ place: place(id), sealed: content })),
    signal,
  )
  return rows.flatMap(
    ({ ownerId: owner, id, fromPosition: from, toPosition: to, begunAt, endedAt }, index) => {
      const gist = gists[index]
      if (gist === undefined) return []
      return [{ kind, owner: ownerId(owner), id: episodeId(id), from, to, begunAt, endedAt, gist }]
    },
  )
}
