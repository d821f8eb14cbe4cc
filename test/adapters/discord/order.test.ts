import { expect, it, vi } from 'vitest'
import { createLanes } from '../../../adapters/discord/lanes.ts'
import { createUses, type UsesOptions } from '../../../adapters/discord/uses.ts'
import { storeError } from '../../../src/core/errors.ts'
import type { InboundEvent } from '../../../src/core/events.ts'

const erase = { type: 1, name: 'erase', options: [{ type: 3, name: 'text', value: 'yes' }] }

const use = (name: string, options: readonly object[]) =>
  ({
    id: '1180000000000000000',
    type: 2,
    token: 'token',
    application_id: '1',
    channel: { id: '5', type: 1 },
    user: { id: '7', username: 'ada' },
    data: { type: 1, name, options },
  }) as unknown as Parameters<ReturnType<typeof createUses>['begin']>[0]

it('tells whoever asks that a command cannot be taken where too much waits', async () => {
  const told: string[] = []
  const life = new AbortController()
  const options = {
    lanes: { run: () => false },
    said: { isHeard: () => true },
    interactions: {
      acknowledge: async () => undefined,
      answer: async (_id: string, text: string) => void told.push(text),
    },
    isMeant: () => true,
  } as unknown as UsesOptions
  createUses(options, async () => undefined, life.signal).begin(use('privacy', [erase]))
  await vi.waitFor(() => expect(told).toEqual([expect.stringContaining('try again')]))
})

it('an erasure waits for what was said before it, however long that takes to be stored', async () => {
  const life = new AbortController()
  const lanes = createLanes(() => undefined, life.signal)
  const order: string[] = []
  const yes = () => true
  const nothing = async () => undefined
  const options = {
    lanes,
    places: { find: () => undefined },
    said: {
      inWords: (text: string) => text,
      isHeard: yes,
      mayTalk: async () => true,
      isNamed: yes,
      maySpeak: yes,
    },
    interactions: { acknowledge: nothing, acknowledgeOpenly: nothing, answer: nothing, finish: nothing },
    isMeant: yes,
    refusal: async () => '',
  } as unknown as UsesOptions
  const onEvent = async (event: InboundEvent) => {
    if (event.kind === 'command') order.push(`${event.name} ${event.text}`)
  }
  const uses = createUses(options, onEvent, life.signal)
  let away = true
  const store = async () => {
    const wasAway = away
    away = false
    if (wasAway) throw storeError('The database is away.', { code: 'database-away', retryable: true })
    order.push('my secret')
  }
  lanes.run('5', store, { content: 'my secret' })
  uses.begin(use('privacy', [erase]))
  await lanes.settled()
  expect(order).toEqual(['my secret', 'privacy erase yes'])
})
