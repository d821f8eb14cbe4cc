import type { Manners, Persona } from '../core/persona.ts'
import { quietHoursPattern } from '../core/quiet-hours.ts'
import { keepVersion } from '../persona/version.ts'

/** A setting that a room may have of its own. Values are kept as they are said: `0.7`, `2s`, `off`. */
export interface RoomSetting {
  readonly name: string
  /** As it is kept; undefined for what is none. */
  readonly read: (said: string) => string | undefined
  readonly apply: (persona: Persona, value: string) => Persona
  /** What holds, in words; undefined where the persona says nothing of it. */
  readonly shown: (persona: Persona) => string | undefined
  /** Who decides where the persona says nothing. */
  readonly otherwise: string
}

type Sampled = 'temperature' | 'topP' | 'topK' | 'minP' | 'repeatPenalty'

/** For an answer of one or two sentences, in any language. */
const shortTokens = 120
const longTimes = 3

export const roomSettings: readonly RoomSetting[] = [
  length(),
  {
    name: 'settle',
    read: (said) => {
      const [, number = '', unit = 's'] = /^(\d{1,5}(?:\.\d+)?)\s*(ms|s)?$/.exec(said) ?? []
      const ms = Math.round(Number(number) * (unit === 's' ? 1_000 : 1))
      return number === '' || ms > 60_000 ? undefined : `${ms}ms`
    },
    apply: (persona, value) => mannered(persona, { settleMs: Number.parseInt(value, 10) }),
    shown: ({ manners }) => (manners.settleMs === undefined ? undefined : `${manners.settleMs / 1_000}s`),
    otherwise: "the house's",
  },
  {
    name: 'typing',
    read: (said) => (said === 'human' || said === 'off' ? said : undefined),
    apply: (persona, value) => mannered(persona, { typing: value === 'human' ? 'human' : 'off' }),
    shown: ({ manners }) => manners.typing,
    otherwise: 'off',
  },
  {
    name: 'rest',
    read: (said) => (said === 'off' || quietHoursPattern.test(said) ? said : undefined),
    apply: (persona, value) => mannered(persona, { quietHours: value }),
    shown: ({ manners }) => manners.quietHours,
    otherwise: 'off',
  },
  sampled('temperature', 'temperature', 0, 2),
  sampled('top-p', 'topP', 0, 1),
  sampled('top-k', 'topK', 0, 1_000, Number.isInteger),
  sampled('min-p', 'minP', 0, 1),
  sampled('repetition', 'repeatPenalty', 0.5, 2),
]

/** The persona as it is in a room where these were set; itself where none were. */
export function inRoom(persona: Persona, set: Readonly<Record<string, string>>): Persona {
  const changed = roomSettings.reduce((before, { name, read, apply }) => {
    const value = read(set[name] ?? '')
    return value === undefined ? before : apply(before, value)
  }, persona)
  return changed === persona ? persona : keepVersion(changed, persona)
}

const mannered = (persona: Persona, manners: Manners): Persona => ({
  ...persona,
  manners: { ...persona.manners, ...manners },
})

function length(): RoomSetting {
  return {
    name: 'length',
    read(said) {
      const tokens = Number(said)
      if (said === 'short' || said === 'long') return said
      return /^\d{2,5}$/.test(said) && tokens >= 16 && tokens <= 32_768 ? said : undefined
    },
    apply(persona, value) {
      const { budget, reminder } = persona
      const most = Math.floor(budget.contextTokens / 2)
      const own = budget.replyTokens
      const wanted = { short: Math.min(own, shortTokens), long: own * longTimes }[value] ?? Number(value)
      return {
        ...persona,
        budget: { ...budget, replyTokens: Math.min(wanted, most) },
        // The limit alone cuts off what has run too long.
        reminder: [reminder, lengthWords[value] ?? ''].filter(Boolean).join('\n'),
      }
    },
    shown: ({ budget }) => `at most ${budget.replyTokens} tokens`,
    otherwise: '',
  }
}

const lengthWords: Readonly<Record<string, string>> = {
  short: 'Answer in one or two short sentences, whatever was said above of length.',
  long: 'Take your time: several paragraphs are welcome, whatever was said above of length.',
}

function sampled(
  name: string,
  field: Sampled,
  least: number,
  most: number,
  allowed: (number: number) => boolean = () => true,
): RoomSetting {
  return {
    name,
    read(said) {
      const number = Number(said)
      const fits = /^\d{1,4}(\.\d{1,4})?$/.test(said) && number >= least && number <= most
      return fits && allowed(number) ? String(number) : undefined
    },
    apply: (persona, value) => ({
      ...persona,
      model: { ...persona.model, sampling: { ...persona.model.sampling, [field]: Number(value) } },
    }),
    shown: ({ model }) => model.sampling[field]?.toString(),
    otherwise: "the model's",
  }
}
