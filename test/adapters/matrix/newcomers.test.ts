import { describe, expect, test } from 'vitest'
import { newcomersAfter } from '../../../adapters/matrix/newcomers.ts'

let events = 0
const event = (type: string, user: string, content: object, more: object = {}) => ({
  type,
  event_id: `$${events++}`,
  sender: user,
  origin_server_ts: 1,
  content,
  ...more,
})
const said = () => event('m.room.message', '@ada:home', { msgtype: 'm.text', body: 'Hello.' })
const membership = (user: string, now: string, before?: string) =>
  event(
    'm.room.member',
    user,
    { membership: now },
    {
      state_key: user,
      unsigned: before === undefined ? {} : { prev_content: { membership: before } },
    },
  )

describe('who came only after something was said', () => {
  test('is whoever joined or was invited later, and nobody who was there before', () => {
    const after = newcomersAfter([
      said(),
      membership('@eve:home', 'invite'),
      said(),
      membership('@eve:home', 'join', 'invite'),
      membership('@ada:home', 'join', 'join'),
      membership('@bob:home', 'join', 'leave'),
      said(),
      membership('@bob:home', 'leave', 'join'),
    ])
    expect([0, 2, 6].map((index) => [...after(index)])).toEqual([
      ['@eve:home', '@bob:home'],
      ['@bob:home'],
      [],
    ])
  })
})
