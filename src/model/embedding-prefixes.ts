import type { EmbeddingKind } from '../core/model.ts'

type Prefixes = Readonly<Record<EmbeddingKind, string>>

const none: Prefixes = { query: '', document: '' }
const searching: Prefixes = {
  query: 'Represent this sentence for searching relevant passages: ',
  document: '',
}
const instructed: Prefixes = {
  query: 'Instruct: Given what somebody says, retrieve earlier messages that bear on it\nQuery: ',
  document: '',
}

/** From the models' own pages; the first that fits counts. Without its prefix such a model finds much less. */
const known: readonly (readonly [RegExp, Prefixes])[] = [
  [/nomic-embed/, { query: 'search_query: ', document: 'search_document: ' }],
  [/e5.*instruct/, instructed],
  [/(^|[^a-z0-9])e5([^a-z0-9]|$)/, { query: 'query: ', document: 'passage: ' }],
  [/qwen3-embedding/, instructed],
  [/embeddinggemma/, { query: 'task: search result | query: ', document: 'title: none | text: ' }],
  [/arctic-embed2|arctic-embed-.*-v2/, { query: 'query: ', document: '' }],
  [/arctic-embed|mxbai-embed-large|bge-(small|base|large)-en/, searching],
]

/** What stands before a text for this model: `nomic-embed-text:latest`, `jeffh/intfloat-multilingual-e5-large:f16`. */
export function embeddingPrefix(model: string, kind: EmbeddingKind): string {
  const name = model.toLowerCase()
  const [, prefixes] = known.find(([pattern]) => pattern.test(name)) ?? [undefined, none]
  return prefixes[kind]
}
