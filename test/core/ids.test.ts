import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { HearthError, isAbort, modelError } from '../../src/core/errors.ts'
import { accountId, externalId, newUuid, personaId, roomId, turnId } from '../../src/core/ids.ts'
import { LruMap } from '../../src/core/lru-map.ts'

describe('ids', () => {
  it('takes UUIDs and slugs, and nothing that only looks like them', () => {
    const uuid = newUuid()
    expect(roomId(uuid)).toBe(uuid)
    for (const wrong of ['', 'x', uuid.toUpperCase(), `${uuid}\n`, ` ${uuid}`, uuid.slice(1)]) {
      expect(() => turnId(wrong), JSON.stringify(wrong)).toThrow(TypeError)
    }
    expect(personaId('mira-2')).toBe('mira-2')
    for (const wrong of ['', 'Mira', '-mira', '../mira', 'mi ra', 'mira\n']) {
      expect(() => personaId(wrong), JSON.stringify(wrong)).toThrow(TypeError)
      expect(() => accountId(wrong)).toThrow(TypeError)
    }
    // The name of an account may hold that of a persona.
    expect(() => personaId('m'.repeat(64))).toThrow(TypeError)
    expect(accountId('m'.repeat(127))).toHaveLength(127)
    expect(() => accountId('m'.repeat(128))).toThrow(TypeError)
  })

  it('takes any external id of a sane length, and repeats none in its error', () => {
    expect(externalId('@ada:example.org')).toBe('@ada:example.org')
    expect(() => externalId('')).toThrow(TypeError)
    const long = 'planted'.repeat(200)
    let thrown: unknown
    try {
      externalId(long)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(TypeError)
    expect(inspect(thrown)).not.toContain('planted')
  })

  it('makes UUIDs of version 7 that begin with the time, also before 1970', () => {
    const many = Array.from({ length: 1_000 }, () => newUuid(1_700_000_000_000))
    expect(new Set(many).size).toBe(1_000)
    for (const uuid of many) {
      expect(uuid).toMatch(/^018bcfe5-6800-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    }
    expect(newUuid(-5)).toMatch(/^00000000-0000-7/)
  })
})

describe('HearthError', () => {
  it('says who failed, with a code, a mend and its cause', () => {
    const cause = new Error('socket')
    const error = modelError('No model.', {
      code: 'model-missing',
      mend: 'Pull one.',
      retryable: true,
      cause,
    })
    expect(error).toBeInstanceOf(HearthError)
    expect(error).toMatchObject({
      who: 'model',
      code: 'model-missing',
      mend: 'Pull one.',
      retryable: true,
      cause,
    })
    expect(modelError('No model.', { code: 'x' })).toMatchObject({ retryable: false, mend: undefined })
    expect('cause' in modelError('No model.', { code: 'x' })).toBe(false)
  })
  it('is told from a cancelled wait', () => {
    expect(isAbort(AbortSignal.abort().reason)).toBe(true)
    expect(isAbort(new Error('no'))).toBe(false)
    expect(isAbort('AbortError')).toBe(false)
  })
})

describe('LruMap', () => {
  it('drops what is to go, and has its room again', () => {
    const map = new LruMap<string, number>(6, (value) => value)
    for (const [key, value] of [
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ] as const)
      map.set(key, value)
    map.dropWhere((value) => value !== 2)
    map.set('d', 4)
    expect(['a', 'b', 'c', 'd'].map((key) => map.get(key))).toEqual([undefined, 2, undefined, 4])
  })

  it('forgets what was used longest ago', () => {
    const map = new LruMap<string, number>(2)
    map.set('a', 1)
    map.set('b', 2)
    expect(map.get('a')).toBe(1)
    map.set('c', 3)
    expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3])
    map.set('a', 4)
    map.set('d', 5)
    expect([map.get('a'), map.get('c'), map.get('d')]).toEqual([4, undefined, 5])
  })
})
