import { z } from 'zod'
import { unpromptedKinds } from '../core/persona.ts'
import { quietHoursPattern } from '../core/quiet-hours.ts'
import { cleanName, cleanText, isBlank } from '../core/text.ts'

/**
 * The plain form of a persona: `personas/<id>/persona.yaml`. The limits are far above what good
 * personas need; `personas/README.md` lists them, and a test compares the two.
 */
export const limits = {
  nameCharacters: 80,
  descriptionCharacters: 16_000,
  personalityCharacters: 8_000,
  scenarioCharacters: 8_000,
  greetings: 10,
  greetingCharacters: 4_000,
  examples: 20,
  exampleUserCharacters: 2_000,
  exampleReplyCharacters: 4_000,
  reminderCharacters: 2_000,
  prefillCharacters: 200,
  modelNameCharacters: 200,
  stops: 8,
  stopCharacters: 100,
} as const

const blank = 'must not be empty'

const text = (most: number) =>
  z
    .string()
    .max(most)
    .transform((value) => cleanText(value).trim())
const requiredText = (most: number) =>
  z
    .string()
    .max(most)
    .refine((value) => !isBlank(cleanText(value)), { error: blank })
    .transform((value) => cleanText(value).trim())

const example = z.strictObject({
  user: requiredText(limits.exampleUserCharacters),
  reply: requiredText(limits.exampleReplyCharacters),
})

/** White space at its ends counts. */
const stopText = z
  .string()
  .max(limits.stopCharacters)
  .transform(cleanText)
  .refine((value) => value !== '', { error: blank })

const model = z.strictObject({
  name: requiredText(limits.modelNameCharacters).exactOptional(),
  temperature: z.number().min(0).max(2).exactOptional(),
  topP: z.number().min(0).max(1).exactOptional(),
  topK: z.int().min(0).max(1_000).exactOptional(),
  minP: z.number().min(0).max(1).exactOptional(),
  repeatPenalty: z.number().min(0.5).max(2).exactOptional(),
  seed: z.int().min(0).max(2_147_483_647).exactOptional(),
  stop: z.array(stopText).max(limits.stops).exactOptional(),
})

const budget = z
  .strictObject({
    contextTokens: z.int().min(1_024).max(1_048_576).default(8_192),
    replyTokens: z.int().min(16).max(32_768).default(300),
  })
  .refine(({ contextTokens, replyTokens }) => replyTokens * 2 <= contextTokens, {
    path: ['replyTokens'],
    error: 'must be at most half of budget.contextTokens',
  })

const manners = z.strictObject({
  settleMs: z.int().min(0).max(60_000).exactOptional(),
  talkativeness: z.number().min(0).max(1).exactOptional(),
  typing: z.enum(['human', 'off']).exactOptional(),
  quietHours: z.string().regex(quietHoursPattern).exactOptional(),
  unprompted: z.array(z.enum(unpromptedKinds)).max(unpromptedKinds.length).exactOptional(),
})

export const personaSchema = z.strictObject({
  name: z
    .string()
    .max(limits.nameCharacters)
    .refine((value) => !isBlank(cleanText(value)), { error: blank })
    .transform(cleanName),
  description: requiredText(limits.descriptionCharacters),
  personality: text(limits.personalityCharacters).default(''),
  scenario: text(limits.scenarioCharacters).default(''),
  greetings: z.array(requiredText(limits.greetingCharacters)).max(limits.greetings).default([]),
  examples: z.array(example).max(limits.examples).default([]),
  reminder: text(limits.reminderCharacters).default(''),
  prefill: requiredText(limits.prefillCharacters).exactOptional(),
  model: model.prefault({}),
  budget: budget.prefault({}),
  manners: manners.prefault({}),
})

/** What a card has no field for. */
export const settingsSchema = personaSchema.pick({ prefill: true, model: true, budget: true, manners: true })

export type PersonaFields = z.output<typeof personaSchema>

/** The fields of each group, by the group's path (`examples[]` for every item of the list). */
export const fieldNames: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(personaSchema.shape),
  model: Object.keys(model.shape),
  budget: Object.keys(budget.shape),
  manners: Object.keys(manners.shape),
  'examples[]': Object.keys(example.shape),
}

/**
 * A field that is named but has no value counts as left out, so that a file may keep its headings:
 * `personality:` alone is no mistake. Names that nobody knows stay, to be complained about.
 */
export function withoutEmptyFields(data: unknown, group = ''): unknown {
  if (data === null || typeof data !== 'object' || Array.isArray(data)) return data
  const names = fieldNames[group] ?? []
  const kept = Object.entries(data)
    .filter(([name, value]) => value !== null || !names.includes(name))
    .map(([name, value]) => [name, group === '' ? withoutEmptyFields(value, name) : value])
  return Object.fromEntries(kept)
}
