import { type Evidence, isName, type Match, type Source, type Support } from './gate-evidence.ts'
import { type Doc, overlaps, type Segment, type Token } from './gate-tokens.ts'
import { isActing, isKnownWord, isNumber, isPerson, sameWord } from './gate-words.ts'
import type { Language } from './languages/language.ts'

/** Every word was said; this asks whether they were said together, and of the same. */
export function conclude(
  told: Doc,
  matches: readonly Match[],
  sources: readonly Source[],
  evidence: Evidence,
): Support {
  const { language, quote, doc } = evidence
  const own = sources.filter(({ asked }) => !asked)
  const quoted = sources.filter(({ inQuote }) => inQuote).map(({ segment }) => segment)
  if (matches.length === 0) return { refusal: 'unsupported' }
  // "4 and 7" is no "7 and 7".
  const counted = matches.filter(({ told: token }) => isNumber(token.word, language)).map(({ said }) => said)
  if (new Set(counted).size < counted.length) return { refusal: 'unsupported' }
  const bearing = matches.filter(
    ({ told: token, said }) => !onlyNames(token, told, language) && !evidence.timed(said),
  )
  const unnamed = matches.filter(({ told: token }) => !isNaming(token, told, language))
  const used = [
    ...new Set(
      (bearing.length > 0 ? bearing : unnamed.length > 0 ? unnamed : matches).map(({ segment }) => segment),
    ),
  ]
  if (isScattered(bearing, told, language)) return { refusal: 'unsupported' }
  const quoteSentences = doc.sentences.filter((sentence) => overlaps(sentence, quote))
  const near = matches.filter(
    ({ segment }) => quoted.includes(segment) || quoteSentences.includes(segment.sentence),
  )
  if (near.length * 2 < matches.length) return { refusal: 'unsupported' }
  if (!used.some((segment) => quoted.includes(segment))) return { refusal: 'unsupported' }
  if (!own.some(({ inQuote }) => inQuote)) return { refusal: 'quote-not-said' }
  if (!frameIsSaid(told, [...used, ...quoted], language)) return { refusal: 'unsupported' }
  if (answersOfOther(told, evidence)) return { refusal: 'wrong-subject' }
  if (otherIsHad(told, used, language)) return { refusal: 'unsupported' }
  if (ownerLost(matches, told, language)) return { refusal: 'unsupported' }
  if (orderTurned(matches, told, language)) return { refusal: 'wrong-sense' }
  if (directionTurned(matches, doc, told, language)) return { refusal: 'wrong-sense' }
  return { refusal: undefined, used }
}

const isNaming = (token: Token, told: Doc, language: Language): boolean =>
  token.capital && language.naming.has(told.tokens[told.tokens.indexOf(token) - 1]?.word ?? '')

/** Whom it is about, or how somebody is called: may have been said in a clause before. */
function onlyNames(token: Token, told: Doc, language: Language): boolean {
  const at = told.tokens.indexOf(token)
  const before = told.tokens[at - 1]?.word ?? ''
  if (language.naming.has(before)) return isNaming(token, told, language)
  if (isPerson(token.word, language)) return true
  if (!isName(token, told, language) && at > 0) return false
  // The subject, or somebody beside it: "Ada and Tom", "Ada's sister Ruth".
  return at <= 1 || before === 's' || language.andWords.has(before) || isPerson(before, language)
}

/** A verb of one clause with the object of another: "I like the hills, I hate the sea" is no liking of the sea. */
function isScattered(bearing: readonly Match[], told: Doc, language: Language): boolean {
  const segments = [...new Set(bearing.map(({ segment }) => segment))]
  if (segments.length < 2) return false
  const pointsBack = segments.some(({ tokens }) =>
    tokens.some(({ word }) => language.objectPronouns.has(word)),
  )
  if (pointsBack) return false
  const subjects = segments.filter(({ plain }) => language.firstSubject.test(plain))
  if (subjects.length > 1) return true
  return segments.some(({ tokens }) => {
    const verb = tokens.find(({ word }) => isActing(word, language) && !language.selfNouns.has(word))
    const is = tokens.some(({ word }) => language.be.has(word) || language.have.has(word))
    return verb === undefined
      ? is
      : !told.tokens.some(({ word }) => sameWord(word, verb.word, language, false))
  })
}

