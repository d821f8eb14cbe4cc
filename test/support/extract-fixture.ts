import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { FactKind } from '../../src/core/fact.ts'
import { messageId, participantId } from '../../src/core/ids.ts'
import type { Batch, Candidate, SaidMessage } from '../../src/memory/fact.ts'

/** A statement with its quote, as the fixture writes it: `statement <= quote @ when ~ whom`. */
export interface Claim {
  readonly statement: string
  readonly quote: string
  /** `2026-11-20`, or `..2027-01` for an end; undefined: not said. */
  readonly when: string | undefined
  /** Whom it is about, as the fact is to be marked; undefined: the speaker. */
  readonly whom: string | undefined
  readonly kind: FactKind
  /** From 1. */
  readonly message: number
}

/** What was said, what is to be found in it (`gold`), and what must not be (`traps`). */
export interface Exchange {
  readonly id: string
  readonly batch: Batch
  readonly gold: readonly Claim[]
  readonly traps: readonly Claim[]
  /** Not looked at while the gate was tuned: every second one of the first two hundred. */
  readonly heldOut: boolean
}

const folder = path.join(import.meta.dirname, '../fixtures/extract')
export const personaName = 'Mira'

const uuid = (number: number): string => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`

export async function readExchanges(): Promise<readonly Exchange[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.txt')).toSorted()
  const texts = await Promise.all(files.map((name) => readFile(path.join(folder, name), 'utf8')))
  return texts.flatMap((text, at) => readFixture(path.basename(files[at] ?? '', '.txt'), text))
}

function readFixture(name: string, text: string): readonly Exchange[] {
  return text
    .split(/^## /m)
    .slice(1)
    .map((block, at) =>
      readExchange(
        `${name}-${at + 1}`,
        block.split('\n').slice(1),
        at % 2 === 1 && !/^(?:more|later)-/.test(name),
      ),
    )
}

function readExchange(id: string, lines: readonly string[], heldOut: boolean): Exchange {
  const day = lines.find((line) => line.startsWith('= '))?.slice(2) ?? '2026-11-20'
  const before: SaidMessage[] = []
  const messages: SaidMessage[] = []
  const people = new Map<string, string>()
  for (const line of lines) {
    const said = /^(\()?(\p{L}+): (.*?)\)?$/u.exec(line)
    if (said === null || /^[+\-=] /.test(line)) continue
    const [, context, name = '', text = ''] = said
    const where = context === undefined ? messages : before
    if (!people.has(name)) people.set(name, uuid(900 + people.size))
    where.push({
      id: messageId(uuid(before.length + messages.length + 1)),
      speaker:
        name === personaName
          ? { kind: 'persona', name }
          : { kind: 'participant', id: participantId(people.get(name) ?? ''), name },
      // A line in round brackets is context, so what it ends with belongs to the brackets.
      text: context === undefined ? line.slice(name.length + 2) : text,
      saidAt: new Date(`${day}T18:0${messages.length}:00Z`),
      timeZone: 'Europe/Vienna',
    })
  }
  const claims = (sign: string) =>
    lines.filter((line) => line.startsWith(`${sign} `)).map((line) => readClaim(line.slice(2), messages))
  return { id, batch: { before, messages, personaName }, gold: claims('+'), traps: claims('-'), heldOut }
}

function readClaim(line: string, messages: readonly SaidMessage[]): Claim {
  const [told = '', rest = ''] = line.split(' <= ')
  const [, quote = '', when, whom] =
    /^(.*?)(?: @ (\S+(?: (?:spring|summer|autumn|winter))?))?(?: ~ (.+))?$/.exec(rest) ?? []
  const kind = whom === 'promise' || whom === 'self' ? whom : 'attribute'
  const ofPersona = kind !== 'attribute'
  const statement = told.replace(/^"(.*)"$/, '$1')
  const speaks = (message: SaidMessage) => message.text.includes(quote)
  // The statement names its speaker, where two people said the same words.
  const named = messages.findIndex((message) => speaks(message) && statement.includes(message.speaker.name))
  const ofKind = messages.findIndex(
    (message) => speaks(message) && (message.speaker.kind === 'persona') === ofPersona,
  )
  const any = messages.findIndex(speaks)
  return {
    statement,
    quote,
    when,
    whom: whom === 'speaker' || ofPersona ? undefined : whom,
    kind,
    message: (ofKind >= 0 && named < 0 ? ofKind : named >= 0 ? named : any) + 1,
  }
}

export const candidateOf = ({ statement, quote, message, kind }: Claim): Candidate => ({
  statement,
  quote,
  message,
  kind,
  importance: 2,
  sensitivity: 'none',
})
