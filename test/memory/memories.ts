import { messageId, newUuid, roomId } from '../../src/core/ids.ts'
import type { Memory } from '../../src/core/recall.ts'

export const hearthRoom = roomId('018f4f1e-0000-7000-8000-000000000001')

/** Something that Ada said; each a minute after the one before. */
export function memoryOf(position: number, text: string, more: Partial<Memory> = {}): Memory {
  return {
    id: messageId(newUuid()),
    room: hearthRoom,
    anchor: position,
    position,
    speaker: 'Ada',
    text,
    version: 0,
    saidAtMs: Date.UTC(2024, 4, 18) + position * 60_000,
    ...more,
  }
}
