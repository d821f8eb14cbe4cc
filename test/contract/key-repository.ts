import { randomBytes, randomUUID } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { vaultError } from '../../src/core/errors.ts'
import type { DataKeyRow, KeyRepository, MasterRow, OwnerKind } from '../../src/vault/key-repository.ts'

/** A repository over an empty keyring; it may be the same database each time, emptied. */
export interface OpenKeyRepository extends AsyncDisposable {
  readonly repository: KeyRepository
}

const { signal } = new AbortController()

const newMaster = (): MasterRow => ({ id: randomBytes(8).toString('hex'), proof: randomBytes(35) })

const newRow = (
  master: MasterRow,
  id: string = randomUUID(),
  kind: OwnerKind = 'participant',
): DataKeyRow => ({
  id: randomUUID(),
  owner: { kind, id },
  masterId: master.id,
  wrapped: randomBytes(61),
})

/** Drivers give bytes as `Buffer` or as `Uint8Array`, and rows in any order. */
const plain = (rows: readonly DataKeyRow[]) =>
  rows
    .map((row) => ({ ...row, wrapped: Buffer.from(row.wrapped).toString('hex') }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))

const plainMaster = (row: MasterRow | undefined) =>
  row && { id: row.id, proof: Buffer.from(row.proof).toString('hex') }

const never = (): never => {
  throw new Error('nothing is there to be wrapped anew')
}

