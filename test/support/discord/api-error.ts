/** What Discord's API answers instead of doing what was asked. */
export class ApiError extends Error {
  readonly status: number
  readonly code: number
  readonly errors: object | undefined

  constructor(status: number, code: number, message: string, errors?: object) {
    super(message)
    this.status = status
    this.code = code
    this.errors = errors
  }

  get body(): object {
    return {
      message: this.message,
      code: this.code,
      ...(this.errors !== undefined && { errors: this.errors }),
    }
  }
}

const known = {
  unauthorized: [401, 0, '401: Unauthorized'],
  notFound: [404, 0, '404: Not Found'],
  methodNotAllowed: [405, 0, '405: Method Not Allowed'],
  unknownApplication: [404, 10002, 'Unknown Application'],
  unknownChannel: [404, 10003, 'Unknown Channel'],
  unknownGuild: [404, 10004, 'Unknown Guild'],
  unknownMember: [404, 10007, 'Unknown Member'],
  unknownMessage: [404, 10008, 'Unknown Message'],
  unknownUser: [404, 10013, 'Unknown User'],
  unknownEmoji: [400, 10014, 'Unknown Emoji'],
  unknownWebhook: [404, 10015, 'Unknown Webhook'],
  tooManyWebhooks: [400, 30007, 'Maximum number of webhooks reached (15)'],
  unknownInteraction: [404, 10062, 'Unknown interaction'],
  unknownCommand: [404, 10063, 'Unknown application command'],
  tooLarge: [413, 40005, 'Request entity too large'],
  acknowledged: [400, 40060, 'Interaction has already been acknowledged.'],
  missingAccess: [403, 50001, 'Missing Access'],
  notInDirectMessages: [403, 50003, 'Cannot execute action on a DM channel'],
  notTheAuthor: [403, 50005, 'Cannot edit a message authored by another user'],
  emptyMessage: [400, 50006, 'Cannot send an empty message'],
  cannotSendToUser: [403, 50007, 'Cannot send messages to this user'],
  notATextChannel: [400, 50008, 'Cannot send messages in a non-text channel'],
  missingPermissions: [403, 50013, 'Missing Permissions'],
  bulkDeleteCount: [400, 50016, 'You can only delete between 2 and 100 messages at a time.'],
  wrongChannelType: [400, 50024, 'Cannot execute action on this channel type'],
  invalidWebhookToken: [401, 50027, 'Invalid Webhook Token'],
  tooOldToDelete: [400, 50034, 'You can only bulk delete messages that are under 14 days old.'],
  invalidVersion: [400, 50041, 'Invalid API version'],
  archivedThread: [400, 50083, 'Thread is archived'],
  malformedJson: [400, 50109, 'The request body contains invalid JSON.'],
  entryPointRemoved: [
    400,
    50240,
    "You cannot remove this app's Entry Point command in a bulk update operation. Please include the Entry Point command in your update request or delete it separately.",
  ],
  threadExists: [400, 160004, 'A thread has already been created for this message'],
} as const

export function refuse(why: keyof typeof known): ApiError {
  const [status, code, message] = known[why]
  return new ApiError(status, code, message)
}

export interface FieldError {
  /** Dots part the keys: `embeds.0.title`. Empty: the whole body. */
  readonly at: string
  readonly code: string
  readonly message: string
}

/** 50035, with each complaint under the key that it is about. */
export function invalidForm(...fields: readonly FieldError[]): ApiError {
  const errors: Record<string, unknown> = {}
  for (const { at, code, message } of fields) {
    let place = errors
    for (const key of at.split('.').filter((key) => key !== '')) {
      place[key] ??= {}
      place = place[key] as Record<string, unknown>
    }
    place._errors = [...((place._errors as unknown[] | undefined) ?? []), { code, message }]
  }
  return new ApiError(400, 50035, 'Invalid Form Body', errors)
}
