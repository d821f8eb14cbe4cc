import { readFile } from 'node:fs/promises'
import { z } from 'zod'

const lineSchema = z.object({
  text: z.string(),
  crisis: z.boolean(),
  lang: z.string().default(''),
  kind: z.string().default(''),
})
export type Labelled = z.infer<typeof lineSchema>

const linesOf = async (file: string | URL) =>
  (await readFile(file, 'utf8')).split('\n').filter((line) => line.trim() !== '')

/** Throws what zod throws where a line is no labelled message. */
export const readLabelled = async (file: string | URL): Promise<readonly Labelled[]> =>
  (await linesOf(file)).map((line) => lineSchema.parse(JSON.parse(line)))

const conversationSchema = z.object({
  messages: z.array(z.object({ from: z.enum(['person', 'persona']), text: z.string() })),
  crisis: z.boolean(),
  lang: z.string(),
})
export type Conversation = z.infer<typeof conversationSchema>

export const readConversations = async (file: string | URL): Promise<readonly Conversation[]> =>
  (await linesOf(file)).map((line) => conversationSchema.parse(JSON.parse(line)))

/** The messages to learn from, in the order of their files. */
export async function readLessons(): Promise<readonly Labelled[]> {
  const languages = ['en', 'de', 'fr', 'es', 'it']
  const folder = new URL('../../src/care/labelled/', import.meta.url)
  const files = await Promise.all(languages.map((lang) => readLabelled(new URL(`${lang}.jsonl`, folder))))
  return files.flatMap((file, at) => file.map((message) => ({ ...message, lang: languages[at] ?? '' })))
}

/** Harmless, but near to a crisis in its words: what false alarms are counted on. */
export const isNear = ({ crisis, kind }: Labelled): boolean => !crisis && kind !== 'everyday'
