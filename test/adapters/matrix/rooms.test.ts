import { describe, expect, it } from 'vitest'
import { createRooms } from '../../../adapters/matrix/rooms.ts'
import { accountId } from '../../../src/core/ids.ts'
import { memoryRecords } from '../../support/matrix/records.ts'

const room = '!room:home'
const signal = new AbortController().signal
const member = (user: string, membership: string) => ({
  type: 'm.room.member',
  state_key: user,
  content: { membership },
})
const history = (visibility: unknown) => ({
  type: 'm.room.history_visibility',
  state_key: '',
  content: { history_visibility: visibility },
})
const people = [
  member('@mira:home', 'join'),
  member('@ada:home', 'join'),
  member('@bea:home', 'invite'),
  member('@cem:home', 'leave'),
]

describe('who may read what is said in a room', () => {
  const open = (state: readonly unknown[]) => {
    const rooms = createRooms(
      accountId('mira'),
      (user) => ['@mira:home', '@pascoe:home'].includes(user),
      memoryRecords(),
      async () => ({
        status: 200,
        body: state,
      }),
    )
    return { rooms, readers: async () => (await rooms.find(room, signal)).readers() }
  }
  const joined = ['@mira:home', '@ada:home']
  const invited = [...joined, '@bea:home']

  it.each([
    [undefined, invited],
    ['shared', invited],
    ['world_readable', invited],
    ['invited', invited],
    ['joined', joined],
    [7, invited],
  ])('is by its history visibility %s', async (visibility, readers) => {
    const { readers: read } = open(visibility === undefined ? people : [...people, history(visibility)])
    expect(await read()).toEqual(readers)
  })

  it('the accounts of the house are those that have joined', async () => {
    const { rooms } = open([...people, member('@pascoe:home', 'invite')])
    expect((await rooms.find(room, signal)).personas()).toEqual(['@mira:home'])
  })

  it('is told to newcomers where they see what was said before, and can decrypt it', async () => {
    const encryption = { type: 'm.room.encryption', state_key: '', content: {} }
    const tells = async (...state: readonly unknown[]) =>
      (await open([...people, ...state]).rooms.find(room, signal)).readsBefore
    expect(await tells()).toBe(true)
    expect(await tells(history('world_readable'))).toBe(true)
    expect(await tells(history('invited'))).toBe(false)
    expect(await tells(history('joined'))).toBe(false)
    expect(await tells(encryption)).toBe(false)
  })

  it('changes with what a sync brings', async () => {
    const { rooms, readers } = open([...people, history('joined')])
    expect(await readers()).toEqual(joined)
    rooms.apply(room, { ...history('shared'), state_key: 'another' })
    expect(await readers()).toEqual(joined)
    rooms.apply(room, member('@bea:home', 'join'))
    expect(await readers()).toEqual(invited)
    rooms.apply(room, member('@ada:home', 'leave'))
    rooms.apply(room, member('@cem:home', 'invite'))
    expect(await readers()).toEqual(['@mira:home', '@bea:home'])
    rooms.apply(room, history('shared'))
    expect(await readers()).toEqual(['@mira:home', '@bea:home', '@cem:home'])
  })
})
