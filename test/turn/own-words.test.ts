import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ownWords } from '../../src/turn/own-words.ts'

const voices = { self: 'Mira', others: ['Ada', 'Ada (2)', 'Mira Two', 'Старый кит'] }
const said = (text: string) => ownWords(text, voices, false)
const shown = (text: string) => ownWords(text, voices, true).text

describe('what of a reply is the persona’s own', () => {
  it('ends where somebody else begins to speak, whatever stands around their name', () => {
    for (const theirs of [
      'Ada: No.',
      'ada : No.',
      '**Ada:** No.',
      '> *Ada*: No.',
      'Ada (2):\nNo.',
      'Старый кит： Нет.',
    ])
      expect(said(`Yes.\n\n${theirs}\nAnd more.`)).toEqual({ text: 'Yes.\n', over: true })
  })

  it('has no name in front, and begins behind what was said for others', () => {
    expect(said('Mira: Yes.')).toEqual({ text: 'Yes.', over: false })
    expect(said('**Mira:** Yes.\nMira: And no.')).toEqual({ text: 'Yes.\nAnd no.', over: false })
    expect(said('Ada: Are you there?\nSay it.\nMira: Yes.\nMira Two: I am too.')).toEqual({
      text: 'Yes.',
      over: true,
    })
    expect(said('Ada: All of it is mine.')).toEqual({ text: '', over: false })
  })

  it('keeps names and colons that mean nothing of the kind', () => {
    for (const text of [
      'Ada, listen: no.',
      'I told Ada: no.',
      'Three things:\n- one',
      'Bob: who is that?',
      'ada://here',
      'Adam: the first.',
    ])
      expect(said(text)).toEqual({ text, over: false })
  })

  it('shows no name while it is being written', () => {
    expect(shown('Yes.\nAd')).toBe('Yes.')
    expect(shown('Yes.\n**Ada:')).toBe('Yes.')
    expect(shown('Yes.\nAdd to that')).toBe('Yes.\nAdd to that')
    expect(shown('Mir')).toBe('')
    expect(shown('Mira: Ye')).toBe('Ye')
  })

  it('shows nothing that it takes back, however the text is cut into pieces', () => {
    const word = fc.constantFrom('Mira', 'Ada', ':', ' ', '\n', '*', 'so', 'Ada (2)', 'Mira Two', 'and', '>')
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), (words) => {
        const text = words.join('')
        const whole = said(text)
        for (let end = 0; end <= text.length; end++) {
          const part = ownWords(text.slice(0, end), voices, true)
          expect(whole.text.startsWith(part.text.trimEnd())).toBe(true)
          if (part.over) expect(whole.over).toBe(true)
        }
      }),
    )
  })
})
