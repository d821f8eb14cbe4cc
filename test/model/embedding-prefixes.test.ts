import { expect, test } from 'vitest'
import { embeddingPrefix } from '../../src/model/embedding-prefixes.ts'

test.each([
  ['nomic-embed-text', 'search_query: ', 'search_document: '],
  ['nomic-embed-text:latest', 'search_query: ', 'search_document: '],
  ['jeffh/intfloat-multilingual-e5-large:f16', 'query: ', 'passage: '],
  ['embeddinggemma:300m', 'task: search result | query: ', 'title: none | text: '],
  ['snowflake-arctic-embed2', 'query: ', ''],
  ['mxbai-embed-large', 'Represent this sentence for searching relevant passages: ', ''],
  ['all-minilm', '', ''],
  ['bge-m3', '', ''],
])('%s wants its texts marked', (model, query, document) => {
  expect(embeddingPrefix(model, 'query')).toBe(query)
  expect(embeddingPrefix(model, 'document')).toBe(document)
})

test('models that follow instructions get one for the query alone', () => {
  for (const model of ['qwen3-embedding:0.6b', 'multilingual-e5-large-instruct']) {
    expect(embeddingPrefix(model, 'query')).toMatch(/^Instruct: .*\nQuery: $/)
    expect(embeddingPrefix(model, 'document')).toBe('')
  }
})
