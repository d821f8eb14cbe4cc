import { type HearthError, platformError } from '../../src/core/errors.ts'
import { type Answer, refusalOf } from './crypto/homeserver.ts'

export const accountClosed = (): HearthError =>
  platformError('This Matrix account is closed: Hearth is stopping.', {
    code: 'matrix-closed',
    retryable: true,
  })

export const notARoom = (): HearthError =>
  platformError('A room id that is none of Matrix was to be written to.', { code: 'matrix-not-a-room' })

export const notPrivate = (): HearthError =>
  platformError('A file of somebody was to be sent where it is not encrypted.', { code: 'not-private' })

export function uploadRefused(answer: Answer): HearthError {
  const { errcode } = refusalOf(answer)
  const code = errcode === '' ? '' : `, ${errcode}`
  return platformError(`The homeserver did not take an attachment (HTTP ${answer.status}${code}).`, {
    code: 'file-refused',
    mend: 'Where it is too large, raise `max_upload_size` in homeserver.yaml.',
  })
}

/** The words of the homeserver's own message are left out: they may quote what was sent. */
export function refused(what: string, answer: Answer): HearthError {
  const { errcode } = refusalOf(answer)
  const detail = `HTTP ${answer.status}${errcode === '' ? '' : `, ${errcode}`}`
  switch (errcode) {
    case 'M_FORBIDDEN':
      return platformError(`The homeserver does not let the account ${what} (${detail}).`, {
        code: 'matrix-forbidden',
        mend: 'Check that the account is in the room and may write there.',
      })
    case 'M_TOO_LARGE':
      return platformError(`The homeserver finds it too large to ${what} (${detail}).`, {
        code: 'matrix-too-large',
        mend: "Lower the persona's budget.replyTokens.",
      })
    default:
      return platformError(`The homeserver refused to ${what} (${detail}).`, {
        code: 'matrix-refused',
        retryable: answer.status >= 500,
      })
  }
}
