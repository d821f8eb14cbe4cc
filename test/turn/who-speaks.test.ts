import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { personaId } from '../../src/core/ids.ts'
import { type Listener, whoSpeaks } from '../../src/turn/who-speaks.ts'

const listener = (name: string, talkativeness = 0, spokeAt = 0): Listener => ({
  id: personaId(name.toLowerCase()),
  name,
  talkativeness,
  spokeAt,
})
const [mira, pascoe, ottoline] = [listener('Mira'), listener('Pascoe'), listener('Ottoline')]
const all = [mira, pascoe, ottoline]
const by = (id: string | undefined) => (id === undefined ? undefined : personaId(id))
const ask = (text: string, present: readonly Listener[], speaker?: string, seed = 'a message') =>
  whoSpeaks({ text, by: by(speaker), toAll: true, seed }, present)
const names = (text: string, present: readonly Listener[], speaker?: string, seed?: string) =>
  ask(text, present, speaker, seed).map(({ persona }) => persona)

describe('who speaks', () => {
  it('is whoever is named as a word, in the order of the naming, and nobody else however talkative', () => {
    const chatty = all.map((each) => ({ ...each, talkativeness: 1 }))
    expect(names('And you, pascoe?', chatty)).toEqual(['pascoe'])
    expect(names('Ottoline, then Mira!', chatty)).toEqual(['ottoline', 'mira'])
    expect(names('The admiral sails', all)).toEqual([])
  })

  it('is never whoever has just spoken, also where they name themselves', () => {
    expect(names('I am Mira, and this is Pascoe.', all, 'mira')).toEqual(['pascoe'])
    expect(names('Mira speaks of Mira.', [{ ...mira, talkativeness: 1 }], 'mira')).toEqual([])
  })

  it('is nobody where all are of the silent kind and none is named', () => {
    fc.assert(fc.property(fc.string(), (seed) => names('So it goes.', all, undefined, seed).length === 0))
  })

  it('tells why, so that a persona that answers a persona is bounded', () => {
    expect(ask('Mira?', all)).toEqual([{ persona: 'mira', cue: 'addressed' }])
    expect(ask('Mira?', all, 'pascoe')).toEqual([{ persona: 'mira', cue: 'persona' }])
    expect(ask('Hm.', [{ ...mira, talkativeness: 1 }])).toEqual([{ persona: 'mira', cue: 'unasked' }])
    expect(ask('Hm.', [{ ...mira, talkativeness: 1 }], 'pascoe')).toEqual([
      { persona: 'mira', cue: 'persona' },
    ])
  })

  it('is, of those who feel like it, the one who has been silent longest, alone', () => {
    const chatty = [listener('Mira', 1, 7), listener('Pascoe', 1, 3), listener('Ottoline', 1, 5)]
    expect(names('So it goes.', chatty)).toEqual(['pascoe'])
    expect(names('So it goes.', [listener('Mira', 1, 7), listener('Pascoe', 0, 3)])).toEqual(['mira'])
  })

  it('is nobody beside who was asked', () => {
    const chatty = all.map((each) => ({ ...each, talkativeness: 1 }))
    const heard = (text: string) =>
      whoSpeaks({ text, by: undefined, toAll: false, seed: 'a message' }, chatty)
    expect(heard('So it goes.')).toEqual([])
    expect(heard('Mira?')).toEqual([{ persona: 'mira', cue: 'addressed' }])
  })

  it('is the same at every asking, in whatever order they stand, and about as often as they are talkative', () => {
    const some = [listener('Mira', 0.3), listener('Pascoe', 0)]
    const spoke = Array.from({ length: 1000 }, (_, seed) => names('Hm.', some, undefined, `message ${seed}`))
    expect(spoke).toEqual(
      spoke.map((_, seed) => names('Hm.', some.toReversed(), undefined, `message ${seed}`)),
    )
    const share = spoke.filter(({ length }) => length === 1).length / spoke.length
    expect(share).toBeGreaterThan(0.25)
    expect(share).toBeLessThan(0.35)
  })

  it('begins with each of those who have not spoken yet now and then', () => {
    const fresh = all.map((each) => ({ ...each, talkativeness: 1 }))
    const first = new Set(
      Array.from({ length: 100 }, (_, seed) => names('Hm.', fresh, undefined, `message ${seed}`)[0]),
    )
    expect(first.size).toBe(3)
  })
})
