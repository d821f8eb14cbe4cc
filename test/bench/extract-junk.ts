import type { Candidate, SaidMessage } from '../../src/memory/fact.ts'
import { type Claim, candidateOf, type Exchange, personaName } from '../support/extract-fixture.ts'

/** One manner in which extractors go wrong; each gives what is false of the exchange, or worth nothing. */
export interface Manner {
  readonly name: string
  readonly make: (exchange: Exchange, others: readonly Exchange[]) => readonly Candidate[]
}

const speakerOf = ({ speaker }: SaidMessage): string => speaker.name

const said = (exchange: Exchange, { message }: Claim): SaidMessage | undefined =>
  exchange.batch.messages[message - 1]

const isEnglish = ({ id }: Exchange): boolean => /^(?:english|persona|groups)/.test(id)

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** Gold of the exchange with another statement; what is unchanged or true after all is left out. */
function altered(
  exchange: Exchange,
  alter: (statement: string, claim: Claim) => string | undefined,
): readonly Candidate[] {
  return exchange.gold.flatMap((claim) => {
    const statement = alter(claim.statement, claim)
    if (statement === undefined || exchange.gold.some((other) => same(other.statement, statement))) return []
    return [candidateOf({ ...claim, statement })]
  })
}

/** A quote that is really there: the first participant's words. */
function anyQuote(
  exchange: Exchange,
): { readonly message: number; readonly quote: string; readonly name: string } | undefined {
  const at = exchange.batch.messages.findIndex(({ speaker }) => speaker.kind === 'participant')
  const message = exchange.batch.messages[at]
  return message && { message: at + 1, quote: message.text, name: speakerOf(message) }
}

function planted(exchange: Exchange, statements: (name: string) => readonly string[]): readonly Candidate[] {
  const from = anyQuote(exchange)
  if (from === undefined) return []
  return statements(from.name).map((statement) =>
    candidateOf({
      statement,
      quote: from.quote,
      message: from.message,
      kind: 'attribute',
      when: undefined,
      whom: undefined,
    }),
  )
}

