import type { Sensitivity } from '../core/fact.ts'
import type { Refusal } from './fact.ts'
import { languages } from './gate-language.ts'
import { doubts, supposes } from './gate-mood.ts'
import { type Doc, parse, type Segment } from './gate-tokens.ts'
import type { Language } from './languages/language.ts'

const plainOf = (doc: Doc): string => doc.sentences.map(({ plain }) => plain).join(' ')

/** What no statement may say, whatever it quotes. */
export function statementRefusal(
  text: string,
  statement: Doc,
  personaNames: ReadonlySet<string>,
  ofPersona: boolean,
  language: Language,
): Refusal | undefined {
  const plain = plainOf(statement)
  if (statement.tokens.length < 2) return 'unsupported'
  // `Name: Ada`, or a list of such.
  if (/^\p{L}[\p{L} ]{0,24}:\s/u.test(text) || language.profile.test(plain)) return 'profile'
  if (text.includes('?')) return 'question'
  if (language.privilege.test(plain)) return 'privilege'
  if (secrets.test(plain)) return 'secret'
  if (language.assistant.test(plain)) return 'about-assistant'
  if (!ofPersona && statement.tokens.some(({ word }) => personaNames.has(word))) return 'about-assistant'
  if (statement.tokens.some(({ word }) => addressed.has(word))) return 'about-assistant'
  if (!ofPersona && language.talk.test(plain)) return 'small-talk'
  if (supposes(plain, language) || doubts(plain, language)) return 'hypothetical'
  return undefined
}

/** Whether it gives somebody rights here: in any language, since a statement alone may be too short to tell which. */
export const claimsRights = (statement: string): boolean =>
  languages.some((language) => language.privilege.test(plainOf(parse(statement, language))))

/** Nobody wants to hear these again from a companion. */
const secrets =
  /\b(?:passwords?|passwort\w*|mot de passe|contrasena|pin (?:code|number|is)|iban|cvv|credit card|kreditkarte\w*|carte bancaire|carta di credito|tarjeta de credito)\b/

const addressed = new Set(['you', 'your', 'yours', 'dein', 'deine', 'dich', 'dir', 'vous', 'votre', 'ton'])

/** Worth nothing tomorrow. */
export function isTransient(
  statement: Doc,
  names: ReadonlySet<string>,
  used: readonly Segment[],
  language: Language,
): boolean {
  const said = used.map(({ sentence }) => sentence.plain).join(' ')
  const told = plainOf(statement)
  if (language.lasting.test(said) || language.sensitive.health.test(told)) return false
  if (used.some(({ plain }) => language.passing.test(plain))) return true
  const contents = statement.tokens.filter(
    ({ word }) =>
      !names.has(word) && !language.free.has(word) && !language.be.has(word) && !language.have.has(word),
  )
  if (contents.every(({ word }) => language.transient.has(word) || language.nowWords.has(word))) return true
  return language.momentary.test(said) && statement.tokens.some(({ word }) => word.endsWith('ing'))
}

/** What the words say of themselves counts more than what the model says of them. */
export function sensitivityOf(told: string, said: Sensitivity, language: Language): Sensitivity {
  const found = (Object.entries(language.sensitive) as [Exclude<Sensitivity, 'none'>, RegExp][]).find(
    ([, pattern]) => pattern.test(told),
  )
  return found?.[0] ?? said
}
