import type { Command } from 'commander'
import { type HearthError, personaError } from '../core/errors.ts'
import { personaId } from '../core/ids.ts'
import { nearest } from '../core/nearest.ts'
import type { Persona } from '../core/persona.ts'
import { idOf, shownPath, slugFrom } from '../persona/place.ts'
import { oneLine, type PersonaProblem, problemText, shownName } from '../persona/problem.ts'
import { type PersonaReadings, readPersonas } from '../persona/read.ts'
import { personaSize, standingTokens } from '../persona/size.ts'
import { createPersona } from '../persona/template.ts'
import { personaVersion } from '../persona/version.ts'
import { addPersonaCardCommands } from './persona-card.ts'

export interface PersonaCommandContext {
  readonly personasFolder: () => Promise<string>
  /** Takes whole lines, with their ends. */
  readonly write: (text: string) => void
  readonly signal: AbortSignal
}

/** `persona`, for what is added to it elsewhere. */
export interface PersonaCommand {
  readonly command: Command
  /** Throws `HearthError` where there is no such persona that can be used. */
  readonly find: (name: string) => Promise<Persona>
}

/** Adds `persona check|list|show|new|import|export|lore`. They throw `HearthError` (`who: 'persona'`) where the exit code is not 0. */
export function addPersonaCommand(program: Command, context: PersonaCommandContext): PersonaCommand {
  const { personasFolder, write, signal } = context
  const persona = program.command('persona').description('look after the personas')
  const read = async (): Promise<PersonaReadings> => readPersonas(await personasFolder(), signal)
  const find = async (name: string): Promise<Persona> => {
    const { personas, problems } = await read()
    const found = personas.find(({ id }) => id === name)
    if (found !== undefined) return found
    const folder = shownPath(await personasFolder())
    const own = problems.filter(({ file }) => file.startsWith(`${folder}/${name}/`))
    for (const problem of own) write(problemLines(problem))
    throw own.length > 0 ? checkFailed(own) : unknownPersona(name, personas)
  }

  persona
    .command('check')
    .description('read every persona and name every problem, with file and line')
    .action(async () => {
      const { personas, problems, notes } = await read()
      for (const each of personas) write(`ok    ${each.id}: ${sizeText(each)}\n`)
      for (const note of notes) write(`note  ${problemText(note)}\n`)
      for (const problem of problems) write(problemLines(problem))
      if (problems.length > 0) throw checkFailed(problems)
    })

  persona
    .command('list')
    .description('list the personas that can be spoken to')
    .action(async () => {
      const { personas, problems } = await read()
      const width = Math.max(0, ...personas.map(({ id }) => id.length))
      for (const { id, name } of personas) write(`${id.padEnd(width)}  ${name}\n`)
      if (problems.length > 0) throw checkFailed(problems)
    })

  persona
    .command('show <name>')
    .description('show one persona: its texts, its sizes, its settings')
    .action(async (name: string) => write(portrait(await find(name))))

  persona
    .command('new <name>')
    .description('write the files of a new persona, to be changed')
    .action(async (name: string) => {
      if (idOf(name) !== name) throw badName(name)
      const files = await createPersona(await personasFolder(), personaId(name), signal)
      write(`${files.join(' and ')} are written. Change their texts, then run: npx hearth persona check\n`)
    })

  addPersonaCardCommands(persona, { personasFolder, find, write, signal })
  return { command: persona, find }
}

function sizeText(persona: Persona): string {
  const { characters, tokens } = personaSize(persona)
  const lore = standingTokens(persona.lore ?? [])
  const more = lore === 0 ? '' : `, and ${lore} of lore that always stands`
  return `${persona.name}, ${characters} characters, about ${tokens} tokens of each prompt${more}`
}

function problemLines(problem: PersonaProblem): string {
  return `wrong ${problemText(problem)}\n      ${problem.mend}\n`
}

function portrait(persona: Persona): string {
  const { model, budget, manners } = persona
  const settings = {
    ...(model.name === undefined ? {} : { model: model.name }),
    ...model.sampling,
    ...(model.stop === undefined ? {} : { stop: model.stop.map((text) => JSON.stringify(text)).join(', ') }),
    ...budget,
    ...manners,
  }
  const sections: readonly (readonly [string, string])[] = [
    ['description', persona.description],
    ['personality', persona.personality],
    ['scenario', persona.scenario],
    ...persona.greetings.map((greeting, index) => [`greeting ${index + 1}`, greeting] as const),
    ...persona.examples.map(
      ({ user, reply }, index) => [`example ${index + 1}`, `> ${user}\n${reply}`] as const,
    ),
    ['reminder', persona.reminder],
    ['prefill', persona.prefill ?? ''],
    ...cardSections(persona),
    [
      'settings',
      Object.entries(settings)
        .map(([key, value]) => `${key}: ${value}`)
        .join('\n'),
    ],
  ]
  const shown = sections
    .filter(([, text]) => text !== '')
    .map(([title, text]) => `${title}\n${indented(text)}\n`)
  return `${sizeText(persona)}, version ${personaVersion(persona)}\n\n${shown.join('\n')}`
}

function cardSections({ card, lore = [] }: Persona): readonly (readonly [string, string])[] {
  const entries = lore.flatMap((book) =>
    book.entries.map((entry) => {
      const keys = entry.constant
        ? 'always'
        : entry.keys.map((key) => (key.kind === 'words' ? key.text : key.source))
      return `${entry.enabled ? '' : '(off) '}${oneLine(entry.name || entry.id)}: ${oneLine(String(keys))}`
    }),
  )
  return [
    ['system prompt', card?.systemPrompt ?? ''],
    ['note', card?.note?.text ?? ''],
    ...(card?.groupGreetings ?? []).map((text, index) => [`greeting for groups ${index + 1}`, text] as const),
    ['lore', entries.join('\n')],
    ['creator', [card?.creator, card?.characterVersion].filter((each) => each).join(', ')],
    ['tags', card?.tags.join(', ') ?? ''],
    ["creator's notes", card?.creatorNotes ?? ''],
  ]
}

const indented = (text: string): string => text.replace(/^(?=.)/gm, '  ')

function checkFailed(problems: readonly PersonaProblem[]): HearthError {
  const [count, pronoun] =
    problems.length === 1 ? ['1 problem', 'it'] : [`${problems.length} problems`, 'them']
  return personaError(`The personas have ${count}.`, {
    code: 'persona-invalid',
    mend: `Mend ${pronoun} as said above, then run: npx hearth persona check`,
  })
}

function unknownPersona(name: string, personas: readonly Persona[]): HearthError {
  const ids = personas.map(({ id }) => id)
  const meant = nearest(name, [...ids, ...personas.map((each) => each.name)])
  const id = personas.find((each) => each.name === meant)?.id ?? meant
  return personaError(`There is no persona called ${JSON.stringify(shownName(name))}.`, {
    code: 'persona-unknown',
    mend: id === undefined ? `There are: ${ids.join(', ') || 'none'}.` : `Did you mean ${id}?`,
  })
}

function badName(name: string): HearthError {
  const slug = slugFrom(name)
  return personaError(
    `${JSON.stringify(shownName(name))} cannot be the name of a persona's folder: small letters a to z, digits, - and _, at most 63.`,
    {
      code: 'persona-name',
      mend: slug === undefined ? 'Run: npx hearth persona new <name>' : `Run: npx hearth persona new ${slug}`,
    },
  )
}