const negations: readonly (readonly [RegExp, string])[] = [
  [/ (?:does|do|did) not (\w+)/, ' $1s'],
  [/ never /, ' always '],
  [/ can't /, ' can '],
  [/ (is|was|are|were|has|will) (?!not)/, ' $1 not '],
  [/ nicht mehr$/, ''],
  [/ kein(?:e|en)? /, ' '],
  [/ (ist|hat|mag|wohnt|arbeitet|möchte) /, ' $1 nicht '],
  [/ ne (\w+) pas /, ' $1 '],
  [/ (est|habite|travaille|part) /, ' ne $1 pas '],
  [/ no (come) /, ' $1 '],
  [/ (tiene|vive|trabaja|quiere|empieza) /, ' no $1 '],
  [/ non (\w+) (?:più )?/, ' $1 '],
  [/ (ha|vive|lavora|studia|odia) /, ' non $1 '],
  [/ (\w+s) (?=a |the |in |as |on )/, ' no longer $1 '],
]

const numbers = ['two', 'three', 'seven', 'zwei', 'drei', 'deux', 'trois', 'dos', 'tre']

/** Words with a meaning of their own, of another exchange in the same language. */
function foreignWord(exchange: Exchange, others: readonly Exchange[], not: string): string | undefined {
  const words = others
    .filter((other) => other !== exchange && other.id.split('-')[0] === exchange.id.split('-')[0])
    .flatMap(({ gold }) => gold.map(({ statement }) => statement.split(' ').at(-1) ?? ''))
    .filter((word) => word.length > 3 && !/\d/.test(word))
  const from = exchange.id.length * 7 + not.length
  const all = exchange.batch.messages.map(({ text }) => text.toLowerCase()).join(' ')
  return [...words.slice(from % words.length), ...words].find((word) => !all.includes(word.toLowerCase()))
}

export const manners: readonly Manner[] = [
  { name: 'written by hand', make: ({ traps }) => traps.map(candidateOf) },
  {
    name: 'prompt restated',
    make: (exchange) =>
      planted(exchange, (name) => [
        `${personaName} is a warm companion who speaks in short sentences`,
        `The assistant writes facts about ${name} as JSON`,
        `${name} wants the AI to keep notes about people`,
      ]),
  },
  {
    name: 'recalled memory again',
    make: (exchange, others) =>
      others
        .filter((other) => other !== exchange)
        .slice(exchange.id.length % 11)
        .slice(0, 2)
        .flatMap(({ gold }) => gold.slice(0, 1).map((claim) => candidateOf({ ...claim, message: 1 }))),
  },
  {
    name: 'invented profile',
    make: (exchange) =>
      planted(exchange, (name) => [
        `Name: ${name}, Age: unknown, Occupation: unknown`,
        `${name} is a 34-year-old designer from London who loves hiking`,
        `${name} is friendly and curious`,
      ]),
  },
  {
    name: 'true quote, other fact',
    make: (exchange, others) => {
      const other = others.find(
        (each) =>
          each.id > exchange.id &&
          each.id.split('-')[0] === exchange.id.split('-')[0] &&
          each.gold.length > 0,
      )
      return planted(exchange, (name) => {
        const claim = other?.gold[0]
        const speaker = other === undefined || claim === undefined ? undefined : said(other, claim)
        return claim === undefined || speaker === undefined
          ? []
          : [claim.statement.replaceAll(speakerOf(speaker), name)]
      })
    },
  },
  {
    name: 'turned into its contrary',
    make: (exchange) =>
      altered(exchange, (statement) => {
        const found = negations.find(([pattern]) => pattern.test(statement))
        return found && statement.replace(found[0], found[1])
      }),
  },
  {
    name: 'other number',
    make: (exchange) =>
      altered(exchange, (statement) => {
        if (/\d/.test(statement)) return statement.replace(/\d+/, (digits) => String(Number(digits) + 3))
        const found = numbers.find((word) => new RegExp(` ${word} `).test(statement))
        return found && statement.replace(` ${found} `, ' 9 ')
      }),
  },
  {
    name: 'other name',
    make: (exchange) =>
      altered(exchange, (statement, claim) => {
        const speaker = said(exchange, claim)
        const names = (statement.match(/(?<= )\p{Lu}\p{L}+/gu) ?? []).filter(
          (name) => name !== speaker?.speaker.name,
        )
        return names[0] && statement.replace(names[0], 'Zelda')
      }),
  },
  {
    name: 'one word exchanged',
    make: (exchange, others) =>
      altered(exchange, (statement) => {
        const last = statement.split(' ').at(-1) ?? ''
        const word = foreignWord(exchange, others, statement)
        return word && statement.slice(0, -last.length) + word
      }),
  },
  {
    name: 'one thing added',
    make: (exchange, others) =>
      altered(exchange, (statement) => {
        const word = foreignWord(exchange, others, `${statement} `)
        return word && `${statement} and ${word}`
      }),
  },
  {
    name: "third person's life made the speaker's",
    make: (exchange) =>
      altered(exchange, (statement, claim) => {
        const speaker = said(exchange, claim)?.speaker.name ?? ''
        if (claim.whom === undefined) return undefined
        const own = statement
          .replace(new RegExp(`^${speaker}'s? (?:${claim.whom}|\\p{Ll}+(?: ${claim.whom})?)`, 'u'), speaker)
          .replace(new RegExp(`^(?:La|Le|El) \\p{L}+ d(?:e|i)[' ]${speaker}, ${claim.whom},`, 'u'), speaker)
          .replace(new RegExp(`^${claim.whom}(?:'s)?`), speaker)
        return own === statement ? undefined : own
      }),
  },
  {
    name: "speaker's life made another's",
    make: (exchange) =>
      altered(exchange, (statement, claim) => {
        const speaker = said(exchange, claim)?.speaker.name ?? ''
        return claim.whom === undefined && isEnglish(exchange) && statement.startsWith(`${speaker} `)
          ? statement.replace(speaker, `${speaker}'s brother`)
          : undefined
      }),
  },
  {
    name: 'quote of the persona',
    make: ({ batch, gold }) =>
      batch.messages.flatMap((message, at) => {
        const person = batch.messages.find(({ speaker }) => speaker.kind === 'participant')
        if (message.speaker.kind !== 'persona' || person === undefined) return []
        const statement = `${person.speaker.name} ${message.text.replace(/^(?:So )?(?:you|I) |[?.!]/gi, '')}`
        if (gold.some((claim) => same(claim.statement, statement))) return []
        return [
          candidateOf({
            statement,
            quote: message.text,
            message: at + 1,
            kind: 'attribute',
            when: undefined,
            whom: undefined,
          }),
        ]
      }),
  },
  {
    name: 'question as fact',
    make: ({ batch }) =>
      batch.messages.flatMap((message, at) => {
        const asked = message.text.match(/[^.!?]*\?/)?.[0]
        if (asked === undefined || message.speaker.kind === 'persona') return []
        const words = asked.replace(/[?¿]/g, '').trim()
        return [
          candidateOf({
            statement: `${message.speaker.name} ${words.split(' ').slice(2).join(' ')}`,
            quote: words,
            message: at + 1,
            kind: 'attribute',
            when: undefined,
            whom: undefined,
          }),
        ]
      }),
  },
  {
    name: 'near quote',
    make: (exchange) =>
      exchange.gold.flatMap((claim) => {
        const words = claim.quote.split(' ')
        if (words.length < 3) return []
        const at = Math.floor(words.length / 2)
        return [candidateOf({ ...claim, quote: words.with(at, `${words[at]}ish`).join(' ') })]
      }),
  },
  {
    name: "another participant's words",
    make: (exchange) =>
      exchange.gold.flatMap((claim) => {
        const speaker = said(exchange, claim)?.speaker
        const statement = claim.statement.replaceAll(speaker?.name ?? '', 'Zoe')
        return speaker?.kind === 'participant' && statement.startsWith('Zoe ')
          ? [candidateOf({ ...claim, statement })]
          : []
      }),
  },
  {
    name: 'talk about the talk',
    make: (exchange) =>
      planted(exchange, (name) => [
        `${name} is chatting with ${personaName}`,
        `${name} said hello`,
        `${name} asked a question`,
      ]),
  },
  {
    name: 'rights planted',
    make: (exchange) => planted(exchange, (name) => [`${name} is an admin`, `${name} has full access`]),
  },
]
