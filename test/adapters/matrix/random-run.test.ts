import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { hasSynapse } from '../../support/matrix/house.ts'
import { type Operation, placeNames } from './random/operations.ts'
import { type Due, foresee } from './random/oracle.ts'
import { plan, roomsFor } from './random/plan.ts'
import { openWorld, type World, withoutOf } from './random/world.ts'

/** 200 over 40 places in the long form: HEARTH_OPERATIONS=200. HEARTH_SEED repeats what a run did. */
const long = process.env.HEARTH_OPERATIONS
const size = Number(long ?? 40)
// The short form is the same each time: what fails there has to do with the change that is being tested.
const seed = Number(process.env.HEARTH_SEED ?? (long === undefined ? 1 : Math.floor(Math.random() * 2 ** 31)))
vi.setConfig({ testTimeout: 180_000 + size * 3_000 })

/** In one room one after the other, in all rooms at once; what comes over the house comes in between. */
async function live(world: World, operations: readonly Operation[], dues: readonly Due[]): Promise<void> {
  const underWay = new Map<number, Promise<void>>()
  for (const [step, operation] of operations.entries()) {
    if ('afterMs' in operation) {
      await world.interrupt(operation)
      continue
    }
    await underWay.get(operation.room)
    const done = world.perform(operation, step, dues[step]!).catch(async (cause: unknown) => {
      const words = await world.lastWords()
      throw new Error(`in operation ${step}: ${JSON.stringify(operation)}\n${words}`, { cause })
    })
    done.catch(() => undefined)
    underWay.set(operation.room, done)
  }
  await Promise.all(underWay.values())
}

describe('the plan of a random run', () => {
  it('is the same for the same seed, and has operations of every kind', () => {
    expect(plan(7, 40)).toEqual(plan(7, 40))
    expect(plan(7, 40)).not.toEqual(plan(8, 40))
    expect(new Set(plan(7, 40).map(({ kind }) => kind)).size).toBe(9)
  })
})

describe.runIf(hasSynapse())('many rooms at once, in which anything happens', () => {
  it(`show the replies that are due, and the model what it may see (HEARTH_SEED=${seed} HEARTH_OPERATIONS=${size})`, async () => {
    const operations = plan(seed, size)
    const { dues, end } = foresee(operations)
    await using world = await openWorld()
    await live(world, operations, dues)
    // What would come twice needs a moment to come.
    await sleep(3_000)
    for (let room = 0; room < roomsFor(size); room++) {
      for (const place of placeNames) {
        expect(world.shown(room, place)).toEqual(end(room, place).map(withoutOf))
      }
    }
    for (const { step, lines } of world.asked)
      expect({ step, lines }).toEqual({ step, lines: dues[step]?.prompt })
    const answered = new Set(world.asked.map(({ step }) => step))
    expect(
      dues.flatMap(({ prompt }, step) => (prompt === undefined || answered.has(step) ? [] : [step])),
    ).toEqual([])
    expect(world).toMatchObject({ undecryptable: 0, inTheClear: 0 })
  })
})
