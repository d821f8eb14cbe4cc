import { expect, it } from 'vitest'
import { modelMissing } from '../../src/model/errors.ts'
import { failureSentence } from '../../src/turn/notices.ts'

const error = modelMissing({ host: 'http://127.0.0.1:11434', model: 'llama3.2' })

it('gives the operator sentences, with a command on a line of its own', () => {
  expect(failureSentence(error, 'tried again', true)).toBe(
    [
      'Model "llama3.2" is not on http://127.0.0.1:11434.',
      'Run: ollama pull llama3.2',
      'Your message is kept, and is answered as soon as that is mended.',
    ].join('\n'),
  )
})

it('tells other people nothing of the insides', () => {
  for (const next of ['tried again', 'given up'] as const) {
    expect(failureSentence(error, next, false)).not.toMatch(/llama|127\.0\.0\.1|ollama/)
  }
})
