import type { PersonaId } from '../core/ids.ts'
import type { PlacedFact } from '../core/memory.ts'
import type { Persona } from '../core/persona.ts'
import type { Memory } from '../core/recall.ts'
import type { HistoryReader, LastReply, SelfDescriptions } from '../core/store.ts'
import type { Recall } from '../memory/recall.ts'
import { type Composition, compose } from './compose.ts'
import { wordOfKnock } from './host-word.ts'
import { type KnockTools, readKnock } from './knock.ts'
import { readable, recallImages, recallPast, type ShownHistory } from './recall.ts'
import { noReminders, type Reach, type Reminders, type RemindTools, readReach, remind } from './remind.ts'
import { inRoom } from './room-settings.ts'

export interface AgainTools extends Omit<KnockTools, 'now'> {
  readonly history: HistoryReader
  readonly selves: SelfDescriptions
  readonly remind: Omit<RemindTools, 'recall'>
  readonly personas: ReadonlyMap<PersonaId, Persona>
}

/** The prompt of a reply, made anew. */
export interface PromptAgain {
  readonly composed: Composition
  /** It is the very prompt that the model was given. */
  readonly same: boolean
}

/**
 * Makes the prompt of a reply again, of what is stored: nobody keeps prompts. What was edited, taken away or summed up
 * since, another version of the persona and other manners in the room make it another one. Undefined where nothing is left to answer.
 * Throws `HearthError`, or what the aborted signal throws.
 */
export async function promptAgain(
  last: LastReply,
  files: Persona,
  tools: AgainTools,
  signal: AbortSignal,
): Promise<PromptAgain | undefined> {
  const { turn, made } = last
  const { model, scale, near } = made
  const persona = inRoom(files, turn.manners)
  const [whole, reach] = await Promise.all([tools.history.readAgain(turn), readReach(turn, tools.remind)])
  const history = await readable(turn, whole, reach, tools.remind)
  if (!history.messages.some(({ author }) => author.kind === 'participant')) return undefined
  const now = new Date(made.atMs)
  const knock = await readKnock(turn, { ...tools, now: () => now })
  const hostWord = knock === undefined ? made.hostWord : wordOfKnock(knock, persona, history, now)
  const [images, reminders, past, selves] = await Promise.all([
    recallImages(turn, history, model, tools),
    remindAgain(last, history, reach, persona, tools, now, signal),
    recallPast(turn, persona, tools),
    tools.selves.read(turn.room),
  ])
  const recalled = { history, selves, images, reminders, past, near, hostWord }
  const composed = compose({ turn, persona, ...recalled, model, scale, now, personas: tools.personas })
  return composed.allowed ? { composed, same: composed.made.digest === made.digest } : undefined
}

/** As `remind`, of those memories alone that the reply was made with: it chooses them all again, in their order. */
async function remindAgain(
  { turn, made, recalled }: LastReply,
  history: ShownHistory,
  reach: Reach,
  persona: Persona,
  tools: AgainTools,
  now: Date,
  signal: AbortSignal,
): Promise<Reminders> {
  if (made.model.pocket) return noReminders
  const contextTokens = Math.min(persona.budget.contextTokens, made.model.contextTokens)
  const { memories, facts } = tools.remind
  const recall: Pick<Recall, 'recall'> = {
    async recall() {
      const said = await tools.history.readMessages(recalled.messages)
      return said.map(({ author, saidAt, ...message }) => {
        const memory: Memory = {
          ...message,
          room: turn.room.id,
          anchor: message.position,
          ...(author.kind === 'persona'
            ? { speaker: author.id, persona: author.id }
            : { speaker: author.displayName }),
          version: 0,
          saidAtMs: saidAt.getTime(),
        }
        return { memory, score: 0 }
      })
    },
  }
  const ofReply = (placed: readonly PlacedFact[]) =>
    placed.filter(({ fact }) => recalled.facts.includes(fact.id))
  const again = {
    memories,
    facts: {
      readEpisodes: facts.readEpisodes,
      readPlaced: async (...people: Parameters<typeof facts.readPlaced>) =>
        ofReply(await facts.readPlaced(...people)),
      readPlacedAt: async (...person: Parameters<typeof facts.readPlacedAt>) =>
        ofReply(await facts.readPlacedAt(...person)),
    },
    recall,
    personas: tools.personas,
  }
  return await remind(turn, history, reach, contextTokens / made.scale, now, again, signal)
}
