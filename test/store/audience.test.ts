import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountId, externalId, newUuid, type PersonaId, personaId, workerId } from '../../src/core/ids.ts'
import type { Doorway } from '../../src/core/store.ts'
import { sharedSpans } from '../../src/store/audience.ts'
import { databases } from '../support/databases.ts'
import { type OpenedStore, openTestStore, reply } from './harness.ts'

let names = 0

describe.each(databases)('what may be recalled, over $name', (kind) => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(kind)
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  const person = (name: string) => ({ externalId: externalId(`@${name}${names++}:home`), displayName: name })
  type Person = ReturnType<typeof person>

  /** A room with a persona that has answered there. `present`: undefined where the platform does not tell. */
  function place(kindOfRoom: 'direct' | 'group', persona: PersonaId = personaId('wren')) {
    const { inbox, queue, memories } = opened.store
    const doorway: Doorway = { account: accountId(`room${names++}`), platform: 'matrix', persona }
    const room = { externalId: externalId(`!room${names++}`), kind: kindOfRoom } as const
    const say = async (sender: Person, text: string, present?: readonly Person[]) =>
      await inbox.accept(
        doorway,
        {
          kind: 'message',
          room,
          sender,
          at: new Date(),
          externalId: externalId(`m${names++}`),
          text,
          ...(present !== undefined && { present: present.map((each) => each.externalId) }),
        },
        0,
      )
    return {
      async say(sender: Person, text: string, present?: readonly Person[]) {
        const { room: found } = await say(sender, text, present)
        const [turn] = await queue.claim(workerId(newUuid()), [doorway.account], [persona], 1, 60_000)
        await queue.answer(turn!, { ...reply(`Answer to ${text}`, 1) })
        await queue.close(turn!, 'replied')
        return found
      },
      /** Somebody says something, and all that the persona may call to mind then. */
      async heard(sender: Person, present?: readonly Person[]): Promise<readonly string[]> {
        const { room: found } = await say(sender, 'Now?', present)
        const texts: string[] = []
        for (const slice of await memories.readAudience(found, persona)) {
          const page = await memories.readMemories(slice, undefined)
          for (const { memory } of (await page?.open())?.memories ?? []) texts.push(memory.text)
        }
        return texts.filter((text) => !/^(Answer|Now)/.test(text)).sort()
      },
    }
  }

  it('in a direct room is that, and all other direct rooms of the two', async () => {
    const [ada, bob] = [person('ada'), person('bob')]
    const [one, two, others] = [place('direct'), place('direct'), place('direct')]
    const elsewhere = place('direct', personaId('mira'))
    await one.say(ada, 'a secret of ada')
    await elsewhere.say(ada, 'told to mira')
    await others.say(bob, 'a secret of bob')
    expect(await two.heard(ada)).toEqual(['a secret of ada'])
    expect(await others.heard(bob)).toEqual(['a secret of bob'])
    expect(await elsewhere.heard(ada)).toEqual(['told to mira'])
  })

  it('in a group is nothing that was said in a direct room', async () => {
    const [ada, bob] = [person('ada'), person('bob')]
    const [own, group] = [place('direct'), place('group')]
    await own.say(ada, 'a secret of ada')
    await group.say(ada, 'said to all', [ada, bob])
    expect(await group.heard(ada, [ada, bob])).toEqual(['said to all'])
    expect(await group.heard(ada, [ada])).toEqual(['said to all'])
  })

  it('of a group is told where all who are there were there then', async () => {
    const [ada, bob, eve] = [person('ada'), person('bob'), person('eve')]
    const [group, other, own, evesOwn] = [place('group'), place('group'), place('direct'), place('direct')]
    await group.say(ada, 'before eve', [ada, bob])
    await group.say(bob, 'with eve', [ada, bob, eve])
    expect(await own.heard(ada)).toEqual(['before eve', 'with eve'])
    expect(await evesOwn.heard(eve)).toEqual(['with eve'])
    expect(await group.heard(ada, [ada, bob, eve])).toEqual(['with eve'])
    expect(await other.heard(bob, [ada, bob])).toEqual(['before eve', 'with eve'])
    expect(await other.heard(bob, [ada, bob, eve])).toEqual(['with eve'])
    await group.say(ada, 'after eve', [ada, bob])
    expect(await group.heard(ada, [ada, bob])).toEqual(['after eve', 'before eve', 'with eve'])
    expect(await evesOwn.heard(eve)).toEqual(['with eve'])
    await group.say(eve, 'back again', [ada, bob, eve])
    expect(await evesOwn.heard(eve)).toEqual(['back again', 'with eve'])
  })

  it('of a group of which nobody knows who reads it is told there alone', async () => {
    const [ada, bob] = [person('ada'), person('bob')]
    const [group, own] = [place('group'), place('direct')]
    await group.say(ada, 'said to whom?')
    expect(await group.heard(bob)).toEqual(['said to whom?'])
    expect(await own.heard(ada)).toEqual([])
  })
})

describe('spans that people share', () => {
  it('are those in which all of them were there', () => {
    const everything = { from: 0, to: Number.MAX_SAFE_INTEGER }
    expect(sharedSpans([])).toEqual([everything])
    expect(
      sharedSpans([
        [
          { from: 1, to: 4 },
          { from: 8, to: 9 },
        ],
        [{ from: 3, to: 8 }],
      ]),
    ).toEqual([
      { from: 3, to: 4 },
      { from: 8, to: 8 },
    ])
    expect(sharedSpans([[{ from: 1, to: 4 }], []])).toEqual([])
  })
})
