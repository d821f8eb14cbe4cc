import { bytea, position, time } from './columns.ts'
import { boolean, foreignKey, index, integer, pgTable, primaryKey, text, unique, uuid } from './drizzle.ts'
import { messages, ofRoom, participants } from './schema.ts'

/* What is made of what was said, and what people were asked about it. */

export const vectors = pgTable(
  'vectors',
  {
    ownerId: uuid('owner_id').notNull(),
    messageId: uuid('message_id').notNull(),
    roomId: uuid('room_id').notNull(),
    model: text('model').notNull(),
    dimensions: integer('dimensions').notNull(),
    content: bytea('content').notNull(),
    version: position('version').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.ownerId, table.messageId] }),
    foreignKey({
      columns: [table.ownerId, table.messageId],
      foreignColumns: [messages.ownerId, messages.id],
    }).onDelete('cascade'),
    index('vectors_version').on(table.roomId, table.version),
  ],
)

export const facts = pgTable(
  'facts',
  {
    ownerId: uuid('owner_id')
      .notNull()
      .references(() => participants.id),
    id: uuid('id').notNull(),
    number: integer('number').notNull(),
    content: bytea('content').notNull(),
    pinned: boolean('pinned').notNull().default(false),
    supersededBy: uuid('superseded_by'),
    toldTo: bytea('told_to'),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.ownerId, table.id] }),
    unique('facts_number').on(table.ownerId, table.number),
  ],
)

export const factSources = pgTable(
  'fact_sources',
  {
    ownerId: uuid('owner_id').notNull(),
    factId: uuid('fact_id').notNull(),
    messageOwnerId: uuid('message_owner_id').notNull(),
    messageId: uuid('message_id').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.ownerId, table.factId, table.messageOwnerId, table.messageId] }),
    foreignKey({
      columns: [table.ownerId, table.factId],
      foreignColumns: [facts.ownerId, facts.id],
    }).onDelete('cascade'),
    index('fact_sources_message').on(table.messageOwnerId, table.messageId),
  ],
)

export const recollections = pgTable(
  'recollections',
  {
    ownerId: uuid('owner_id').notNull(),
    replyId: uuid('reply_id').notNull(),
    sourceOwnerId: uuid('source_owner_id').notNull(),
    sourceId: uuid('source_id').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.ownerId, table.replyId, table.sourceOwnerId, table.sourceId] }),
    foreignKey({
      columns: [table.ownerId, table.replyId],
      foreignColumns: [messages.ownerId, messages.id],
    }).onDelete('cascade'),
    index('recollections_source').on(table.sourceOwnerId, table.sourceId),
  ],
)

export const episodes = pgTable(
  'episodes',
  {
    ownerId: uuid('owner_id').notNull(),
    id: uuid('id').notNull(),
    roomId: uuid('room_id').notNull(),
    fromPosition: position('from_position').notNull(),
    toPosition: position('to_position').notNull(),
    content: bytea('content').notNull(),
    begunAt: time('begun_at').notNull(),
    endedAt: time('ended_at').notNull(),
    passedOver: text('passed_over'),
  },
  (table) => [
    primaryKey({ columns: [table.ownerId, table.id] }),
    ofRoom(table),
    index('episodes_of_room').on(table.ownerId, table.roomId, table.fromPosition),
  ],
)

export const months = pgTable(
  'months',
  {
    ownerId: uuid('owner_id').notNull(),
    id: uuid('id').notNull(),
    roomId: uuid('room_id').notNull(),
    month: text('month').notNull(),
    madeOf: integer('made_of').notNull(),
    fromPosition: position('from_position').notNull(),
    toPosition: position('to_position').notNull(),
    content: bytea('content').notNull(),
    begunAt: time('begun_at').notNull(),
    endedAt: time('ended_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.ownerId, table.id] }),
    unique('months_of_room').on(table.ownerId, table.roomId, table.month),
    ofRoom(table),
  ],
)

export const summaries = pgTable(
  'summaries',
  {
    ownerId: uuid('owner_id').notNull(),
    roomId: uuid('room_id').notNull(),
    toPosition: position('to_position').notNull(),
    content: bytea('content').notNull(),
    persona: bytea('persona').notNull(),
  },
  (table) => [primaryKey({ columns: [table.ownerId, table.roomId, table.persona] }), ofRoom(table)],
)

/** What people say of themselves in one room. */
export const selfDescriptions = pgTable(
  'self_descriptions',
  {
    ownerId: uuid('owner_id')
      .notNull()
      .references(() => participants.id),
    roomId: uuid('room_id').notNull(),
    content: bytea('content').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.ownerId, table.roomId] }),
    index('self_descriptions_room').on(table.roomId),
  ],
)

export const proposals = pgTable(
  'proposals',
  {
    ownerId: uuid('owner_id')
      .notNull()
      .references(() => participants.id),
    roomId: uuid('room_id').notNull(),
    content: bytea('content').notNull(),
    expiresAt: time('expires_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.ownerId, table.roomId] })],
)
