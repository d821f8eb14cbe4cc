import { describe, expect, it } from 'vitest'
import { askedInWords } from '../../src/turn/asked-in-words.ts'

describe('what is asked of what is kept, in words', () => {
  it.each([
    ['What do you remember about me?', 'list'],
    ['what do you remember about the wedding', 'list the wedding'],
    ['What do you know about me', 'list'],
    ['Was weißt du über mich?', 'list'],
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
    ['Forget all I told you about my sister.', 'forget my sister'],
    ['Forget that I said I was sad.', 'forget I was sad'],
    ['Vergiss, was ich dir über meine Schwester gesagt habe.', 'forget meine Schwester'],
    ['Forget number 12.', 'forget 12'],
    ['Vergiss Nummer 12', 'forget 12'],
    ['Correct number 12: I live in Graz.', 'correct 12: I live in Graz'],
    ['Please correct #3 I have two dogs', 'correct 3 I have two dogs'],
    ['Berichtige Nummer 12: Ich wohne in Graz.', 'correct 12: Ich wohne in Graz'],
    ['Corrige le numéro 12 : J’habite à Graz.', 'correct 12 : J’habite à Graz'],
    ['Always keep number 12 in mind.', 'pin always 12'],
    ['Keep 12 in mind', 'pin always 12'],
    ['Stop remembering what I say.', 'pause'],
    ['Stop remembering.', 'pause'],
    ['Remember again.', 'resume'],
    ['Don’t remember anything from now on.', 'pause'],
    ['Merk dir nichts mehr!', 'pause'],
    ['Remember what I say again.', 'resume'],
    ['You may start remembering again.', 'resume'],
    ['Merk dir wieder alles.', 'resume'],
    ['Vuelve a recordar lo que digo.', 'resume'],
    ['Remember that I am allergic to nuts.', 'remember I am allergic to nuts'],
    ['Merk dir, dass ich keine Nüsse esse.', 'remember ich keine Nüsse esse'],
  ])('%s', (text, asked) => {
    expect(askedInWords(text)).toEqual(asked && { name: 'memory', text: asked })
  })

  it.each([
    ['What do you store about me?', 'show'],
    ['Was speicherst du über mich?', 'show'],
    ['Was speicherst du von mir?', 'show'],
    ['Qué datos guardas de mí?', 'show'],
    ['Lösche alles, was du über mich weißt.', 'erase'],
  ])('%s', (text, asked) => {
    expect(askedInWords(text)).toEqual(asked && { name: 'privacy', text: asked })
  })

  it.each([
    'Forget it.',
    'Forget about it!',
    'Forget about tomorrow, let us stay in.',
    'What did you have in mind?',
    'Don’t remember anything.',
    'Remember that I told you about the wedding?',
    'Merk dir, dass ich das gesagt habe?',
    'Remember that evening in Graz?',
    'Remember that time when we met?',
    'Do you remember me?',
    'Remember me again?',
    'Stop remembering him.',
    'Keep it in mind.',
    'Keep 12 eggs in mind.',
    'Correct me if I am wrong.',
    'Forget 12 of them.',
    'I cannot forget what I said about her.',
    'What do you remember about me?\nAnd what about the cat?',
    'She asked: what do you know about me? I said nothing.',
    `Forget everything about ${'x'.repeat(400)}`,
  ])('%s is nothing of the kind', (text) => {
    expect(askedInWords(text)).toBeUndefined()
  })
})
