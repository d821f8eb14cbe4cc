import { bytea, time } from './columns.ts'
import {
  and,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  isNull,
  pgTable,
  primaryKey,
  sql,
  text,
  unique,
  uniqueIndex,
  uuid,
} from './drizzle.ts'
import { facts } from './memory-schema.ts'
import { messages, ofRoom, participants, turns } from './schema.ts'

export const knocks = pgTable(
  'knocks',
  {
    ownerId: uuid('owner_id')
      .notNull()
      .references(() => participants.id),
    id: uuid('id').notNull(),
    roomId: uuid('room_id').notNull(),
    persona: bytea('persona').notNull(),
    number: integer('number').notNull(),
    kind: text('kind').$type<'errand' | 'follow-up' | 'morning'>().notNull(),
    content: bytea('content').notNull(),
    dueAt: time('due_at').notNull(),
    begunAt: time('begun_at'),
    turnId: uuid('turn_id'),
    messageId: uuid('message_id'),
    factId: uuid('fact_id'),
    cancelled: boolean('cancelled').notNull().default(false),
  },
  (table) => [
    primaryKey({ columns: [table.ownerId, table.id] }),
    ofRoom(table),
    foreignKey({
      columns: [table.ownerId, table.turnId],
      foreignColumns: [turns.ownerId, turns.id],
    }).onDelete('cascade'),
    foreignKey({
      columns: [table.ownerId, table.messageId],
      foreignColumns: [messages.ownerId, messages.id],
    }).onDelete('cascade'),
    foreignKey({
      columns: [table.ownerId, table.factId],
      foreignColumns: [facts.ownerId, facts.id],
    }).onDelete('cascade'),
    unique('knocks_number').on(table.ownerId, table.number),
    check('knocks_kind', sql`${table.kind} in ('errand', 'follow-up', 'morning')`),
    check('knocks_begun', sql`(${table.turnId} is null) = (${table.begunAt} is null)`),
    index('knocks_due').on(table.dueAt).where(sql`turn_id is null and not cancelled`),
    uniqueIndex('knocks_turn').on(table.ownerId, table.turnId).where(sql`turn_id is not null`),
    uniqueIndex('knocks_message').on(table.ownerId, table.messageId).where(sql`message_id is not null`),
    uniqueIndex('knocks_fact')
      .on(table.ownerId, table.roomId, table.persona, table.factId)
      .where(sql`fact_id is not null`),
    index('knocks_of_fact').on(table.ownerId, table.factId).where(sql`fact_id is not null`),
    uniqueIndex('knocks_one_morning')
      .on(table.ownerId, table.roomId, table.persona)
      .where(sql`kind = 'morning' and turn_id is null`),
    index('knocks_of_room').on(table.roomId, table.persona),
  ],
)

/** It is still to be said. */
export const waits = and(isNull(knocks.turnId), sql`not ${knocks.cancelled}`)
