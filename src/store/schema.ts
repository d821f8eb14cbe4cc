import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import { bytea, position, time } from './columns.ts'
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgSchema,
  pgTable,
  primaryKey,
  sql,
  text,
  unique,
  uniqueIndex,
  uuid,
} from './drizzle.ts'

export const keyring = pgSchema('keyring')

export const masterKeys = keyring.table('master_keys', {
  id: text('id').primaryKey(),
  proof: bytea('proof').notNull(),
  createdAt: time('created_at').notNull().defaultNow(),
})

export const dataKeys = keyring.table(
  'data_keys',
  {
    id: uuid('id').primaryKey(),
    ownerKind: text('owner_kind').notNull(),
    ownerId: text('owner_id').notNull(),
    masterId: text('master_id')
      .notNull()
      .references(() => masterKeys.id),
    wrapped: bytea('wrapped').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [unique('data_keys_owner').on(table.ownerKind, table.ownerId)],
)

export const participants = pgTable('participants', {
  id: uuid('id').primaryKey(),
  createdAt: time('created_at').notNull().defaultNow(),
  remembering: boolean('remembering').notNull().default(true),
  factsVersion: position('facts_version').notNull().default(0),
  lastFact: integer('last_fact').notNull().default(0),
  shared: boolean('shared').notNull().default(false),
  lastKnock: integer('last_knock').notNull().default(0),
  terms: bytea('terms'),
})

export const identities = pgTable(
  'identities',
  {
    participantId: uuid('participant_id')
      .notNull()
      .references(() => participants.id),
    id: uuid('id').notNull(),
    platform: text('platform').notNull(),
    lookup: bytea('lookup').notNull(),
    externalId: bytea('external_id').notNull(),
    displayName: bytea('display_name').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.participantId, table.id] }),
    unique('identities_lookup').on(table.lookup),
  ],
)

export const rooms = pgTable(
  'rooms',
  {
    ownerId: uuid('owner_id').notNull(),
    id: uuid('id').notNull(),
    kind: text('kind').$type<'direct' | 'group'>().notNull(),
    account: bytea('account').notNull(),
    lookup: bytea('lookup').notNull(),
    externalId: bytea('external_id').notNull(),
    lastPosition: position('last_position').notNull().default(0),
    amended: position('amended').notNull().default(0),
    recallVersion: position('recall_version').notNull().default(0),
    recallFloor: position('recall_floor').notNull().default(0),
    createdAt: time('created_at').notNull().defaultNow(),
    present: bytea('present'),
    namedBy: bytea('named_by'),
    readsBefore: boolean('reads_before').notNull().default(false),
    rememberAt: time('remember_at'),
    rememberLease: time('remember_lease'),
    rememberFailures: integer('remember_failures').notNull().default(0),
    rememberStumbles: integer('remember_stumbles').notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.ownerId, table.id] }),
    unique('rooms_lookup').on(table.lookup),
    index('rooms_remember').on(table.rememberAt).where(sql`remember_at is not null`),
    check('rooms_kind', sql`${table.kind} in ('direct', 'group')`),
  ],
)

/** What belongs to a room goes with it. */
export const ofRoom = (table: { readonly ownerId: AnyPgColumn; readonly roomId: AnyPgColumn }) =>
  foreignKey({
    columns: [table.ownerId, table.roomId],
    foreignColumns: [rooms.ownerId, rooms.id],
  }).onDelete('cascade')

export const roomMembers = pgTable(
  'room_members',
  {
    ownerId: uuid('owner_id').notNull(),
    roomId: uuid('room_id').notNull(),
    member: bytea('member').notNull(),
    fromPosition: position('from_position').notNull(),
    toPosition: position('to_position'),
  },
  (table) => [
    primaryKey({ columns: [table.ownerId, table.roomId, table.member, table.fromPosition] }),
    ofRoom(table),
    index('room_members_member').on(table.member),
  ],
)

export const formerRooms = pgTable(
  'former_rooms',
  {
    ownerId: uuid('owner_id').notNull(),
    lookup: bytea('lookup').notNull(),
    roomId: uuid('room_id').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.ownerId, table.lookup] }),
    ofRoom(table),
    unique('former_rooms_lookup').on(table.lookup),
  ],
)

