import type { KnockContent, Terms } from '../core/knock.ts'
import type { Place } from '../vault/seal.ts'

/** Both are sealed with the person's key. */
export const knockPlace = (id: string): Place => ({ table: 'knocks', column: 'content', row: id })
export const termsPlace = (person: string): Place => ({ table: 'participants', column: 'terms', row: person })

/** Of somebody who has set none. */
export const usualTerms: Terms = { zone: undefined, hours: '08:00-22:00', most: 5 }

export const writeContent = ({ text, at, language }: KnockContent): string =>
  JSON.stringify({ text, at: at.toISOString(), language })

export function readContent(text: string): KnockContent {
  const content = JSON.parse(text) as Omit<KnockContent, 'at'> & { readonly at: string }
  return { ...content, at: new Date(content.at) }
}

export const writeTerms = (terms: Terms): string => JSON.stringify(terms)

/** Undefined is what cannot be opened, too: nothing is said by terms that nobody knows. */
export const readTerms = (text: string | undefined): Terms =>
  text === undefined ? usualTerms : { ...usualTerms, ...(JSON.parse(text) as Partial<Terms>) }
