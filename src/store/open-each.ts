import type { SealedItem } from '../vault/vault.ts'
import type { StoreContext } from './context.ts'

/** Opens what there is of each row, in their order. */
export const openEach =
  ({ vault, signal }: StoreContext) =>
  async <Row>(
    rows: readonly Row[],
    itemOf: (row: Row) => SealedItem | null,
  ): Promise<readonly (string | undefined)[]> => {
    const items = rows.map(itemOf)
    const opened = await vault.openTexts(
      items.filter((item) => item !== null),
      signal,
    )
    let next = 0
    return items.map((item) => (item === null ? undefined : opened[next++]))
  }
