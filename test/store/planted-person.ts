import { expect } from 'vitest'
import type { RoomKey } from '../../src/core/conversation.ts'
import type { RoomReference, SenderReference } from '../../src/core/events.ts'
import { externalId, factId, messageId, newUuid, type ParticipantId, workerId } from '../../src/core/ids.ts'
import type { KnockKind } from '../../src/core/knock.ts'
import type { KeptData } from '../../src/core/people.ts'
import type { Doorway } from '../../src/core/store.ts'
import { sql } from '../../src/store/drizzle.ts'
import type { KeyOwner } from '../../src/vault/vault.ts'
import { type OpenedStore, query, reply, scene } from './harness.ts'

/**
 * Where rows of a person stand, in every table. A table that is missing here is one of which nobody has decided
 * what becomes of it when a person is erased, and what they are given of it.
 */
export const rowsOf = (person: string, lookups: readonly Uint8Array[]) => {
  const theirs = sql`participant_id = ${person} or owner_id = ${person}`
  const ofTheirs = sql`(owner_id, message_id) in (select owner_id, id from messages where ${theirs})`
  const owned = sql`owner_id = ${person}`
  const member = sql`member in (select lookup from identities where participant_id = ${person})`
  return {
    'keyring.data_keys': sql`owner_kind = 'participant' and owner_id = ${person}`,
    'public.participants': sql`id = ${person}`,
    'public.identities': sql`participant_id = ${person}`,
    'public.rooms': owned,
    'public.room_members': member,
    'public.former_rooms': owned,
    'public.persona_rooms': owned,
    'public.turns': owned,
    'public.messages': theirs,
    'public.attachments': ofTheirs,
    'public.vectors': ofTheirs,
    'public.commands': owned,
    'public.deliveries': owned,
    'public.facts': owned,
    'public.fact_sources': owned,
    'public.recollections': sql`owner_id = ${person} or source_owner_id = ${person}`,
    'public.episodes': owned,
    'public.months': owned,
    'public.summaries': owned,
    'public.proposals': owned,
    'public.self_descriptions': owned,
    'public.knocks': owned,
    'public.account_records': sql`lookup = any(${sql.param(lookups)}::bytea[])`,
  } as const
}

/**
 * What a person is given of each table when they ask for all that is kept of them; a sentence where it is nothing,
 * that says why.
 */
export const givenOf: Readonly<
  Record<keyof ReturnType<typeof rowsOf>, string | ((data: KeptData) => readonly unknown[])>
> = {
  'keyring.data_keys': 'the key itself opens nothing that they are not given',
  'public.participants': ({ since }) => [since],
  'public.identities': ({ identities }) => identities,
  'public.rooms': ({ rooms }) => rooms.map(({ externalId }) => externalId),
  'public.room_members': ({ rooms }) => rooms.flatMap(({ present }) => present),
  'public.former_rooms': ({ rooms }) => rooms.filter(({ formerNames }) => formerNames > 0),
  'public.persona_rooms': ({ rooms }) => rooms.flatMap(({ personas }) => personas),
  'public.turns': ({ rooms }) => rooms.flatMap(({ turns }) => turns),
  'public.messages': ({ rooms }) => rooms.flatMap(({ messages }) => messages),
  'public.attachments': ({ media }) => media,
  'public.vectors': ({ rooms }) => rooms.flatMap(({ messages }) => messages.filter(({ vector }) => vector)),
  'public.commands': ({ rooms }) => rooms.flatMap(({ commands }) => commands),
  'public.deliveries': ({ rooms }) => rooms.flatMap(({ turns }) => turns.flatMap(({ shownAs }) => shownAs)),
  'public.facts': ({ facts }) => facts,
  'public.fact_sources': ({ facts }) => facts.flatMap(({ sources }) => sources),
  'public.recollections': 'what a reply was made with is given with the reply',
  'public.episodes': ({ rooms }) => rooms.flatMap(({ episodes }) => episodes),
  'public.months': ({ rooms }) => rooms.flatMap(({ months }) => months),
  'public.summaries': ({ rooms }) => rooms.flatMap(({ summaries }) => summaries),
  'public.proposals': ({ asked }) => asked,
  'public.self_descriptions': ({ selves }) => selves,
  'public.knocks': ({ rooms }) => rooms.flatMap(({ knocks }) => knocks),
  'public.account_records': ({ letIn }) => letIn,
}

/** In which nothing is of anybody. */
export const nobodys = ['keyring.master_keys', 'public.hearth_migrations']

