import { DiscordAPIError, HTTPError, RESTJSONErrorCodes } from 'discord.js'
import { HearthError, platformError } from '../../src/core/errors.ts'

const codes = RESTJSONErrorCodes

export const accountClosed = (): HearthError =>
  platformError('This Discord account is closed: Hearth is stopping.', {
    code: 'discord-closed',
    retryable: true,
  })

export const wrongToken = (): HearthError =>
  platformError('Discord does not accept the token of the bot.', {
    code: 'discord-wrong-token',
    // Until it has another one, what is to be said waits.
    mend: 'Make a new one in the Developer Portal (Bot → Reset Token), and put it where `discord.accounts` takes it from.',
    retryable: true,
  })

export const noToken = (): HearthError =>
  platformError('What is given as the token of the bot on Discord is none.', {
    code: 'discord-no-token',
    mend: 'Copy it anew from the Developer Portal (Bot → Reset Token) to where `discord.accounts` takes it from.',
  })

export const discordAway = (cause?: unknown): HearthError =>
  platformError('Discord does not answer.', {
    code: 'discord-away',
    mend: 'Check the connection to the internet; Hearth goes on by itself.',
    retryable: true,
    cause,
  })

export const sessionsUsedUp = (cause: unknown): HearthError =>
  platformError('Discord lets the bot begin no more connections for now.', {
    code: 'discord-sessions',
    mend: 'Hearth goes on by itself, within a day. A thousand a day are enough for a bot that stays connected: look in the log for why it began so often, and whether its token is in use elsewhere too.',
    retryable: true,
    cause,
  })

/** What Discord closes a connection with for good. */
export function closedForGood(code: number): HearthError {
  switch (code) {
    case 4004:
      return wrongToken()
    case 4013:
    case 4014:
      return platformError('Discord does not let the bot read messages in servers.', {
        code: 'discord-intent-missing',
        mend: 'Switch on the Message Content Intent in the Developer Portal (Bot → Privileged Gateway Intents), or leave `discord.guilds` and `discord.channels` empty: direct messages need no intent.',
      })
    case 4010:
    case 4011:
      return platformError('Discord does not accept the number of shards.', {
        code: 'discord-shards',
        mend: 'Leave `discord.shards` out: then Discord is asked for the number.',
      })
    default:
      return platformError(`Discord has closed the connection for good (code ${code}).`, {
        code: 'discord-closed-for-good',
      })
  }
}

/** Discord waits for an acknowledgement for three seconds, and then for what is said to it for a quarter of an hour. */
const interactionOver = new Set<number>([
  codes.UnknownInteraction,
  codes.UnknownWebhook,
  codes.InvalidWebhookToken,
])
const interactionIsOver = (): HearthError =>
  platformError('Nobody waits for the answer to that command any more.', { code: 'discord-interaction-over' })

/**
 * What the REST client throws, as ours. The words of Discord's own message are left out: they may quote what
 * was sent. `what`: "write there". Not for what an aborted signal has thrown.
 */
export function fromDiscord(error: unknown, what: string): HearthError {
  if (error instanceof HearthError) return error
  if (error instanceof HTTPError) return discordAway(error)
  if (!(error instanceof DiscordAPIError)) return discordAway(error)
  if (error.status >= 500) return discordAway(error)
  if (interactionOver.has(Number(error.code)) || error.status === 401) return interactionIsOver()
  const detail = `HTTP ${error.status}, code ${error.code}`
  switch (error.code) {
    case codes.InteractionHasAlreadyBeenAcknowledged:
      return platformError('That command was acknowledged before.', { code: 'discord-acknowledged' })
    case codes.CannotSendMessagesToThisUser:
    case codes.CannotSendMessagesToThisUserDueToHavingNoMutualGuilds:
      return platformError('The person takes no direct messages from the bot, or has blocked it.', {
        code: 'discord-cannot-write',
        mend: 'They can allow it in the privacy settings of a server that both are in, or install the app for themselves.',
      })
    case codes.MissingAccess:
    case codes.MissingPermissions:
      return platformError(`The bot may not ${what} (${detail}).`, {
        code: 'discord-forbidden',
        mend: 'Give it the permissions that `npx hearth discord invite` asks for, in that channel too.',
      })
    case codes.InvalidActionOnArchivedThread:
      return platformError(`The thread is archived or locked (${detail}).`, { code: 'discord-archived' })
    case codes.RequestEntityTooLarge:
      return platformError(`Discord found what was sent too large (${detail}).`, { code: 'file-refused' })
    case codes.UnknownChannel:
    case codes.UnknownMessage:
      return platformError(`What was to be changed on Discord is gone (${detail}).`, { code: 'discord-gone' })
    default:
      return platformError(`Discord refused to ${what} (${detail}).`, {
        code: 'discord-refused',
        retryable: error.status === 429,
      })
  }
}
