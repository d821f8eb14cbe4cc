import type { AccountId, PersonaId } from '../core/ids.ts'
import type { Vault } from '../vault/vault.ts'
import type { Directory } from './directory.ts'

export type BlindNames = Pick<Directory, 'blindAccount' | 'blindPersona' | 'personaBehind'>

/** Accounts and personas by their lookups. There are as many as the operator has configured: all are kept. */
export function createBlindNames(vault: Vault): BlindNames {
  const accounts = new Map<AccountId, Uint8Array>()
  const personas = new Map<PersonaId, Uint8Array>()
  const byBlind = new Map<string, PersonaId>()
  return {
    blindAccount(account) {
      const blind = accounts.get(account) ?? vault.lookup({ kind: 'account', account })
      accounts.set(account, blind)
      return blind
    },
    blindPersona(persona) {
      const known = personas.get(persona)
      if (known !== undefined) return known
      const blind = vault.lookup({ kind: 'persona', persona })
      personas.set(persona, blind)
      byBlind.set(base64(blind), persona)
      return blind
    },
    personaBehind: (blind) => byBlind.get(base64(blind)),
  }
}

/** Bytes as the key of a map. */
export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
