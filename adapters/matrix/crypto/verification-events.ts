import { recordOf } from './homeserver.ts'

const prefix = 'm.key.verification.'

/** Whether a room's event, in the clear, is part of a verification. */
export function isVerification(event: Readonly<Record<string, unknown>>): boolean {
  const { type, content } = event
  if (typeof type !== 'string') return false
  return (
    type.startsWith(prefix) || (type === 'm.room.message' && recordOf(content).msgtype === `${prefix}request`)
  )
}

/** Who takes part in a verification, of those who have sent something to this device. */
export function verifiersIn(toDevice: readonly unknown[]): ReadonlySet<string> {
  const senders = toDevice.map(recordOf).map(({ type, sender }) => ({ type, sender }))
  return new Set(
    senders.flatMap(({ type, sender }) =>
      typeof type === 'string' && type.startsWith(prefix) && typeof sender === 'string' ? [sender] : [],
    ),
  )
}
