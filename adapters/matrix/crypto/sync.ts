import { DeviceLists, type OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { SyncChanges } from './protocol.ts'
import { userIds } from './rooms.ts'

/** Hands the machine what a sync brought. Whatever it changes is recorded when this resolves. */
export async function receiveSync(machine: OlmMachine, changes: SyncChanges): Promise<void> {
  const { toDevice, changedUsers, leftUsers, oneTimeKeys, unusedFallbackKeys } = changes
  await machine.receiveSyncChanges(
    JSON.stringify(toDevice),
    new DeviceLists(userIds(changedUsers), userIds(leftUsers)),
    new Map(Object.entries(oneTimeKeys)),
    unusedFallbackKeys === undefined ? undefined : new Set(unusedFallbackKeys),
  )
}
