import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, vi } from 'vitest'
import { postgresDatabase } from '../../../support/databases.ts'
import { type HearthProcess, makeHome } from '../../../support/hearth-process.ts'
import { freshName, homeserver, makePerson } from '../../../support/matrix/house.ts'
import { type OllamaServer, startOllamaServer } from '../../../support/ollama-server.ts'
import {
  editedWords,
  type Interruption,
  isEncrypted,
  type Operation,
  type PlaceName,
  roomOf,
  wordsOf,
} from './operations.ts'
import { type Due, greetings, replyTo, type Shown } from './oracle.ts'

/** On two busy cores, with Hearth just killed. */
const patience = { timeout: 90_000, interval: 100 }
const atOnce = 8

/** What the model was shown, and for which operation. */
export interface Asked {
  readonly step: number
  readonly lines: readonly string[]
}

/** What goes wrong on the way of an operation is thrown by its method. */
export interface World extends AsyncDisposable {
  /** Done by the person; resolves when what is due of it is seen. */
  perform(operation: Exclude<Operation, Interruption>, step: number, due: Due): Promise<void>
  interrupt(interruption: Interruption): Promise<void>
  readonly asked: readonly Asked[]
  shown(room: number, place: PlaceName): readonly Omit<Shown, 'of'>[]
  /** Of all rooms that there ever were: what of the companion's cannot be read, or could be by anybody. */
  readonly undecryptable: number
  readonly inTheClear: number
}

interface Room {
  readonly id: string
  readonly encrypted: boolean
  root: string | undefined
  /** Events, by the operation that they are of. */
  readonly said: Map<number, string>
  readonly edits: Map<number, string>
  readonly replies: Map<number, string>
  /** By what they are put on and the emoji. */
  readonly reactions: Map<string, string>
}

