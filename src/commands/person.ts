import { writeFile } from 'node:fs/promises'
import type { Readable, Writable } from 'node:stream'
import { confirm } from '@clack/prompts'
import type { Command } from 'commander'
import { makeArchive } from '../archive/archive.ts'
import type { Platform } from '../core/conversation.ts'
import { type ExternalId, externalId, type ParticipantId } from '../core/ids.ts'
import type { KeptPeople } from '../core/people.ts'
import type { Config } from '../ops/config.ts'
import { pairedPeople } from '../paired-people.ts'
import { readPersonas } from '../persona/read.ts'
import { openStorage } from '../storage.ts'
import type { Store } from '../store/store.ts'
import {
  cannotWrite,
  certificateText,
  countsText,
  listLine,
  nobody,
  notAPlatform,
  notConfirmed,
  wishesText,
} from './person-text.ts'

export interface PersonContext {
  readonly config: () => Promise<Config>
  readonly write: (text: string) => void
  readonly input: Readable & { readonly isTTY?: boolean }
  readonly output: Writable
  readonly signal: AbortSignal
}

type Work = (people: KeptPeople, store: Store, config: Config) => Promise<void>

const whoHelp = `
<platform> is matrix, discord or console, and <id> as it shows people: @ada:home, a Discord user id, or what
/whoami says at a terminal.`

/** Adds `person list|show|export|erase|erase-unreadable`. They throw `HearthError`. */
export function addPersonCommand(program: Command, context: PersonContext): void {
  const { write, signal } = context
  const person = program.command('person').description('look after what is kept of people')
  const opened = async (work: Work) => {
    const config = await context.config()
    await using storage = await openStorage(config, signal)
    const { store } = storage
    await work(pairedPeople(store.people, store.records, config), store, config)
  }

  person
    .command('list')
    .description('list who is known, and how much is kept of each; nothing of what it is')
    .action(() => opened((people) => list(people, write)))

  person
    .command('show <platform> <id>')
    .description('show how much is kept of somebody; nothing of what it is')
    .addHelpText('after', whoHelp)
    .action((platform: string, id: string) =>
      opened(async (people, { own }) => {
        const found = await find(people, platform, id)
        const counts = await people.count(found)
        if (counts === undefined) throw nobody(platform, id)
        write(`${countsText(counts)}\n${wishesText(await own.readWishes(found))}\n`)
      }),
    )

  person
    .command('export <platform> <id>')
    .description('write all that is kept of somebody into a file, to be given to them')
    .requiredOption('--to <file>', 'the zip that is made; one that is there is left alone')
    .addHelpText(
      'after',
      `${whoHelp}\n\nThe file holds what they said, in the clear. Give it to them, and delete it.`,
    )
    .action((platform: string, id: string, { to }: { readonly to: string }) =>
      opened(async (people, _store, config) => {
        const found = await find(people, platform, id)
        const { personas } = await readPersonas(config.personas, signal)
        const data = await people.read(
          found,
          personas.map((persona) => persona.id),
        )
        if (data === undefined) throw nobody(platform, id)
        await writeNew(to, makeArchive(data, new Date(), true))
        write(`All that is kept of them is in ${to}, in the clear.\n`)
      }),
    )

  person
    .command('erase <platform> <id>')
    .description('erase somebody, as they can by the command privacy erase')
    .option('--yes', 'do not ask first')
    .addHelpText('after', whoHelp)
    .action((platform: string, id: string, { yes }: { readonly yes?: true }) =>
      opened(async (people) => {
        const found = await find(people, platform, id)
        const counts = await people.count(found)
        if (counts === undefined) throw nobody(platform, id)
        write(`${countsText(counts)}\n`)
        if (yes === true || (await isConfirmed(context))) await erase(people, found, write)
        else write('Nothing was erased.\n')
      }),
    )

  person
    .command('erase-unreadable')
    .description('erase once more whoever came back with a backup from before their erasure')
    .addHelpText(
      'after',
      '\nOf them there are rows, and no data key. That is also how it looks where an old copy of the schema keyring\nwas restored: then restore the right one instead.',
    )
    .option('--yes', 'do not ask first')
    .action(({ yes }: { readonly yes?: true }) =>
      opened(async (people) => {
        const found = (await people.list()).filter(({ readable }) => !readable)
        write(`${found.length} people cannot be read.\n`)
        if (found.length === 0) return
        if (yes !== true && !(await isConfirmed(context))) return write('Nothing was erased.\n')
        for (const { id } of found) await erase(people, id, write)
      }),
    )
}

async function list(people: KeptPeople, write: (text: string) => void): Promise<void> {
  const known = await people.list()
  if (known.length === 0) write('Nobody is known yet.\n')
  for (const { id } of known) {
    const [identities, counts] = [await people.identities(id), await people.count(id)]
    if (counts !== undefined) write(`${listLine(identities, counts)}\n`)
  }
}

async function find(people: KeptPeople, platform: string, id: string): Promise<ParticipantId> {
  if (!isPlatform(platform)) throw notAPlatform(platform)
  const found = id === '' ? undefined : await people.find(platform, externalIdOf(id))
  if (found === undefined) throw nobody(platform, id)
  return found
}

const externalIdOf = (id: string): ExternalId => externalId(id.slice(0, 1_000))

const isPlatform = (word: string): word is Platform => ['console', 'matrix', 'discord'].includes(word)

/** For its owner alone. Throws `HearthError`. */
async function writeNew(file: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(file, bytes, { flag: 'wx', mode: 0o600 })
  } catch (cause) {
    throw cannotWrite(file, cause)
  }
}

async function erase(
  people: KeptPeople,
  person: ParticipantId,
  write: (text: string) => void,
): Promise<void> {
  const certificate = await people.erase(person)
  if (certificate !== undefined) write(`${certificateText(certificate)}\n`)
}

/** Throws `HearthError` where nobody can be asked. */
async function isConfirmed({ input, output, signal }: PersonContext): Promise<boolean> {
  if (input.isTTY !== true) throw notConfirmed()
  const message = 'Is all of this to be erased? Nobody can bring it back.'
  return (await confirm({ message, initialValue: false, input, output, signal })) === true
}
