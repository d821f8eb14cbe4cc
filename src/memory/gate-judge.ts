import type { About, FactKind } from '../core/fact.ts'
import { dateStatement } from './date-statement.ts'
import { type DateContext, findDates, type SaidDate } from './dates.ts'
import type { Batch, Candidate, Fact, Refusal, SaidMessage } from './fact.ts'
import { answerTo } from './gate-answer.ts'
import type { Evidence } from './gate-evidence.ts'
import { languageOf } from './gate-language.ts'
import { isQuoted, messageMood, sentenceMood } from './gate-mood.ts'
import { personaRefusal } from './gate-persona.ts'
import { inScene, isCorrection, takenBack } from './gate-scene.ts'
import { belongsToOther, bent, subjectAgrees } from './gate-sense.ts'
import { isTransient, sensitivityOf, statementRefusal } from './gate-statement.ts'
import { type Subject, subjectOf } from './gate-subject.ts'
import { support } from './gate-support.ts'
import { findQuote, fold, normalise, type Span, verbatim } from './gate-text.ts'
import { type Doc, looseWords, overlaps, parse, segmentsOf, type Token } from './gate-tokens.ts'
import { type Told, toldOf } from './gate-told.ts'
import { canon, isPerson } from './gate-words.ts'
import type { Language } from './languages/language.ts'

export type Judged =
  | { readonly refusal: Refusal }
  /** `key`: the same for statements of the same words. */
  | { readonly fact: Fact; readonly key: string }

interface Case {
  readonly batch: Batch
  readonly message: SaidMessage
  readonly candidate: Candidate
  readonly language: Language
  readonly doc: Doc
  readonly statement: Doc
  readonly told: Told
  readonly names: ReadonlySet<string>
  readonly earlier: readonly SaidMessage[]
}