export async function openWorld(): Promise<World> {
  await using resources = new AsyncDisposableStack()
  const asked: Asked[] = []
  /** Which operation is under way in each room. */
  const steps = new Map<number, number>()
  const script: OllamaServer['script'] = ({ messages = [] }) => {
    const lines = messages.flatMap(({ role, content }) => (role === 'system' ? [] : [`${role}: ${content}`]))
    const step = steps.get(roomOf(lines)) ?? Number.NaN
    asked.push({ step, lines })
    // Some answer before anything is shown, some are edited twice on their way.
    return { pieces: replyTo(lines, step).match(/\s*\S+/g) ?? [], paceMs: (step * 37) % 90 }
  }
  const database = resources.use(await postgresDatabase())
  const ollama = resources.use(await startOllamaServer({ script, record: false }))
  const ada = resources.use(await makePerson('ada'))
  const user = freshName('echo')
  const self = `@${user}:home.test`
  const { url, secret } = homeserver()
  const home = resources.use(await makeHome({ ...database.environment, HEARTH_MATRIX_SECRET: secret }))
  await writePersona(home.folder)
  await home.configure(
    `persona: echo\nops:\n  port: 0\nmodels:\n  hosts:\n    - url: ${ollama.url}\n      parallel: ${atOnce}\nturns:\n  settleMs: 100\n  leaseMs: 2000\nmatrix:\n  homeserver: ${url}\n  accounts:\n    - user: ${user}\n      persona: echo\n  allow: ['${ada.id}']\n`,
  )
  expect(await home.run(['matrix', 'register'])).toMatchObject({ code: 0 })
  let hearth: HearthProcess = home.start(['run'])
  const rooms = new Map<number, Room>()
  const all: Room[] = []

  const find = (number: number): Room => {
    const room = rooms.get(number)
    if (room === undefined) throw new Error(`there is no room ${number}`)
    return room
  }
  const event = (map: ReadonlyMap<number, string>, of: number): string => {
    const id = map.get(of)
    if (id === undefined) throw new Error(`nothing is known of ${of}`)
    return id
  }

  function seen({ id, root }: Room, place: PlaceName) {
    return ada.seen(id, self).filter(({ thread }) => thread === (place === 'main' ? undefined : root))
  }

  async function say(room: Room, place: PlaceName, text: string, step: number): Promise<void> {
    const thread = place === 'main' ? undefined : room.root
    const id = await ada.say(room.id, text, thread === undefined ? {} : { thread })
    room.said.set(step, id)
    room.root ??= id
  }

  const membership = ({ id }: Room) => ada.client.getRoom(id)?.getMember(self)?.membership

  async function join(number: number): Promise<void> {
    const encrypted = isEncrypted(number)
    const id = await ada.makeRoom([self], { encrypted })
    const room: Room = {
      id,
      encrypted,
      root: undefined,
      said: new Map(),
      edits: new Map(),
      replies: new Map(),
      reactions: new Map(),
    }
    rooms.set(number, room)
    all.push(room)
  }

  /** A room that nobody is in any more cannot be joined; one that somebody is in is closed to us. */
  async function leave(room: Room): Promise<void> {
    await ada.client.leave(room.id)
    await vi.waitFor(async () => {
      const refusal = await ada.client.joinRoom(room.id).catch((error: unknown) => error)
      expect(refusal).toMatchObject({ httpStatus: 404 })
    }, patience)
  }

  async function rejoin(room: Room, meanwhile: () => Promise<void>): Promise<void> {
    await ada.client.kick(room.id, self, 'for a moment')
    await meanwhile()
    await ada.client.invite(room.id, self)
    await vi.waitFor(() => expect(membership(room)).toBe('join'), patience)
  }

  /** A client puts an emoji on a message once; whoever means it again takes it off first. */
  async function react(room: Room, target: string, emoji: string): Promise<void> {
    const name = `${target} ${emoji}`
    const before = room.reactions.get(name)
    if (before !== undefined) await ada.redact(room.id, before)
    room.reactions.set(name, await ada.react(room.id, target, emoji))
  }

  async function act(operation: Exclude<Operation, Interruption>, step: number): Promise<void> {
    if (operation.kind === 'join') return await join(operation.room)
    const room = find(operation.room)
    switch (operation.kind) {
      case 'leave':
        return await leave(room)
      case 'rejoin':
        return await rejoin(room, async () => {
          if (operation.says) await say(room, operation.place, wordsOf(operation.room, step), step)
        })
      case 'say':
        return await say(room, operation.place, wordsOf(operation.room, step), step)
      case 'edit': {
        const text = editedWords(operation.room, operation.of, step)
        room.edits.set(operation.of, await ada.edit(room.id, event(room.said, operation.of), text))
        return
      }
      case 'redact': {
        const events = { message: room.said, edit: room.edits, reply: room.replies }[operation.what]
        return await ada.redact(room.id, event(events, operation.of))
      }
      case 'react':
        return await react(room, event(room.replies, operation.of), operation.emoji)
    }
  }

  /** Until what is due is seen, and each reply in the message in which it stood before. */
  async function settle(room: Room, place: PlaceName, { visible }: Due): Promise<void> {
    await vi.waitFor(() => expect(presentable(seen(room, place))).toEqual(visible.map(withoutOf)), patience)
    for (const [index, { id }] of seen(room, place).entries()) {
      const of = visible[index]?.of ?? -1
      expect(id).toBe(room.replies.get(of) ?? id)
      room.replies.set(of, id)
    }
  }

  const speaks = () => hearth.until(() => hearth.stdout.includes('speaks through'))
  const owned = resources.move()
  return {
    asked,
    async perform(operation, step, due) {
      steps.set(operation.room, step)
      await act(operation, step)
      if (operation.kind === 'leave') return
      await settle(find(operation.room), 'place' in operation ? operation.place : 'main', due)
    },
    async interrupt({ kind, afterMs }) {
      await sleep(afterMs)
      // Before that nobody listens to signals.
      if (kind === 'restart') await speaks()
      hearth.kill(kind === 'kill' ? 'SIGKILL' : 'SIGTERM')
      const { code } = await hearth.ended
      if (kind === 'restart') expect(code).toBe(0)
      hearth = home.start(['run'])
    },
    shown: (room, place) => presentable(seen(find(room), place)),
    get undecryptable() {
      return all.flatMap(({ id }) => ada.events(id)).filter((each) => each.isDecryptionFailure()).length
    },
    get inTheClear() {
      const sealed = all.filter(({ encrypted }) => encrypted).flatMap(({ id }) => ada.events(id))
      return sealed.filter(
        (each) => each.getSender() === self && each.getType() === 'm.room.message' && !each.isEncrypted(),
      ).length
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

const withoutOf = ({ kind, text }: Shown) => ({ kind, text })
const presentable = (events: readonly { readonly kind: string; readonly text: string }[]) =>
  events.map(({ kind, text }) => ({
    kind: kind === 'm.notice' ? ('notice' as const) : ('reply' as const),
    text,
  }))

async function writePersona(folder: string): Promise<void> {
  const own = path.join(folder, 'personas/echo')
  await mkdir(own)
  const lines = [
    'name: Echo',
    'description: You are Echo.',
    'greetings:',
    ...greetings.map((each) => `  - ${each}`),
  ]
  await writeFile(path.join(own, 'persona.yaml'), `${lines.join('\n')}\n`)
}