export const personaRooms = pgTable(
  'persona_rooms',
  {
    ownerId: uuid('owner_id').notNull(),
    roomId: uuid('room_id').notNull(),
    persona: bytea('persona').notNull(),
    historyFrom: position('history_from').notNull().default(0),
    quiet: boolean('quiet').notNull().default(false),
    manners: jsonb('manners').$type<Readonly<Record<string, string>>>().notNull().default({}),
    departed: boolean('departed').notNull().default(false),
    account: bytea('account'),
    unprompted: boolean('unprompted').notNull().default(false),
  },
  (table) => [primaryKey({ columns: [table.ownerId, table.roomId, table.persona] }), ofRoom(table)],
)

export const turns = pgTable(
  'turns',
  {
    ownerId: uuid('owner_id').notNull(),
    id: uuid('id').notNull(),
    roomId: uuid('room_id').notNull(),
    account: bytea('account').notNull(),
    persona: bytea('persona').notNull(),
    kind: text('kind').$type<'reply' | 'greeting' | 'unprompted'>().notNull(),
    state: text('state').$type<'pending' | 'running' | 'answered' | 'closed'>().notNull(),
    revision: integer('revision').notNull().default(0),
    swipe: integer('swipe').notNull().default(0),
    attempt: integer('attempt').notNull().default(0),
    failures: integer('failures').notNull().default(0),
    stopRequested: boolean('stop_requested').notNull().default(false),
    since: position('since').notNull(),
    until: position('until').notNull(),
    dueAt: time('due_at').notNull(),
    shownAt: time('shown_at'),
    worker: uuid('worker'),
    leaseUntil: time('lease_until'),
    outcome: text('outcome').$type<'replied' | 'refused' | 'stopped' | 'failed' | 'withdrawn'>(),
    promptTokens: integer('prompt_tokens'),
    replyTokens: integer('reply_tokens'),
    createdAt: time('created_at').notNull().defaultNow(),
    closedAt: time('closed_at'),
  },
  (table) => [
    primaryKey({ columns: [table.ownerId, table.id] }),
    ofRoom(table),
    check('turns_kind', sql`${table.kind} in ('reply', 'greeting', 'unprompted')`),
    check('turns_state', sql`${table.state} in ('pending', 'running', 'answered', 'closed')`),
    check('turns_outcome', sql`(${table.state} = 'closed') = (${table.outcome} is not null)`),
    uniqueIndex('turns_one_pending')
      .on(table.ownerId, table.roomId, table.persona)
      .where(sql`state = 'pending' and swipe = 0 and kind <> 'unprompted'`),
    uniqueIndex('turns_one_running')
      .on(table.ownerId, table.roomId, table.persona)
      .where(sql`state = 'running'`),
    index('turns_due').on(table.dueAt).where(sql`state = 'pending'`),
    index('turns_leased').on(table.leaseUntil).where(sql`state in ('running', 'answered')`),
    index('turns_open').on(table.roomId, table.persona).where(sql`state <> 'closed'`),
    index('turns_of_room').on(table.roomId, table.until),
  ],
)

