import { setTimeout as sleep } from 'node:timers/promises'
import type { Persona } from '../core/persona.ts'
import type { DeliveryInProgress } from './delivery.ts'

/** A quick hand on a keyboard. */
const perCharacterMs = 100
const mostMs = 20_000

/** How long somebody types at it. */
export const typingMs = (characters: number): number => Math.min(characters * perCharacterMs, mostMs)

export const typesLikeSomebody = ({ manners }: Persona): boolean => manners.typing === 'human'

/** Nobody sees a reply grow that somebody types: it comes whole. */
export const unseen: Pick<DeliveryInProgress, 'begun' | 'grow'> = { begun: false, grow: () => undefined }

/** What has gone by since `startedMs` counts. Throws what the signal was aborted with. */
export async function typeOut(text: string, startedMs: number, signal: AbortSignal): Promise<void> {
  const leftMs = typingMs(Array.from(text).length) - (performance.now() - startedMs)
  if (leftMs <= 0) return
  await sleep(leftMs, undefined, { signal }).catch(() => signal.throwIfAborted())
}
