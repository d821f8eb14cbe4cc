import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AccountId, accountId } from '../../src/core/ids.ts'
import type { AccountRecordChange, AccountRecords } from '../../src/core/store.ts'

/** What every implementation of `AccountRecords` must do. */
export function describeAccountRecords(name: string, make: () => Promise<AccountRecords>): void {
  let accounts = 0
  const newAccount = (): AccountId => accountId(`account${accounts++}`)
  const bytes = (...values: number[]) => Uint8Array.from(values)
  const put = (key: string, value: Uint8Array | undefined, collection = 'c'): AccountRecordChange => ({
    collection,
    key,
    value,
  })

  describe(`account records: ${name}`, () => {
    it('gives back what was written, byte for byte', async () => {
      const records = await make()
      const account = newAccount()
      const everyByte = Uint8Array.from({ length: 256 }, (_, i) => i)
      await records.write(account, [put('', bytes()), put('ümlaut 日本 \u0000', everyByte)])
      expect(await records.read(account, 'c')).toEqual(
        new Map([
          ['', bytes()],
          ['ümlaut 日本 \u0000', everyByte],
        ]),
      )
    })

    it('replaces, removes, and takes the last of several changes to one key', async () => {
      const records = await make()
      const account = newAccount()
      await records.write(account, [put('a', bytes(1)), put('b', bytes(2)), put('c', bytes(3))])
      await records.write(account, [
        put('a', undefined),
        put('a', bytes(4)),
        put('b', bytes(5)),
        put('b', undefined),
        put('never there', undefined),
      ])
      expect(await records.read(account, 'c')).toEqual(
        new Map([
          ['a', bytes(4)],
          ['c', bytes(3)],
        ]),
      )
    })

    it('keeps accounts and collections apart', async () => {
      const records = await make()
      const [one, other] = [newAccount(), newAccount()]
      await records.write(one, [put('k', bytes(1), 'c'), put('k', bytes(2), 'd')])
      await records.write(other, [put('k', bytes(3), 'c')])
      expect(await records.read(one, 'c')).toEqual(new Map([['k', bytes(1)]]))
      expect(await records.read(one, 'd')).toEqual(new Map([['k', bytes(2)]]))
      expect(await records.read(other, 'c')).toEqual(new Map([['k', bytes(3)]]))
      expect(await records.read(other, 'd')).toEqual(new Map())
    })

    it('writes a long list all at once', async () => {
      const records = await make()
      const account = newAccount()
      const many = Array.from({ length: 9_001 }, (_, i) => put(`k${i}`, bytes(i % 256)))
      let written = false
      const writing = records.write(account, many).then(() => {
        written = true
      })
      const seen = new Set<number>()
      while (!written) seen.add((await records.read(account, 'c')).size)
      await writing
      seen.add((await records.read(account, 'c')).size)
      expect([...seen].toSorted()).toEqual([0, 9_001])
    })

    it('is a map, whatever is written in whatever order', async () => {
      const records = await make()
      const change = fc.record({
        collection: fc.constantFrom('x', 'y'),
        key: fc.constantFrom('a', 'b', 'ab', ''),
        value: fc.option(fc.uint8Array({ maxLength: 4 }), { nil: undefined }),
      })
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(change, { maxLength: 6 }), { maxLength: 4 }), async (writes) => {
          const account = newAccount()
          const model = { x: new Map<string, Uint8Array>(), y: new Map<string, Uint8Array>() }
          for (const changes of writes) {
            await records.write(account, changes)
            for (const { collection, key, value } of changes) {
              const map = model[collection as 'x' | 'y']
              if (value === undefined) map.delete(key)
              else map.set(key, Uint8Array.from(value))
            }
          }
          for (const collection of ['x', 'y'] as const) {
            expect(await records.read(account, collection)).toEqual(model[collection])
          }
        }),
        { numRuns: 40 },
      )
    })
  })
}