/** `message` is one of the batch's, and has the quote. */
export function judge(batch: Batch, message: SaidMessage, candidate: Candidate): Judged {
  const at = batch.messages.indexOf(message)
  const earlier = [...batch.before, ...batch.messages.slice(0, at)]
  const previous = earlier.at(-1)
  const context = previous?.speaker.kind === 'persona' && message.text.length < 60 ? ` ${previous.text}` : ''
  const language = languageOf(message.text + context, candidate.statement)
  if (language === undefined) return { refusal: 'unknown-language' }
  const doc = parse(message.text, language)
  const statement = parse(candidate.statement, language)
  const personaNames = new Set(looseWords(batch.personaName))
  const ofPersona = message.speaker.kind === 'persona'
  const names = new Set(looseWords(message.speaker.name))
  const source = (token: Token) =>
    statement.normal.source
      .slice(statement.normal.places[token.start], statement.normal.places[token.end])
      .replace(/['’]s?$/u, '')
  const told = toldOf(statement.tokens, source, names, language)
  const refusal =
    statementRefusal(candidate.statement, statement, personaNames, ofPersona, language) ??
    (ofPersona ? undefined : messageMood(doc, language)) ??
    takenBack(message, batch.messages.slice(at + 1), language)
  if (refusal !== undefined) return { refusal }
  const given: Case = { batch, message, candidate, language, doc, statement, told, names, earlier }
  let first: Judged | undefined
  // The words may stand in a question and again as an answer to it.
  for (const span of findQuote(doc.normal, candidate.quote)) {
    const judged = judgeAt(given, span)
    if (!('refusal' in judged)) return judged
    first ??= judged
  }
  return first ?? { refusal: 'quote-not-said' }
}

function judgeAt(given: Case, span: Span): Judged {
  const { batch, message, candidate, language, doc, statement, told, names, earlier } = given
  const ofPersona = message.speaker.kind === 'persona'
  if (isQuoted(doc, span, language)) return { refusal: 'quoted' }
  if (inScene(message, span, earlier, language)) return { refusal: 'role-play' }
  const personaNames = new Set(looseWords(batch.personaName))
  if (ofPersona) {
    const refusal = personaRefusal(candidate, doc, span, statement, personaNames, language)
    if (refusal !== undefined) return { refusal }
  }
  const answer = answerTo(message, doc, earlier.at(-1), language, names, otherNames(given))
  if (answer === 'unclear') return { refusal: 'hypothetical' }
  const quoteSentences = doc.sentences.filter((sentence) => overlaps(sentence, span))
  const quoteSegments = quoteSentences
    .flatMap(({ segments }) => segments)
    .filter(({ tokens }) => tokens.some((token) => overlaps(token, span)))
  for (const sentence of quoteSentences) {
    const refusal = sentenceMood(doc, sentence, quoteSegments, language)
    if (refusal !== undefined) return { refusal }
  }
  if (doc.tokens.filter((token) => overlaps(token, span)).length < 2 && answer === undefined)
    return { refusal: 'quote-too-short' }

  const context = dateContext(message, language, quoteSentences.map(({ plain }) => plain).join(' '))
  const dates = findDates(message.text, context)
  const timed = (token: Token) => dates.some((date) => overlaps(date, token))
  const evidence: Evidence = {
    language,
    doc,
    quote: span,
    answer,
    subject: told.kind === 'other' ? told.words : [],
    names: ofPersona
      ? new Set([...names, ...peopleNames(batch), ...promiseWords(candidate, statement, language)])
      : names,
    dateNumbers: new Set(
      dates.flatMap(({ moment }) => moment?.split('-').map((part) => part.replace(/^0+/, '')) ?? []),
    ),
    timed,
  }
  if (!datesAgree(dates, given, context)) return { refusal: 'wrong-sense' }
  const supported = support(statement, evidence)
  if (supported.refusal !== undefined) return { refusal: supported.refusal }
  const { used } = supported
  for (const sentence of new Set(used.map((segment) => segment.sentence))) {
    if (!doc.sentences.includes(sentence)) continue
    const refusal = sentenceMood(doc, sentence, used, language)
    if (refusal !== undefined) return { refusal }
  }
  const spokenOf = segmentsOf(doc).some(
    (segment) => isPronoun(subjectOf(segment, language, timed)) && !language.firstMark.test(segment.plain),
  )
  if (answer !== undefined && told.kind === 'speaker' && spokenOf) return { refusal: 'wrong-subject' }
  if (!subjectAgrees({ told, statement, doc, used, language, timed, answering: answer !== undefined }))
    return { refusal: 'wrong-subject' }
  const other = belongsToOther(told, statement, used, language)
  if (other !== undefined) return { refusal: other }
  if (candidate.kind !== 'promise' && bent(statement, used, language, dates.length > 0))
    return { refusal: 'wrong-sense' }
  if (isTransient(statement, names, used, language)) return { refusal: 'transient' }
  const answers = answer === undefined ? undefined : earlier.at(-1)?.id
  return { fact: { ...factOf(given, span), answers }, key: keyOf(given) }
}

/** A time in the statement is one that was said: "tomorrow" stands in "the day after tomorrow", and is not it. */
function datesAgree(said: readonly SaidDate[], { candidate, message }: Case, context: DateContext): boolean {
  const words = (text: string, { start, end }: Span) =>
    looseWords(normalise(text).text.slice(start, end)).join(' ')
  return findDates(candidate.statement, context).every((told) =>
    said.some(
      (date) =>
        (told.moment !== undefined && date.moment === told.moment) ||
        words(candidate.statement, told) === words(message.text, date),
    ),
  )
}

const isPronoun = (subject: Subject): boolean => subject.kind === 'third' && subject.words.length === 0

const peopleNames = ({ before, messages }: Batch): readonly string[] =>
  [...before, ...messages].flatMap(({ speaker }) =>
    speaker.kind === 'participant' ? looseWords(speaker.name) : [],
  )

const otherNames = ({ batch, names }: Case): readonly string[] =>
  peopleNames(batch).filter((name) => !names.has(name))

/** "Promised that" is the frame of a promise, not its content. */
function promiseWords({ kind }: Candidate, statement: Doc, language: Language): readonly string[] {
  if (kind !== 'promise') return []
  return statement.tokens.map(({ word }) => word).filter((word) => language.promiseTold.test(word))
}

function dateContext(message: SaidMessage, language: Language, said: string): DateContext {
  const direction = language.future.test(said) ? 'future' : language.pastTense.test(said) ? 'past' : undefined
  return { saidAt: message.saidAt, timeZone: message.timeZone, language: language.code, direction }
}

function aboutOf({ message, told, language }: Case): About {
  if (message.speaker.kind === 'persona') return { kind: 'persona' }
  if (told.kind !== 'other') return { kind: 'speaker' }
  const named = told.words.some((word) => isPerson(word, language)) || /^\p{Lu}/u.test(told.name)
  return named ? { kind: 'other', name: told.name } : { kind: 'speaker' }
}

/** The persona's two kinds are its own: a person's promise is a plan of theirs. */
const kindOf = ({ message, candidate }: Case): FactKind =>
  message.speaker.kind === 'participant' && (candidate.kind === 'promise' || candidate.kind === 'self')
    ? 'plan'
    : candidate.kind

function factOf(given: Case, span: Span): Omit<Fact, 'answers'> {
  const { message, candidate, language, doc } = given
  const said = doc.sentences.filter((sentence) => overlaps(sentence, span)).map(({ plain }) => plain)
  const context = dateContext(message, language, said.join(' '))
  return {
    ...dateStatement(candidate.statement, context),
    about: aboutOf(given),
    speaker: message.speaker,
    kind: kindOf(given),
    quote: verbatim(doc.normal, span),
    message: message.id,
    saidAt: message.saidAt,
    importance: candidate.importance,
    sensitivity: sensitivityOf(
      `${fold(candidate.statement)} ${said.join(' ')}`,
      candidate.sensitivity,
      language,
    ),
    corrects: isCorrection(doc, language),
  }
}

function keyOf({ statement, names, language, message }: Case): string {
  const words = statement.tokens
    .filter(({ word }) => !names.has(word) && !language.free.has(word))
    .map(({ word }) => canon(word, language))
  return `${message.speaker.name} ${[...new Set(words)].toSorted().join(' ')}`
}
