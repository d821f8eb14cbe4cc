import { createRequire } from 'node:module'

/*
 * drizzle, by the CommonJS loader. Its package.json has 179 kB, and Node's ESM loader parses that anew
 * for each of its modules: importing it took 242 MB and 0.6 s, requiring it takes 26 MB and 0.2 s.
 */
const require = createRequire(import.meta.url)

export const {
  and,
  asc,
  desc,
  DrizzleQueryError,
  eq,
  fillPlaceholders,
  gte,
  inArray,
  is,
  isNotNull,
  isNull,
  lt,
  lte,
  ne,
  or,
  sql,
} = require('drizzle-orm') as typeof import('drizzle-orm')

export const {
  alias,
  bigint,
  boolean,
  check,
  customType,
  foreignKey,
  getTableConfig,
  index,
  integer,
  jsonb,
  PgDialect,
  pgSchema,
  PgTable,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} = require('drizzle-orm/pg-core') as typeof import('drizzle-orm/pg-core')

export const { drizzle: overPostgres } =
  require('drizzle-orm/node-postgres') as typeof import('drizzle-orm/node-postgres')

export const { drizzle: overPglite } = require('drizzle-orm/pglite') as typeof import('drizzle-orm/pglite')
