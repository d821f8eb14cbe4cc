import { cleanName } from '../core/text.ts'
import type { ZippedFile } from '../files/zip-archive.ts'
import { discordPackage, discordPackageCsv } from './discord-package.ts'
import type { Speaker } from './entry.ts'
import { notTheirPackage, whichChannel } from './errors.ts'
import { type Fields, fieldsOf, idOf, listOf, parseJson, textOf } from './fields.ts'
import { type Hints, same } from './who.ts'
import type { Picked } from './zip-export.ts'

/** The folders have other names in other languages, and other capitals in other years. */
const messagesFile = /^(.*\/)?c?(\d{15,20})\/messages\.(?:json|csv)$/i
const detailsFile = /(?:^|\/)(?:channel|index|user)\.json$/i

/** Much larger than honest ones, which have a line for each channel or friend. */
const detailsMostBytes = 16 << 20
const shownMost = 30

interface Channel {
  readonly file: ZippedFile
  readonly id: string
  readonly title: string
  /** How somebody may call it: by its name, its id, or whom the person writes to in it. */
  readonly names: readonly string[]
}

export const isOfPackage = (name: string): boolean => messagesFile.test(name) || detailsFile.test(name)

/**
 * A data package of Discord has everything that the person wrote, to whomever. Taken is what they wrote to the
 * persona: the channels that go by one of its names, or the only one that there is. Undefined where it is no
 * data package. Throws `HearthError`: `import-who`; and what reading throws.
 */
export async function pickOfPackage(
  files: readonly ZippedFile[],
  hints: Hints,
  signal: AbortSignal,
): Promise<Picked | undefined> {
  const byName = new Map(files.map((file) => [file.name.toLowerCase(), file]))
  const details = async (name: string) => await readDetails(byName.get(name.toLowerCase()), signal)
  const account = files.find(({ name }) => /(?:^|\/)user\.json$/i.test(name))
  const owner = await readDetails(account, signal)
  const person = personOf(owner)
  const channels: Channel[] = []
  const titles = new Map<string, Fields>()
  for (const file of files) {
    const [, folder = '', id] = messagesFile.exec(file.name) ?? []
    if (id === undefined) continue
    const index = titles.get(folder) ?? (await details(`${folder}index.json`))
    titles.set(folder, index)
    channels.push(
      channelOf(file, id, index, await details(file.name.replace(/[^/]+$/, 'channel.json')), owner),
    )
  }
  if (channels.length === 0) return undefined
  if (hints.personNames.length === 0 && /^\d{15,20}$/.test(hints.person) && textOf(owner.id) !== '') {
    if (owner.id !== hints.person) throw notTheirPackage(cleanName(textOf(owner.username)))
  }
  const taken = taking(channels, hints)
  return {
    name: `Discord's own data package; of it is taken: ${titlesOf(taken)}`,
    parts: taken.map(({ file }) => ({
      file,
      format: /json$/i.test(file.name) ? discordPackage : discordPackageCsv,
      person,
    })),
    // They have named channels: in those nobody speaks but the person.
    hints: { ...hints, personaNames: [] },
  }
}

function titlesOf(channels: readonly Channel[]): string {
  const shown = channels.slice(0, shownMost).map(({ title }) => title)
  return [...shown, ...(channels.length > shownMost ? ['and more'] : [])].join(', ')
}

function taking(channels: readonly Channel[], { persona, personaNames }: Hints): readonly Channel[] {
  const called = (names: readonly string[]) =>
    channels.filter((channel) => names.some((name) => channel.names.some((own) => same(own, name))))
  if (personaNames.some((name) => called([name]).length === 0)) throw whichChannel(listed(channels))
  const known = called(personaNames.length > 0 ? personaNames : persona)
  if (known.length > 0) return known
  if (channels.length === 1) return channels
  throw whichChannel(listed(channels))
}

const listed = (channels: readonly Channel[]): string => {
  const largest = [...channels].sort((a, b) => b.file.bytes - a.file.bytes)
  const shown = largest
    .slice(0, shownMost)
    .map(({ title, id, file }) => `  ${title} (${id}, ${size(file.bytes)})`)
  const more = channels.length > shownMost ? [`  and ${channels.length - shownMost} more`] : []
  return [...shown, ...more].join('\n')
}

const size = (bytes: number): string => `${Math.ceil(bytes / 1000).toLocaleString('en-GB')} kB`

function channelOf(file: ZippedFile, id: string, index: Fields, channel: Fields, owner: Fields): Channel {
  const room = textOf(channel.name)
  const title = textOf(index[id]) || room || id
  const whom = /^Direct Message with (.+)$/i.exec(title)?.[1] ?? title
  const recipients = listOf(channel.recipients)
    .map(idOf)
    .filter((each) => each !== '' && each !== owner.id)
  return {
    file,
    id,
    title: cleanName(title),
    // `mira#1234` where it still has a number behind it.
    names: [title, whom, whom.replace(/#\d{1,4}$/, ''), id, ...recipients],
  }
}

function personOf(owner: Fields): Speaker {
  const { id, username, discriminator, global_name: shown } = owner
  const name = textOf(username)
  const numbered = name === '' ? '' : `${name}#${idOf(discriminator)}`
  const names = [name, textOf(shown), numbered, textOf(id), 'you'].filter((each) => each !== '')
  return { id: 'person', names, role: 'person' }
}

/** Nothing where it is missing, too large or no JSON. */
async function readDetails(file: ZippedFile | undefined, signal: AbortSignal): Promise<Fields> {
  if (file === undefined || file.bytes > detailsMostBytes) return {}
  const chunks: Uint8Array[] = []
  for await (const chunk of file.read(signal)) chunks.push(chunk)
  return fieldsOf(parseJson(Buffer.concat(chunks).toString())?.value)
}
