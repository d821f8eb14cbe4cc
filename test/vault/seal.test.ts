import { createSecretKey, randomBytes, randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keyIdOf, type Place, seal, sealedOverheadBytes, unseal } from '../../src/vault/seal.ts'

const key = createSecretKey(randomBytes(32))
const keyId = randomUUID()
const place: Place = { table: 'messages', column: 'content', row: '1b4e28ba-2fa1-7d22-883f-0016d3cca427' }
const anyPlace = fc.record({ table: fc.string(), column: fc.string(), row: fc.string({ unit: 'binary' }) })
const cannotOpen = expect.objectContaining({ who: 'vault', code: 'cannot-open' })

const failureOf = (open: () => unknown): unknown => {
  try {
    return open()
  } catch (error) {
    return error
  }
}

describe('sealing', () => {
  it('gives every text back, with lone surrogates made whole', () => {
    fc.assert(
      fc.property(anyPlace, fc.string({ unit: 'binary' }), (where, text) => {
        expect(unseal(key, where, seal(key, keyId, where, text)).toString('utf8')).toBe(text.toWellFormed())
      }),
    )
  })

  it('gives lone surrogates back as replacement characters', () => {
    expect(unseal(key, place, seal(key, keyId, place, 'a\ud83d')).toString('utf8')).toBe('a\ufffd')
  })

  it('gives all bytes back, also from within a larger piece of memory', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        const sealed = seal(key, keyId, place, bytes)
        const shifted = new Uint8Array(sealed.length + 7)
        shifted.set(sealed, 5)
        const view = shifted.subarray(5, 5 + sealed.length)
        expect(new Uint8Array(unseal(key, place, view))).toEqual(bytes)
        expect(keyIdOf(view, place)).toBe(keyId)
      }),
    )
  })

  it('adds exactly 45 bytes and keeps neither the text nor the same bytes twice', () => {
    const text = 'the quick brown fox'
    const sealed = seal(key, keyId, place, text)
    expect(sealed).toHaveLength(text.length + 45)
    expect(sealedOverheadBytes).toBe(45)
    expect(sealed.includes('quick')).toBe(false)
    expect(seal(key, keyId, place, text).equals(sealed)).toBe(false)
  })

  it('refuses to seal under a key id that is no UUID', () => {
    expect(() => seal(key, 'not-a-uuid', place, 'x')).toThrow(TypeError)
  })
})

describe('opening', () => {
  it('fails for content that was moved to any other table, column or row', () => {
    fc.assert(
      fc.property(anyPlace, anyPlace, fc.constantFrom('table', 'column', 'row'), (from, other, part) => {
        const to = { ...from, [part]: other[part] }
        fc.pre(from[part].toWellFormed() !== to[part].toWellFormed())
        const sealed = seal(key, keyId, from, 'x')
        expect(failureOf(() => unseal(key, to, sealed))).toEqual(cannotOpen)
      }),
    )
  })

  it('does not take a place for another whose names only join to the same string', () => {
    const sealed = seal(key, keyId, { table: 'ab', column: 'c', row: '1' }, 'x')
    for (const other of [
      { table: 'a', column: 'bc', row: '1' },
      { table: 'ab', column: '', row: 'c1' },
      { table: 'abc', column: '', row: '1' },
    ]) {
      expect(failureOf(() => unseal(key, other, sealed))).toEqual(cannotOpen)
    }
  })

  it('does not take the bytes of a length for a part of a name', () => {
    const gap = '\0\0\0\0'
    const sealed = seal(key, keyId, { table: `a${gap}b`, column: 'c', row: '1' }, 'x')
    expect(failureOf(() => unseal(key, { table: 'a', column: `b${gap}c`, row: '1' }, sealed))).toEqual(
      cannotOpen,
    )
  })

  it('fails when any single bit of version, key id, nonce, ciphertext or tag is changed', () => {
    const sealed = seal(key, keyId, place, 'a few words')
    for (let at = 0; at < sealed.length * 8; at++) {
      const changed = Buffer.from(sealed)
      changed[at >> 3]! ^= 1 << (at & 7)
      expect(
        failureOf(() => unseal(key, place, changed)),
        `bit ${at}`,
      ).toEqual(cannotOpen)
    }
  })

  it('fails when bytes are cut from the end, cut from the beginning or added', () => {
    const sealed = seal(key, keyId, place, 'a few words')
    for (let length = 0; length < sealed.length; length++) {
      expect(failureOf(() => unseal(key, place, sealed.subarray(0, length)))).toEqual(cannotOpen)
      expect(failureOf(() => unseal(key, place, sealed.subarray(sealed.length - length)))).toEqual(cannotOpen)
    }
    expect(failureOf(() => unseal(key, place, Buffer.concat([sealed, Buffer.alloc(1)])))).toEqual(cannotOpen)
  })

  it('fails with the key of somebody else', () => {
    expect(
      failureOf(() => unseal(createSecretKey(randomBytes(32)), place, seal(key, keyId, place, 'x'))),
    ).toEqual(cannotOpen)
  })

  it('fails with an error that holds neither the content nor the row', () => {
    const sealed = seal(key, keyId, { ...place, row: 'row-of-ada' }, 'a secret')
    const error = failureOf(() => unseal(key, place, sealed)) as Error
    expect(`${error.message} ${JSON.stringify(error)} ${error.stack}`).not.toMatch(
      /secret|row-of-ada|1b4e28ba/,
    )
    expect(error.message).toContain('messages.content')
  })

  it('names no key for bytes that are too short or of another version', () => {
    const sealed = seal(key, keyId, place, '')
    expect(keyIdOf(sealed, place)).toBe(keyId)
    expect(failureOf(() => keyIdOf(sealed.subarray(1), place))).toEqual(cannotOpen)
    sealed[0] = 2
    expect(failureOf(() => keyIdOf(sealed, place))).toEqual(cannotOpen)
  })
})
