import { createSecretKey, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accountId, externalId, personaId } from '../../src/core/ids.ts'
import { blindLookup, type LookupSubject } from '../../src/vault/lookup.ts'

const key = createSecretKey(randomBytes(32))
const account = fc.constantFrom('a', 'b', 'home').map(accountId)
const external = fc.string({ minLength: 1, maxLength: 4 }).map(externalId)
const subject: fc.Arbitrary<LookupSubject> = fc.oneof(
  fc.record({ kind: fc.constant('account'), account }),
  fc.record({ kind: fc.constant('persona'), persona: fc.constantFrom('a', 'b', 'mira').map(personaId) }),
  fc.record({ kind: fc.constant('persona-version'), version: fc.constantFrom('a', 'b', 'mira') }),
  fc.record({
    kind: fc.constant('identity'),
    platform: fc.constantFrom('console', 'matrix', 'discord'),
    externalId: external,
  }),
  fc.record({ kind: fc.constant('room'), account, externalId: external }),
  fc.record({ kind: fc.constant('message'), account, room: external, externalId: external }),
  fc.record({ kind: fc.constant('collection'), account, collection: external }),
  fc.record({ kind: fc.constant('record'), account, collection: external, key: external }),
)

describe('a blind lookup', () => {
  it('is the same for the same subject and another for every other', () => {
    fc.assert(
      fc.property(subject, subject, (one, other) => {
        expect(blindLookup(key, one).equals(blindLookup(key, { ...one }))).toBe(true)
        const same =
          JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort())
        expect(blindLookup(key, one).equals(blindLookup(key, other))).toBe(same)
      }),
      { numRuns: 1000 },
    )
  })

  it('does not run two names together', () => {
    const message = (room: string, id: string): LookupSubject => ({
      kind: 'message',
      account: accountId('a'),
      room: externalId(room),
      externalId: externalId(id),
    })
    expect(blindLookup(key, message('ab', 'c'))).not.toEqual(blindLookup(key, message('a', 'bc')))
  })

  it('is another when any single part of the subject is another', () => {
    const [a, b] = [accountId('a'), accountId('b')]
    const [x, y] = [externalId('x'), externalId('y')]
    const subjects: readonly LookupSubject[] = [
      { kind: 'identity', platform: 'matrix', externalId: x },
      { kind: 'identity', platform: 'discord', externalId: x },
      { kind: 'identity', platform: 'matrix', externalId: y },
      { kind: 'room', account: a, externalId: x },
      { kind: 'room', account: b, externalId: x },
      { kind: 'room', account: a, externalId: y },
      { kind: 'message', account: a, room: x, externalId: x },
      { kind: 'message', account: b, room: x, externalId: x },
      { kind: 'message', account: a, room: y, externalId: x },
      { kind: 'message', account: a, room: x, externalId: y },
      { kind: 'collection', account: a, collection: 'x' },
      { kind: 'collection', account: b, collection: 'x' },
      { kind: 'collection', account: a, collection: 'y' },
      { kind: 'record', account: a, collection: 'x', key: 'x' },
      { kind: 'record', account: b, collection: 'x', key: 'x' },
      { kind: 'record', account: a, collection: 'y', key: 'x' },
      { kind: 'record', account: a, collection: 'x', key: 'y' },
      { kind: 'account', account: a },
      { kind: 'persona', persona: personaId('a') },
    ]
    const lookups = subjects.map((one) => blindLookup(key, one).toString('hex'))
    expect(new Set(lookups).size).toBe(subjects.length)
  })

  it('is 32 bytes, holds nothing of the name, and is another under another key', () => {
    const ada: LookupSubject = {
      kind: 'identity',
      platform: 'matrix',
      externalId: externalId('@ada:example.org'),
    }
    const bytes = blindLookup(key, ada)
    expect(bytes).toHaveLength(32)
    expect(bytes.includes('ada')).toBe(false)
    expect(bytes.equals(blindLookup(createSecretKey(randomBytes(32)), ada))).toBe(false)
  })
})
