import { bigint, customType, timestamp } from './drizzle.ts'

/** Sealed content or a blind lookup: the only form in which anything readable comes near the database. */
export const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => 'bytea',
  toDriver: (value) => Buffer.from(value.buffer, value.byteOffset, value.byteLength),
})

export const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' })
export const position = (name: string) => bigint(name, { mode: 'number' })
