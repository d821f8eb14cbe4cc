import { type Command, Option } from 'commander'
import { newUuid } from '../core/ids.ts'
import type { Persona } from '../core/persona.ts'
import { type CardFormat, cardFormats } from '../persona/card/write-card.ts'
import { exportLore, exportPersona } from '../persona/export-card.ts'
import { importFile } from '../persona/import-card.ts'
import { activate } from '../persona/lore/activate.ts'
import { shownPath } from '../persona/place.ts'
import { oneLine } from '../persona/problem.ts'
import { estimateTokens } from '../prompt/estimate.ts'
import { expandEntry } from '../prompt/macros.ts'
import { searchedTexts } from '../turn/lore.ts'
import { writeNew } from './write-new.ts'

export interface PersonaCardContext {
  readonly personasFolder: () => Promise<string>
  /** Throws `HearthError` where there is no such persona. */
  readonly find: (name: string) => Promise<Persona>
  /** Takes whole lines, with their ends. */
  readonly write: (text: string) => void
  readonly signal: AbortSignal
}

/** Adds `persona import|export|lore`. */
export function addPersonaCardCommands(persona: Command, context: PersonaCardContext): void {
  const { personasFolder, find, write, signal } = context

  persona
    .command('import <file>')
    .description('take in a character card (PNG, JSON, CHARX), or a book of lore for a persona')
    .option('--as <name>', "the name of the persona's folder")
    .action(async (file: string, { as }: { readonly as?: string }) => {
      const done = await importFile(file, as, await personasFolder(), signal)
      switch (done.kind) {
        case 'here-already':
          return write(`This card is here already: ${done.file}\n`)
        case 'book':
          return write(`${done.file} is written: a book of ${counted(done.entries, 'entry', 'entries')}\n`)
        case 'card':
          write(`${done.file} is written: ${contentsOf(done.persona)}\n`)
          for (const note of done.notes) write(`note  ${oneLine(note)}\n`)
          write(`Talk to it with: npx hearth chat ${done.persona.id}\n`)
      }
    })

  persona
    .command('export <name>')
    .description('write a persona as a character card, or its lore as a world of SillyTavern')
    .addOption(
      new Option('--format <format>', 'of the file').choices([...cardFormats, 'world']).default('png'),
    )
    .addOption(new Option('--version <version>', 'of the card').choices(['2', '3']).default('3'))
    .option('--to <file>', 'where it goes (default: here, by its name)')
    .action(async (name: string, options: ExportOptions) => {
      const found = await find(name)
      const { format, version, to } = options
      const folder = await personasFolder()
      const bytes =
        format === 'world'
          ? await exportLore(found, folder, signal)
          : await exportPersona(found, folder, format, version === '2' ? 2 : 3, signal)
      const path = to ?? (format === 'world' ? `${found.id}.world.json` : `${found.id}.${format}`)
      await writeNew(path, '--to', bytes)
      write(`${shownPath(path)} is written.\n`)
      if (format === 'json' && found.avatar !== undefined) {
        write('note  JSON has no picture: take --format png or charx for one.\n')
      }
    })

  persona
    .command('lore <name> <words...>')
    .description('show which lorebook entries something that is said would bring in')
    .action(async (name: string, words: readonly string[]) => {
      const found = await find(name)
      write(loreFor(found, words.join(' ')))
    })
}

interface ExportOptions {
  readonly format: CardFormat | 'world'
  readonly version: string
  readonly to?: string
}

/** As at a conversation's first message, with all the room that the persona's budget has. */
function loreFor(persona: Persona, text: string): string {
  const values = { char: persona.name, user: 'you', now: new Date() }
  const { entries, missed } = activate({
    books: persona.lore ?? [],
    messages: [{ text }],
    messageCount: 1,
    replyCount: 0,
    texts: searchedTexts(persona),
    state: {},
    seed: newUuid(),
    budgetTokens: persona.budget.contextTokens,
    countTokens: estimateTokens,
    expand: (content) => expandEntry(content, values),
  })
  const lines = [
    ...entries.map(({ key, name, place, text }) => {
      const where = place.at === 'depth' ? `at depth ${place.depth}` : place.at
      return `in    ${oneLine(name || key)}: ${where}, about ${estimateTokens(text)} tokens`
    }),
    ...missed.map(({ key, name, why }) => `out   ${oneLine(name || key)}: ${reasons[why]}`),
  ]
  return lines.length === 0 ? 'Nothing comes in.\n' : `${lines.join('\n')}\n`
}

const reasons = {
  budget: 'there is no room for it',
  chance: 'chance was against it',
  group: 'another one of its group came in',
} as const

function contentsOf({ name, greetings, examples, lore = [] }: Persona): string {
  const entries = lore.reduce((sum, book) => sum + book.entries.length, 0)
  return [
    name,
    counted(greetings.length, 'greeting', 'greetings'),
    counted(examples.length, 'example', 'examples'),
    counted(entries, 'lorebook entry', 'lorebook entries'),
  ].join(', ')
}

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`