export const messages = pgTable(
  'messages',
  {
    ownerId: uuid('owner_id').notNull(),
    id: uuid('id').notNull(),
    roomId: uuid('room_id').notNull(),
    position: position('position').notNull(),
    anchor: position('anchor').notNull(),
    author: text('author').$type<'participant' | 'persona'>().notNull(),
    participantId: uuid('participant_id').references(() => participants.id),
    persona: bytea('persona'),
    turnId: uuid('turn_id'),
    swipe: integer('swipe'),
    chosen: boolean('chosen').notNull().default(true),
    lookup: bytea('lookup'),
    content: bytea('content'),
    saidAt: time('said_at').notNull(),
    receivedAt: time('received_at').notNull().defaultNow(),
    editedAt: time('edited_at'),
    redactedAt: time('redacted_at'),
    addressed: boolean('addressed').notNull().default(true),
    editLookup: bytea('edit_lookup'),
    externalId: bytea('external_id'),
    remember: boolean('remember').notNull().default(false),
    recalled: bytea('recalled'),
    personaVersion: bytea('persona_version'),
    made: bytea('made'),
    passing: boolean('passing').notNull().default(false),
    passedOver: text('passed_over'),
    recallVersion: position('recall_version').notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.ownerId, table.id] }),
    index('messages_of_participant').on(table.participantId, table.id).where(sql`participant_id is not null`),
    index('messages_position').on(table.roomId, table.position),
    index('messages_recall_version').on(table.roomId, table.recallVersion).where(sql`recall_version > 0`),
    index('messages_remember').on(table.ownerId, table.roomId, table.position).where(sql`remember`),
    ofRoom(table),
    foreignKey({
      columns: [table.ownerId, table.turnId],
      foreignColumns: [turns.ownerId, turns.id],
    }).onDelete('cascade'),
    unique('messages_lookup').on(table.ownerId, table.lookup),
    check('messages_author', sql`${table.author} in ('participant', 'persona')`),
    check('messages_tombstone', sql`(${table.content} is null) = (${table.redactedAt} is not null)`),
    check(
      'messages_reply',
      sql`(${table.author} = 'persona') = (${table.turnId} is not null and ${table.swipe} is not null and ${table.persona} is not null)`,
    ),
    index('messages_in_order')
      .on(table.ownerId, table.roomId, table.anchor, table.position)
      .where(sql`chosen and content is not null`),
    uniqueIndex('messages_one_chosen')
      .on(table.ownerId, table.turnId)
      .where(sql`author = 'persona' and chosen`),
    uniqueIndex('messages_swipes')
      .on(table.ownerId, table.turnId, table.swipe)
      .where(sql`turn_id is not null`),
    index('messages_earlier_replies')
      .on(table.ownerId, table.id)
      .where(sql`recalled is not null and made is null`),
    index('messages_edit').on(table.ownerId, table.editLookup).where(sql`edit_lookup is not null`),
  ],
)

export const attachments = pgTable(
  'attachments',
  {
    ownerId: uuid('owner_id').notNull(),
    messageId: uuid('message_id').notNull(),
    number: integer('number').notNull(),
    kind: text('kind').$type<'image' | 'voice'>().notNull(),
    content: bytea('content').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.ownerId, table.messageId, table.number] }),
    foreignKey({
      columns: [table.ownerId, table.messageId],
      foreignColumns: [messages.ownerId, messages.id],
    }).onDelete('cascade'),
    check('attachments_kind', sql`${table.kind} in ('image', 'voice')`),
  ],
)

export const commands = pgTable(
  'commands',
  {
    ownerId: uuid('owner_id').notNull(),
    lookup: bytea('lookup').notNull(),
    roomId: uuid('room_id').notNull(),
    /** A `CommandOutcome`; of a command that changes memories what was told of it, in words that repeat nobody's. */
    outcome: text('outcome').notNull(),
  },
  (table) => [primaryKey({ columns: [table.ownerId, table.lookup] }), ofRoom(table)],
)

export const deliveries = pgTable(
  'deliveries',
  {
    ownerId: uuid('owner_id').notNull(),
    turnId: uuid('turn_id').notNull(),
    slot: integer('slot').notNull(),
    swipe: integer('swipe').notNull(),
    firstTriedAt: time('first_tried_at').notNull().defaultNow(),
    lookup: bytea('lookup'),
    externalId: bytea('external_id'),
    removedAt: time('removed_at'),
    revision: integer('revision').notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.ownerId, table.turnId, table.slot] }),
    foreignKey({
      columns: [table.ownerId, table.turnId],
      foreignColumns: [turns.ownerId, turns.id],
    }).onDelete('cascade'),
    index('deliveries_lookup').on(table.ownerId, table.lookup),
  ],
)

export const accountRecords = pgTable(
  'account_records',
  {
    account: bytea('account').notNull(),
    collection: bytea('collection').notNull(),
    lookup: bytea('lookup').notNull(),
    record: bytea('record').notNull(),
  },
  (table) => [primaryKey({ columns: [table.account, table.collection, table.lookup] })],
)
