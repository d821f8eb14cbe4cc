// For everybody who writes an adapter

export type { Adapter, AdapterLimits, DeliveryKey, OnEvent, Outgoing } from './core/adapter.ts'
export type { Attachment } from './core/attachment.ts'
export type { Account, Platform, Room, RoomKind } from './core/conversation.ts'
export { HearthError, isAbort, platformError } from './core/errors.ts'
export {
  type Command,
  type CommandName,
  commands,
  type InboundEvent,
  type RoomReference,
  type SenderReference,
} from './core/events.ts'
export { type AccountId, accountId, type ExternalId, externalId, newUuid } from './core/ids.ts'
// For those who bring a model of their own
export type { Embedder, GenerateOptions, Generator, ModelInfo, Piece, Prompt } from './core/model.ts'
// For those who put Hearth together themselves
export type { Observer } from './core/observer.ts'
export type { Persona } from './core/persona.ts'
export { cleanName, cleanText, isBlank } from './core/text.ts'
export { createRecall, type Recall } from './memory/recall.ts'
export { createPool } from './model/pool.ts'
export { readPersonas } from './persona/read.ts'
export { openStorage, type Storage, type StorageConfig } from './storage.ts'
export { type Engine, type EngineOptions, startEngine } from './turn/engine.ts'
