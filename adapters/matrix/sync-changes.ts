import { isId } from './address.ts'
import { recordOf } from './crypto/homeserver.ts'
import type { SyncChanges } from './crypto/protocol.ts'
import { eventsIn } from './rooms.ts'

/** The part of a sync that concerns encryption. */
export function syncChanges(sync: Readonly<Record<string, unknown>>): SyncChanges {
  const { changed, left } = recordOf(sync.device_lists)
  const fallback = sync.device_unused_fallback_key_types
  const counts = Object.entries(recordOf(sync.device_one_time_keys_count))
  return {
    toDevice: eventsIn(sync.to_device),
    changedUsers: idsIn(changed),
    leftUsers: idsIn(left),
    oneTimeKeys: Object.fromEntries(
      counts.filter((each): each is [string, number] => typeof each[1] === 'number'),
    ),
    unusedFallbackKeys: Array.isArray(fallback)
      ? fallback.filter((each): each is string => typeof each === 'string')
      : undefined,
  }
}

const idsIn = (list: unknown): readonly string[] => (Array.isArray(list) ? list.filter(isId) : [])
