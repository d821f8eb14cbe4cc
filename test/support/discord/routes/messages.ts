import { ChannelType } from 'discord-api-types/v10'

import { invalidForm, refuse } from '../api-error.ts'
import { counterpart, findChannel, findMessage, need, viewerOf } from '../find.ts'
import { isEmpty, type MessageBody, readMessageBody } from '../message-body.ts'
import { messageView, nonceView } from '../message-views.ts'
import {
  type Changes,
  createMessage,
  deleteMessage,
  deleteMessages,
  editMessage,
  inOrder,
} from '../messages.ts'
import { isThread, may } from '../permissions.ts'
import type { Call, Routes } from '../router.ts'
import { madeAt } from '../snowflake.ts'
import { startTyping } from '../typing.ts'
import type { Account, Channel, Message, World } from '../world.ts'

const bulkDeleteMs = 14 * 24 * 3600 * 1000

export function messageRoutes(world: World, nonceLivesMs: number): Routes {
  const view = (call: Call, message: Message): object => messageView(world, message, viewerOf(call.bot))

  return {
    'GET /channels/:channel/messages': (call) => {
      const channel = findChannel(world, call)
      if (channel.guild !== undefined && !may(channel, call.bot.account, 'ReadMessageHistory')) return []
      const public_ = inOrder(channel).filter(({ ephemeralFor }) => ephemeralFor === undefined)
      return page(public_, call.query).map((message) => view(call, message))
    },

    'GET /channels/:channel/messages/:message': (call) => {
      const channel = findChannel(world, call)
      need(channel, call.bot.account, 'ReadMessageHistory')
      return view(call, findMessage(channel, call.params.message))
    },

    'POST /channels/:channel/messages': (call) => {
      const channel = findChannel(world, call)
      const { account } = call.bot
      checkMaySend(channel, account)
      const body = readMessageBody(world, channel.id, call.body, call.uploads)
      if (isEmpty(body)) throw refuse('emptyMessage')
      const same = body.enforceNonce ? findByNonce(channel, account, body.nonce, nonceLivesMs) : undefined
      if (same !== undefined) return { ...view(call, same), ...nonceView(same) }
      const replyTo = readReference(channel, call)
      if (channel.archived) channel.archived = false
      const message = createMessage(world, channel, account, { ...draftOf(body), replyTo })
      return { ...view(call, message), ...nonceView(message) }
    },

    'PATCH /channels/:channel/messages/:message': (call) => {
      const channel = findChannel(world, call)
      const message = findMessage(channel, call.params.message)
      checkMayEdit(message, call)
      const body = readMessageBody(world, channel.id, call.body, call.uploads, message.attachments)
      applyEdit(world, message, body)
      return view(call, message)
    },

    'DELETE /channels/:channel/messages/:message': (call) => {
      const channel = findChannel(world, call)
      const message = findMessage(channel, call.params.message)
      if (message.author !== call.bot.account) {
        if (channel.guild === undefined) throw refuse('notInDirectMessages')
        need(channel, call.bot.account, 'ManageMessages')
      }
      deleteMessage(world, message)
    },

    'POST /channels/:channel/messages/bulk-delete': (call) => {
      const channel = findChannel(world, call)
      if (channel.guild === undefined) throw refuse('notInDirectMessages')
      need(channel, call.bot.account, 'ManageMessages')
      const ids = (call.body.messages ?? []) as readonly string[]
      if (ids.length < 2 || ids.length > 100) throw refuse('bulkDeleteCount')
      if (ids.some((id) => madeAt(id).getTime() < Date.now() - bulkDeleteMs)) throw refuse('tooOldToDelete')
      deleteMessages(world, channel, ids)
    },

    'POST /channels/:channel/typing': (call) => {
      const channel = findChannel(world, call)
      checkMaySend(channel, call.bot.account)
      startTyping(world, channel, call.bot.account)
    },
  }
}

export function draftOf(body: MessageBody): Partial<Changes> & Pick<MessageBody, 'nonce'> {
  const { enforceNonce: _, flags, ...draft } = body
  return { ...draft, ...(flags !== undefined && { flags }) }
}

