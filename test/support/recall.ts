import { createRecall, type Recall } from '../../src/memory/recall.ts'
import type { Store } from '../../src/store/store.ts'

/** By words alone. */
export const wordsRecall = ({ memories, vectors }: Pick<Store, 'memories' | 'vectors'>): Recall =>
  createRecall(
    { memories, vectors, embedder: undefined, onTrouble: () => undefined },
    { precision: 'int8', keptBytes: 16 * 1024 * 1024 },
  )
