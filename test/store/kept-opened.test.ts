import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore, type Store } from '../../src/store/store.ts'
import type { Vault } from '../../src/vault/vault.ts'
import { databases } from '../support/databases.ts'
import { type OpenedStore, openTestStore } from './harness.ts'
import { place } from './remembered-place.ts'

describe('what is kept opened', () => {
  let opened: OpenedStore
  let store: Store
  let openings = 0
  beforeAll(async () => {
    opened = await openTestStore(databases[1])
    const counting: Vault = {
      ...opened.vault,
      openTexts(texts, signal) {
        openings += texts.length
        return opened.vault.openTexts(texts, signal)
      },
    }
    store = await openStore(opened.database, counting)
  })
  afterAll(async () => {
    await store?.[Symbol.asyncDispose]()
    await opened?.[Symbol.asyncDispose]()
  })

  async function known() {
    const here = place({ ...opened, store })
    await here.say('I have a cat.', 'cat')
    const fact = await here.learn('Ada has a cat.')
    const turn = await here.claimTurn()
    const { person, room } = await here.find()
    const counted = async (read: () => Promise<unknown>) => {
      const before = openings
      await read()
      return openings - before
    }
    /** How much had to be opened: of the history, and of the facts. */
    const opens = async () => [
      await counted(() => store.history.read(turn)),
      await counted(() => store.facts.readPlaced([person])),
    ]
    await opens()
    return { fact, person, room, opens }
  }

  it('is let go of by its age, also where nobody asks for it', async () => {
    const { opens } = await known()
    expect(await opens()).toEqual([0, 0])
    store.sweep(performance.now() + 8 * 60_000)
    expect(await opens()).toEqual([0, 0])
    store.sweep(performance.now() + 9.5 * 60_000)
    expect(await opens()).toEqual([1, 1])
  })

  it('of somebody is let go of at once where they have anything forgotten, and of nobody else', async () => {
    const [one, other] = [await known(), await known()]
    const heard: string[] = []
    using _ = store.announcements.onForgotten((owners) => heard.push(...owners))
    const { person, room, fact } = one
    await store.own.propose(person, room, { facts: [fact.id], messages: [] })
    expect(await store.own.forgetProposed(person, room)).toBe(true)
    expect(await store.own.forgetProposed(person, room)).toBe(false)
    expect(heard).toEqual([person])
    expect(await one.opens()).toEqual([1, 0])
    expect(await other.opens()).toEqual([0, 0])
  })
})