/** Everything that can be kept of somebody: in a room of their own, and in a group with somebody else. */
export async function plant(opened: OpenedStore, sender: SenderReference, other: SenderReference) {
  const { store, database } = opened
  const { own, queue, deliveries, inbox } = store
  const alone = scene(opened)
  const group = scene(opened, 'group')
  const ofAlone = { sender, room: alone.room }

  const picture = Buffer.from('GIF89a of a cat')
  const attachments = [{ kind: 'image' as const, mediaType: 'image/gif', bytes: picture }]
  await inbox.accept(alone.doorway, { ...alone.message('This is my cat Mirzl.', ofAlone), attachments }, 0)
  const turn = await alone.claim()
  await queue.show(turn)
  await queue.answer(turn, reply('Mirzl is a fine name.'))
  await deliveries.confirm(turn, 0, externalId(`reply of ${alone.doorway.account}`))
  await queue.close(turn, 'replied')
  await alone.command('retry', { id: `again ${alone.doorway.account}`, sender })
  const swipe = await alone.claim()
  await queue.answer(swipe, reply('What does Mirzl eat?', 1))
  await queue.close(swipe, 'replied')
  // The room goes on under another name.
  const next = { ...alone.room, externalId: externalId(`${alone.room.externalId} next`) }
  const moved = { ...next, replaces: alone.room.externalId }
  await inbox.accept(alone.doorway, alone.message('She eats mice.', { sender, room: moved }), 0)
  await alone.answer('Mirzl eats mice.')

  const present = [sender.externalId, other.externalId]
  const inGroup = (text: string, who: SenderReference) =>
    inbox.accept(group.doorway, { ...group.message(text, { sender: who }), present }, 0)
  await inGroup('My cat is called Mirzl.', sender)
  await group.answer('Hello, Mirzl.')
  await inGroup('Mine is called Fritz.', other)
  await group.answer('Hello, Fritz.')

  const found = await own.find(alone.doorway, { sender, room: next })
  const place = await own.find(group.doorway, { sender, room: group.room })
  expect(found && place).toBeDefined()
  const { person, room } = found!
  for (const here of [alone, group])
    await store.selves.write(here.doorway, { sender, room: here.room }, 'Keeper of Mirzl.')
  await plantKnocks(opened, alone.doorway, { sender, room: next }, person)
  await own.propose(person, room, { facts: [factId(newUuid())], messages: [] })
  await derive(opened, person, room)
  await derive(opened, person, place!.room)
  await store.records.write(alone.doorway.account, [
    { collection: 'approved', key: sender.externalId, value: Buffer.from('now') },
  ])
  const record = { account: alone.doorway.account, collection: 'approved', key: sender.externalId }
  return {
    alone: { ...alone, room: next },
    group,
    person,
    groupRoom: place!.room,
    records: [record],
    lookups: [opened.vault.lookup({ kind: 'record', ...record })],
    identity: opened.vault.lookup({ kind: 'identity', platform: 'matrix', externalId: sender.externalId }),
    count: async (table: string, where: ReturnType<typeof sql>) =>
      Number(
        (await query(database, sql`select count(*)::int as n from ${sql.raw(table)} where ${where}`))[0]?.n,
      ),
  }
}

/** One that waits of each kind: of a message of theirs, of a fact, of neither; and what they have set for all. */
async function plantKnocks(
  { store, database }: OpenedStore,
  doorway: Doorway,
  where: { readonly sender: SenderReference; readonly room: RoomReference },
  person: ParticipantId,
): Promise<void> {
  const { book } = store
  const found = await book.find(doorway, where)
  await book.setOn(found, true)
  await book.setTerms(found, { zone: 'Europe/Vienna', hours: '09:00-21:00', most: 2 })
  const number = await store.own.add(person, fact('I have an exam tomorrow'), [])
  const facts = await store.own.readFacts(person)
  const [said] = await query(
    database,
    sql`select id from messages where owner_id = ${person} and participant_id = ${person} limit 1`,
  )
  const at = new Date(Date.now() + 60 * 60_000)
  const knock = (kind: KnockKind, text: string) =>
    ({ kind, dueAt: at, content: { text, at, language: 'en' } }) as const
  const cancelled = await book.add(found, {
    ...knock('errand', 'feed Mirzl'),
    message: messageId(String(said?.id)),
  })
  await book.cancel(found, [Number(cancelled)])
  const exam = facts.find((each) => each.number === number)?.id
  await book.add(found, { ...knock('follow-up', 'an exam tomorrow'), fact: exam })
  await book.add(found, knock('morning', '07:30'))
  // One has been said.
  await book.add(found, { ...knock('errand', 'water the plants'), dueAt: new Date(0) })
  const [due] = await store.knocks.due([doorway.account], [doorway.persona], new Date(1), 1)
  const day = { from: new Date(0), to: new Date(2) }
  expect(due && (await store.knocks.begin(due, new Date(1), day))).toBe('begun')
  const [turn] = await store.queue.claim(workerId(newUuid()), [doorway.account], [doorway.persona], 1, 60_000)
  if (turn !== undefined) await store.queue.close(turn, 'stopped')
}