/** What every key repository must do. Runs over memory here and over real databases with the store's tests. */
export function describeKeyRepository(name: string, open: () => Promise<OpenKeyRepository>): void {
  describe(`the key repository over ${name}`, () => {
    let opened: OpenKeyRepository
    let repository: KeyRepository

    beforeEach(async () => {
      opened = await open()
      repository = opened.repository
    })
    afterEach(() => opened[Symbol.asyncDispose]())

    const setMaster = async (master: MasterRow = newMaster()): Promise<MasterRow> => {
      await repository.changeMaster(async () => ({ master, rewrap: never }), signal)
      return master
    }
    const currentMaster = async () => plainMaster((await repository.readState(signal)).master)
    const standing = async (rows: readonly DataKeyRow[]) =>
      plain(
        await repository.findByOwners(
          rows.map((row) => row.owner),
          signal,
        ),
      )

    it('begins without a master key and without content', async () => {
      expect(await repository.readState(signal)).toEqual({ master: undefined, holdsContent: false })
    })

    it('gives the first master row back byte for byte', async () => {
      const master = await setMaster()
      expect(await currentMaster()).toEqual(plainMaster(master))
    })

    it('shows the master row to the one who decides, and changes nothing when they decide so', async () => {
      const master = await setMaster()
      let seen: MasterRow | undefined
      await repository.changeMaster(async (current) => {
        seen = current
        return undefined
      }, signal)
      expect(plainMaster(seen)).toEqual(plainMaster(master))
      expect(await currentMaster()).toEqual(plainMaster(master))
    })

    it('puts a new master key in the place of the old one and wraps every data key anew', async () => {
      const before = await setMaster()
      const rows = Array.from({ length: 30 }, () => newRow(before))
      await repository.insertAbsent(rows, signal)
      const after = newMaster()
      const seen: DataKeyRow[] = []
      await repository.changeMaster(
        async () => ({
          master: after,
          rewrap(row) {
            seen.push(row)
            return Buffer.from(row.wrapped).reverse()
          },
        }),
        signal,
      )
      expect(plain(seen)).toEqual(plain(rows))
      expect(await currentMaster()).toEqual(plainMaster(after))
      expect(await standing(rows)).toEqual(
        plain(
          rows.map((row) => ({ ...row, masterId: after.id, wrapped: Buffer.from(row.wrapped).reverse() })),
        ),
      )
    })

    it('changes nothing when deciding fails, and throws the very same error', async () => {
      const master = await setMaster()
      const failure = vaultError('cannot decide', { code: 'master-key-rotated' })
      await expect(repository.changeMaster(() => Promise.reject(failure), signal)).rejects.toBe(failure)
      expect(await currentMaster()).toEqual(plainMaster(master))
    })

    it('changes nothing when one data key cannot be wrapped anew, and throws the very same error', async () => {
      const master = await setMaster()
      const rows = [newRow(master), newRow(master), newRow(master)]
      await repository.insertAbsent(rows, signal)
      const failure = vaultError('cannot wrap', { code: 'cannot-open' })
      let calls = 0
      const change = repository.changeMaster(
        async () => ({
          master: newMaster(),
          rewrap() {
            calls++
            if (calls === 3) throw failure
            return randomBytes(61)
          },
        }),
        signal,
      )
      await expect(change).rejects.toBe(failure)
      expect(await currentMaster()).toEqual(plainMaster(master))
      expect(await standing(rows)).toEqual(plain(rows))
    })

    it('lets one process after the other decide, also over an empty keyring', async () => {
      const first = newMaster()
      const secondCalled = Promise.withResolvers<void>()
      let seenBySecond: MasterRow | undefined
      const one = repository.changeMaster(async () => {
        await secondCalled.promise
        return { master: first, rewrap: never }
      }, signal)
      await setImmediate()
      const two = repository.changeMaster(async (current) => {
        seenBySecond = current
        return undefined
      }, signal)
      for (let i = 0; i < 20; i++) await setImmediate()
      secondCalled.resolve()
      await Promise.all([one, two])
      expect(plainMaster(seenBySecond)).toEqual(plainMaster(first))
    })

    it('inserts no key of the old master key while, or after, the master key changes', async () => {
      const before = await setMaster()
      const insertCalled = Promise.withResolvers<void>()
      const deciding = Promise.withResolvers<void>()
      const change = repository.changeMaster(async () => {
        deciding.resolve()
        await insertCalled.promise
        return { master: newMaster(), rewrap: (row) => row.wrapped }
      }, signal)
      await deciding.promise
      const row = newRow(before)
      const insert = repository.insertAbsent([row], signal)
      for (let i = 0; i < 20; i++) await setImmediate()
      insertCalled.resolve()
      await change
      expect(await insert).toEqual([])
      expect(await standing([row])).toEqual([])
      expect(await repository.insertAbsent([newRow(before)], signal)).toEqual([])
    })

    it('inserts no key where there is no master key', async () => {
      expect(await repository.insertAbsent([newRow(newMaster())], signal)).toEqual([])
    })

    it('keeps the first key of an owner and gives it to everybody who comes later', async () => {
      const master = await setMaster()
      const first = newRow(master)
      const later = newRow(master, first.owner.id)
      const other = newRow(master)
      expect(plain(await repository.insertAbsent([first], signal))).toEqual(plain([first]))
      expect(plain(await repository.insertAbsent([later, other], signal))).toEqual(plain([first, other]))
      expect(plain(await repository.insertAbsent([newRow(newMaster(), first.owner.id)], signal))).toEqual(
        plain([first]),
      )
      expect(await standing([first, other])).toEqual(plain([first, other]))
    })

    it('gives the same keys to all who make them for the same owners at once', async () => {
      const master = await setMaster()
      const owners = ['a', 'b', 'c', 'd'].map((letter) => `${letter}${randomUUID().slice(1)}`)
      const results = await Promise.all(
        Array.from({ length: 8 }, () =>
          repository.insertAbsent(
            owners.map((owner) => newRow(master, owner)),
            signal,
          ),
        ),
      )
      const winners = plain(results[0]!)
      expect(winners).toHaveLength(owners.length)
      for (const result of results) expect(plain(result)).toEqual(winners)
    })

    it('finds keys by owner and by id, and leaves out what it does not know', async () => {
      const master = await setMaster()
      const id = randomUUID()
      const rows = (['participant', 'room', 'installation', 'lookup'] as const).map((kind) =>
        newRow(master, id, kind),
      )
      await repository.insertAbsent(rows, signal)
      const [participant, room] = rows as [DataKeyRow, DataKeyRow]
      expect(
        plain(await repository.findByOwners([participant.owner, { kind: 'room', id: randomUUID() }], signal)),
      ).toEqual(plain([participant]))
      expect(plain(await repository.findByIds([room.id, randomUUID(), participant.id], signal))).toEqual(
        plain([participant, room]),
      )
      expect(await repository.findByIds([], signal)).toEqual([])
      expect(await repository.findByOwners([], signal)).toEqual([])
    })

    it('erases the key of one owner and of nobody else', async () => {
      const master = await setMaster()
      const id = randomUUID()
      const erased = newRow(master, id)
      const kept = newRow(master, id, 'room')
      await repository.insertAbsent([erased, kept], signal)
      await repository.destroy(erased.owner, signal)
      await repository.destroy({ kind: 'participant', id: randomUUID() }, signal)
      expect(await standing([erased, kept])).toEqual(plain([kept]))
      expect(await repository.findByIds([erased.id], signal)).toEqual([])
    })

    it('does nothing for a caller who has given up', async () => {
      const master = await setMaster()
      const row = newRow(master)
      const gone = AbortSignal.abort()
      await expect(repository.insertAbsent([row], gone)).rejects.toMatchObject({ name: 'AbortError' })
      await expect(
        repository.changeMaster(async () => ({ master: newMaster(), rewrap: never }), gone),
      ).rejects.toMatchObject({ name: 'AbortError' })
      expect(await standing([row])).toEqual([])
      expect(await currentMaster()).toEqual(plainMaster(master))
    })
  })
}
