import { describe, expect, it } from 'vitest'
import { askedInWords } from '../../src/turn/asked-in-words.ts'

describe('what is asked of what is kept, in words', () => {
  it.each([
    ['What do you remember about me?', 'list'],
    ['what do you remember about the wedding', 'list the wedding'],
    ['What do you know about me', 'list'],
    ['Was weißt du über mich?', undefined],
    ['Was weißt du von mir?', 'list'],
    ['Woran erinnerst du dich?', 'list'],
    ['¿Qué sabes de mí?', 'list'],
    ['Que sais-tu de moi ?', 'list'],
    ['Cosa ricordi di me?', 'list'],
    ['How do you know that?', 'why'],
    ['Woher weißt du das?', 'why'],
    ['Please forget what I told you about my sister.', 'forget my sister'],
    ['Forget everything about Paris!', 'forget Paris'],
    ['Vergiss alles über meine Schwester, bitte.', 'forget meine Schwester'],
    ['Remember that I am allergic to nuts.', 'remember I am allergic to nuts'],
    ['Merk dir, dass ich keine Nüsse esse.', 'remember ich keine Nüsse esse'],
  ])('%s', (text, asked) => {
    expect(askedInWords(text)).toEqual(asked && { name: 'memory', text: asked })
  })

  it.each([
    ['What do you store about me?', 'show'],
    ['Was speicherst du über mich?', undefined],
    ['Was speicherst du von mir?', 'show'],
    ['Qué datos guardas de mí?', 'show'],
  ])('%s', (text, asked) => {
    expect(askedInWords(text)).toEqual(asked && { name: 'privacy', text: asked })
  })

  it.each([
    'Forget it.',
    'Forget about it!',
    'Remember that evening in Graz?',
    'Remember that time when we met?',
    'Do you remember me?',
    'I cannot forget what I said about her.',
    'What do you remember about me?\nAnd what about the cat?',
    'She asked: what do you know about me? I said nothing.',
    `Forget everything about ${'x'.repeat(400)}`,
  ])('%s is nothing of the kind', (text) => {
    expect(askedInWords(text)).toBeUndefined()
  })
})