/** A fact of each of their messages, a vector of each message, an episode, a month and a summary of the room. */
async function derive(opened: OpenedStore, person: ParticipantId, room: RoomKey): Promise<void> {
  const { database, store, vault } = opened
  const keyOwner: KeyOwner =
    room.kind === 'group' ? { kind: 'room', id: room.id } : { kind: 'participant', id: person }
  using sealer = await vault.prepare([keyOwner], new AbortController().signal)
  const seal = (table: string, row: string, text: string) =>
    sealer.seal(keyOwner, { table, column: 'content', row }, text)
  const change = (statement: ReturnType<typeof sql>) => database.drizzle.execute(statement)
  const theirs = await query(
    database,
    sql`select id, participant_id from messages where owner_id = ${room.owner} and room_id = ${room.id} and content is not null`,
  )
  for (const { id, participant_id: author } of theirs) {
    await change(sql`insert into vectors (owner_id, message_id, room_id, model, dimensions, content, version)
      values (${room.owner}, ${id}, ${room.id}, 'letters', 1, '\\x00', 0)`)
    if (author !== person) continue
    const number = await store.own.add(person, fact('I have a cat called Mirzl'), [])
    await change(sql`insert into fact_sources (owner_id, fact_id, message_owner_id, message_id)
      select owner_id, id, ${room.owner}, ${id} from facts where owner_id = ${person} and number = ${number}`)
  }
  await change(sql`insert into recollections (owner_id, reply_id, source_owner_id, source_id)
    select owner_id, id, owner_id, id from messages
    where owner_id = ${room.owner} and room_id = ${room.id} and author = 'persona' and content is not null`)
  const episode = newUuid()
  const summary = { text: 'Eve has a cat.', account: 'Long ago.', accountTo: 0 }
  await change(sql`insert into episodes (owner_id, id, room_id, from_position, to_position, content, begun_at, ended_at)
    values (${room.owner}, ${episode}, ${room.id}, 1, 1, ${seal('episodes', episode, 'They spoke of Mirzl.')}, now(), now())`)
  const month = newUuid()
  await change(sql`insert into months (owner_id, id, room_id, month, made_of, from_position, to_position, content, begun_at, ended_at)
    values (${room.owner}, ${month}, ${room.id}, '2026-03', 3, 1, 1, ${seal('months', month, 'They spoke of Mirzl.')}, now(), now())`)
  const persona = Buffer.from('some persona')
  const place = `${room.id} ${persona.toString('hex')}`
  await change(sql`insert into summaries (owner_id, room_id, persona, to_position, content)
    values (${room.owner}, ${room.id}, ${persona}, 1, ${seal('summaries', place, JSON.stringify(summary))})`)
}

const fact = (statement: string) => ({
  statement,
  about: { kind: 'speaker' } as const,
  kind: 'attribute' as const,
  quote: '',
  saidAt: new Date(),
  validFrom: undefined,
  validTo: undefined,
  importance: 2 as const,
  sensitivity: 'none' as const,
})

/** The tables that there are. */
export async function tablesOf({ database }: OpenedStore): Promise<readonly string[]> {
  const rows = await query(
    database,
    sql`select table_schema || '.' || table_name as name from information_schema.tables
      where table_schema in ('public', 'keyring') order by 1`,
  )
  return rows.map(({ name }) => String(name))
}

/** Their columns, as `[table, column]`. */
export async function columnsOf({ database }: OpenedStore): Promise<readonly (readonly [string, string])[]> {
  const rows = await query(
    database,
    sql`select table_schema || '.' || table_name as name, column_name as column from information_schema.columns
      where table_schema in ('public', 'keyring') order by 1, 2`,
  )
  return rows.map(({ name, column }) => [String(name), String(column)] as const)
}