/** "Has" and "is" say something: "I like cats" makes nobody a cat, nor its owner. */
function frameIsSaid(told: Doc, segments: readonly Segment[], language: Language): boolean {
  const said = segments.flatMap(({ tokens }) => tokens)
  const owns = said.some(({ word }) => language.possessives.has(word))
  const has = (words: ReadonlySet<string>) => said.some(({ word }) => words.has(word))
  return told.tokens.every(({ word }, at) => {
    const next = told.tokens[at + 1]?.word ?? ''
    if (language.auxiliaryBefore.test(next)) return true
    if (language.be.has(word) && segments.some(({ plain }) => language.worksAs.test(plain))) return true
    if (language.be.has(word)) return owns || has(language.be)
    if (language.have.has(word)) return owns || has(language.have)
    return true
  })
}

/** "Ho paura dei cani": what is had is fear, not dogs. */
function otherIsHad(told: Doc, used: readonly Segment[], language: Language): boolean {
  const content = ({ word }: Token) => !language.free.has(word) && !language.numbers.has(word)
  const has = told.tokens.findIndex(({ word }) => language.have.has(word))
  const object = has < 0 ? undefined : told.tokens.slice(has + 1).find(content)
  if (object === undefined) return false
  return used.some(({ tokens }) => {
    const from = tokens.findIndex(({ word }) => language.have.has(word))
    const to = tokens.findIndex(({ word }) => sameWord(object.word, word, language, false))
    if (from < 0 || to <= from) return false
    const between = tokens.slice(from + 1, to)
    const first = between.findIndex(content)
    return first >= 0 && between.slice(first + 1).some(({ word }) => language.prepositions.has(word))
  })
}

/** Asked for the sister's name, the answer is not the speaker's own. */
function answersOfOther(told: Doc, { answer, language }: Evidence): boolean {
  const asked =
    answer?.question.tokens.filter(
      ({ word }, at, tokens) =>
        isPerson(word, language) && language.possessives.has(tokens[at - 1]?.word ?? ''),
    ) ?? []
  return asked.some(({ word }) => !told.tokens.some((token) => sameWord(token.word, word, language, false)))
}

/** "My boss's dog" is neither the boss nor a dog of one's own: both stay, or the statement is of another thing. */
function ownerLost(matches: readonly Match[], told: Doc, language: Language): boolean {
  if (language.code !== 'en') return false
  const inTold = (word: string) => told.tokens.some((token) => sameWord(token.word, word, language, false))
  return matches.some(({ said, segment: { tokens } }) => {
    const at = tokens.indexOf(said)
    const owned = tokens.slice(at + 2).find(({ word }) => !language.free.has(word))
    const keeps = tokens[at + 1]?.word === 's' && owned !== undefined && !language.selfNouns.has(owned.word)
    if (
      keeps &&
      !language.naming.has(tokens[at + 2]?.word ?? '') &&
      isKnownWord(owned.word, language) &&
      !inTold(owned.word)
    )
      return true
    const owner = tokens[at - 1]?.word === 's' ? tokens[at - 2] : undefined
    return owner !== undefined && isPerson(owner.word, language) && !inTold(owner.word)
  })
}

/** "I prefer tea over coffee": what is compared keeps its order. */
function orderTurned(matches: readonly Match[], told: Doc, language: Language): boolean {
  return matches.some(({ segment }) => {
    if (!language.comparison.test(segment.plain)) return false
    const places = matches
      .filter((match) => match.segment === segment)
      .map(({ said }) => segment.tokens.indexOf(said))
    return told.tokens.length > 0 && places.some((place, at) => at > 0 && place < (places[at - 1] as number))
  })
}

/** "Near Lyon" is not "in Lyon". */
function directionTurned(matches: readonly Match[], doc: Doc, told: Doc, language: Language): boolean {
  const before = (tokens: readonly Token[], token: Token) => tokens[tokens.indexOf(token) - 1]?.word ?? ''
  return matches.some(({ told: token, said, segment }) => {
    if (!isName(token, told, language) && language.nouns === 'lower') return false
    const wanted = before(segment.tokens, said)
    if (!language.strictPrepositions.has(wanted) || !doc.tokens.includes(said)) return false
    return before(told.tokens, token) !== wanted
  })
}
