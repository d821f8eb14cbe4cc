import { createHmac, type KeyObject } from 'node:crypto'
import type { Platform } from '../core/conversation.ts'
import type { AccountId, ExternalId, PersonaId } from '../core/ids.ts'
import { encodeFields } from './fields.ts'

/**
 * What is found again by its name although the name is nowhere to be read. The names are taken as
 * they are: whoever calls this decides on upper and lower case.
 */
export type LookupSubject =
  | { readonly kind: 'account'; readonly account: AccountId }
  | { readonly kind: 'persona'; readonly persona: PersonaId }
  | { readonly kind: 'persona-version'; readonly version: string }
  /** A person's account is the same person through every one of our accounts there. */
  | { readonly kind: 'identity'; readonly platform: Platform; readonly externalId: ExternalId }
  | { readonly kind: 'room'; readonly account: AccountId; readonly externalId: ExternalId }
  /** With its room, because some platforms count messages from one in each room. */
  | {
      readonly kind: 'message'
      readonly account: AccountId
      readonly room: ExternalId
      readonly externalId: ExternalId
    }
  | { readonly kind: 'collection'; readonly account: AccountId; readonly collection: string }
  | {
      readonly kind: 'record'
      readonly account: AccountId
      readonly collection: string
      readonly key: string
    }
  /** The key of one backup. */
  | { readonly kind: 'backup'; readonly salt: string }

function fieldsOf(subject: LookupSubject): readonly string[] {
  switch (subject.kind) {
    case 'account':
      return [subject.kind, subject.account]
    case 'persona':
      return [subject.kind, subject.persona]
    case 'persona-version':
      return [subject.kind, subject.version]
    case 'identity':
      return [subject.kind, subject.platform, subject.externalId]
    case 'room':
      return [subject.kind, subject.account, subject.externalId]
    case 'message':
      return [subject.kind, subject.account, subject.room, subject.externalId]
    case 'collection':
      return [subject.kind, subject.account, subject.collection]
    case 'record':
      return [subject.kind, subject.account, subject.collection, subject.key]
    case 'backup':
      return [subject.kind, subject.salt]
  }
}

/**
 * 32 bytes: HMAC-SHA256 of the subject. The same subject always gives the same bytes, and without
 * the key nobody can try out whether somebody is known here.
 */
export function blindLookup(key: KeyObject, subject: LookupSubject): Buffer {
  return createHmac('sha256', key)
    .update(encodeFields(fieldsOf(subject)))
    .digest()
}
