import type { CommandEvent } from '../core/events.ts'
import type { Doorway, SelfDescriptions } from '../core/store.ts'
import { cleanText, isBlank } from '../core/text.ts'

export interface MeAsCommandTools {
  readonly selves: SelfDescriptions
}

/** It stands in every prompt. */
const charactersMost = 600

/** Carries out `me-as …`: what whoever gave it is told. Throws `HearthError`. */
export async function meAsCommand(
  event: CommandEvent,
  doorway: Doorway,
  { selves }: MeAsCommandTools,
): Promise<string> {
  const text = cleanText(event.text ?? '').trim()
  const [, part = '', rest = ''] = /^(\S*)\s*(.*)$/s.exec(text) ?? []
  switch (part.toLowerCase()) {
    case '':
    case 'show':
      return shown(await selves.find(doorway, event))
    case 'clear':
      await selves.write(doorway, event, undefined)
      return 'What you said of yourself here is gone.'
    case 'set':
      return await set(rest)
    default:
      return await set(text)
  }

  async function set(words: string): Promise<string> {
    if (isBlank(words)) return shown(await selves.find(doorway, event))
    if (words.length > charactersMost)
      return `That is more than I can keep in mind. Please say it in at most ${charactersMost} characters.`
    await selves.write(doorway, event, words)
    return 'From now on that is who you are here, for every companion in this room. Elsewhere nobody knows of it. me-as clear takes it back.'
  }
}

const shown = (text: string | undefined): string =>
  text === undefined
    ? 'You have said nothing of yourself here. Say it behind me-as.'
    : `Here you are, in your own words:\n${text}`
