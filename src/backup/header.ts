import { createHash } from 'node:crypto'
import { z } from 'zod'
import { backupFault } from './errors.ts'

const headerSchema = z.object({
  /** Of the key: base64 of 16 random bytes. */
  salt: z.base64(),
  /** Of the key, to tell it from others: the beginning of its hash, in hex. */
  keyId: z.string(),
  madeAt: z.iso.datetime(),
  /** Which the database had had. */
  migrations: z.array(z.string()).min(1),
})

/** In the clear at the beginning of a backup; all that follows is bound to it. */
export type BackupHeader = z.infer<typeof headerSchema>

export function readHeader(header: unknown): BackupHeader {
  const read = headerSchema.safeParse(header)
  if (!read.success) throw backupFault('damaged')
  return read.data
}

export const keyIdOf = (key: Uint8Array): string =>
  createHash('sha256').update(key).digest('hex').slice(0, 16)