/** Refuses an edit that would leave nothing. */
export function applyEdit(world: World, message: Message, body: MessageBody): void {
  const { nonce: _, ...changes } = draftOf(body)
  if (isEmpty({ ...message, ...changes })) throw refuse('emptyMessage')
  editMessage(world, message, changes)
}

function checkMaySend(channel: Channel, account: Account): void {
  if (channel.type === ChannelType.GuildCategory) throw refuse('notATextChannel')
  const other = counterpart(channel, account)
  if (other !== undefined) {
    if (other.bot || !reachable(account, other)) throw refuse('cannotSendToUser')
    return
  }
  need(channel, account, isThread(channel) ? 'SendMessagesInThreads' : 'SendMessages')
  checkUnlocked(channel, account)
}

function checkUnlocked(channel: Channel, account: Account): void {
  if (channel.locked && !may(channel, account, 'ManageThreads')) throw refuse('archivedThread')
}

/** Its author may change all of it, and whoever looks after the channel what it shows of addresses. */
function checkMayEdit({ author, channel }: Message, { bot: { account }, body }: Call): void {
  if (author !== account) {
    const says = ['content', 'embeds', 'components', 'attachments'].some((key) => body[key] !== undefined)
    if (says || channel.guild === undefined) throw refuse('notTheAuthor')
    need(channel, account, 'ManageMessages')
  }
  if (channel.archived) throw refuse('archivedThread')
  checkUnlocked(channel, account)
}

const reachable = (account: Account, other: Account): boolean =>
  !other.blocked.has(account.id) && !other.blocked.has('everybody') && !other.apart.has(account.id)

function findByNonce(
  channel: Channel,
  author: Account,
  nonce: MessageBody['nonce'],
  nonceLivesMs: number,
): Message | undefined {
  if (nonce === undefined) return undefined
  const since = Date.now() - nonceLivesMs
  return inOrder(channel).find(
    (message) =>
      message.author === author &&
      message.nonce !== undefined &&
      String(message.nonce) === String(nonce) &&
      madeAt(message.id).getTime() > since,
  )
}

function readReference(channel: Channel, call: Call): Message | undefined {
  const reference = call.body.message_reference as
    | { readonly message_id?: string; readonly fail_if_not_exists?: boolean }
    | undefined
  if (reference?.message_id === undefined) return undefined
  const message = channel.messages.get(String(reference.message_id))
  if (message !== undefined || reference.fail_if_not_exists === false) return message
  const at = 'message_reference'
  throw invalidForm({ at, code: 'REPLIES_UNKNOWN_MESSAGE', message: 'Unknown message' })
}

/** Newest first, as always; of `before`, `after` and `around` one counts. */
function page(messages: readonly Message[], query: URLSearchParams): Message[] {
  const limit = Number(query.get('limit') ?? 50)
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
    const message = 'int value should be between 1 and 100.'
    throw invalidForm({ at: 'limit', code: 'NUMBER_TYPE_RANGE', message })
  }
  const at = (key: string): bigint | undefined => {
    const value = query.get(key)
    if (value !== null && !/^\d{1,20}$/.test(value)) {
      throw invalidForm({
        at: key,
        code: 'NUMBER_TYPE_COERCE',
        message: `Value "${value}" is not snowflake.`,
      })
    }
    return value === null ? undefined : BigInt(value)
  }
  const [around, before, after] = [at('around'), at('before'), at('after')]
  if (around !== undefined) {
    const older = messages.filter(({ id }) => BigInt(id) < around).slice(-Math.floor(limit / 2))
    const newer = messages.filter(({ id }) => BigInt(id) >= around).slice(0, Math.floor(limit / 2) + 1)
    return [...older, ...newer].slice(0, limit).reverse()
  }
  if (before !== undefined)
    return messages
      .filter(({ id }) => BigInt(id) < before)
      .slice(-limit)
      .reverse()
  if (after !== undefined)
    return messages
      .filter(({ id }) => BigInt(id) > after)
      .slice(0, limit)
      .reverse()
  return messages.slice(-limit).reverse()
}
