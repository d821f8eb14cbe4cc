import type { KeyObject } from 'node:crypto'
import { vaultClosed } from './errors.ts'
import { type Keyring, lookupOwner } from './keyring.ts'
import { blindLookup } from './lookup.ts'
import type { Vault } from './vault.ts'

/** Owns the keyring from here on. */
export async function openVault(keyring: Keyring, signal: AbortSignal): Promise<Vault> {
  let lookupKey: KeyObject | undefined = await keyring.takeKey(lookupOwner, signal)
  return {
    prepare: keyring.prepare,
    openText: async (item, signal) => (await keyring.open(item, signal)).toString('utf8'),
    openTexts: async (items, signal) =>
      (await keyring.openMany(items, signal)).map((content) => content?.toString('utf8')),
    openBytes: keyring.openMany,
    lookup(subject) {
      if (!lookupKey) throw vaultClosed()
      return blindLookup(lookupKey, subject)
    },
    destroy: keyring.destroy,
    async [Symbol.asyncDispose]() {
      lookupKey = undefined
      keyring[Symbol.dispose]()
    },
  }
}
