import type { Author } from '../core/conversation.ts'
import { messageId, participantId, personaId, turnId } from '../core/ids.ts'
import type { TalkMessage } from '../core/memory.ts'
import type { StoreContext } from './context.ts'
import { contentPlace } from './message-rows.ts'
import { messages } from './schema.ts'

/** The columns that `openTalk` reads. */
export const talkColumns = {
  id: messages.id,
  position: messages.position,
  participantId: messages.participantId,
  persona: messages.persona,
  turnId: messages.turnId,
  content: messages.content,
  saidAt: messages.saidAt,
}

export interface TalkRow {
  readonly id: string
  readonly position: number
  readonly participantId: string | null
  readonly persona: Uint8Array | null
  readonly turnId: string | null
  readonly content: Uint8Array | null
  readonly saidAt: Date
}

/** In their order; without what was taken away, or belongs to somebody who was erased. */
export async function openTalk(
  { vault, directory, signal }: StoreContext,
  rows: readonly TalkRow[],
): Promise<readonly TalkMessage[]> {
  const there = rows.flatMap(({ content, ...row }) => (content === null ? [] : [{ ...row, content }]))
  const texts = await vault.openTexts(
    there.map(({ id, content }) => ({ place: contentPlace(id), sealed: content })),
    signal,
  )
  const people = new Set(there.flatMap(({ participantId: id }) => (id === null ? [] : [participantId(id)])))
  const names = await directory.displayNames([...people])
  const authorOf = (row: TalkRow): Author => {
    if (row.persona !== null && row.turnId !== null)
      return {
        kind: 'persona',
        id: directory.personaBehind(row.persona) ?? personaId('somebody'),
        turn: turnId(row.turnId),
      }
    const id = participantId(row.participantId ?? '')
    return { kind: 'participant', id, displayName: names.get(id) ?? 'somebody' }
  }
  return there.flatMap((row, index) => {
    const text = texts[index]
    if (text === undefined) return []
    const { id, position, saidAt } = row
    return [{ id: messageId(id), position, author: authorOf(row), text, saidAt }]
  })
}
