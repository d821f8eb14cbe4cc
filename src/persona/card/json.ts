import { cardFault } from './fault.ts'

export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [name: string]: Json
}

/** A card of 200,000 words has one. */
export const mostJsonBytes = 16 * 1024 * 1024
/** Real cards go 12 deep, and what comes after the parser recurses. */
const deepest = 64
/** Lists and objects; each takes some 50 bytes of memory, of the two that it takes in the file. */
const mostContainers = 300_000
const mostMembers = 1_500_000

const rawJson = Reflect.get(JSON, 'rawJSON') as (source: string) => Json

/**
 * Reads JSON that may be hostile: in bounded depth and memory, and without losing anything. A number that
 * JavaScript cannot hold (a long id) is kept as it is written. Throws `HearthError`.
 */
export function parseJson(source: string): Json {
  const text = source.charCodeAt(0) === 0xfeff ? source.slice(1) : source
  checkShape(text)
  try {
    return (longNumber.test(text) ? JSON.parse(text, keepLongNumber) : JSON.parse(text)) as Json
  } catch {
    throw cardFault('this is not valid JSON')
  }
}

/** Seldom there, and a reviver makes the parser several times slower. */
const longNumber = /[\d.]{16}|\d[eE]\+?\d{3}/

function keepLongNumber(_: string, value: Json, context?: { readonly source?: string }): Json {
  const source = context?.source
  return typeof value === 'number' && source !== undefined && isLossy(value, source) ? rawJson(source) : value
}

/** Longer figures than a double keeps, or beyond its range. */
function isLossy(value: number, source: string): boolean {
  if (!Number.isFinite(value)) return true
  if (source.length <= 15) return false
  if (/^-?\d{1,40}$/.test(source)) return BigInt(value) !== BigInt(source)
  return source.replace(/e.*$/i, '').replace(/\D|^0+/g, '').length > 17
}

function checkShape(text: string): void {
  if (text.length > mostJsonBytes) throw cardFault('the JSON is too long', 'Shorten the card.')
  let depth = 0
  let containers = 0
  let members = 0
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: {
        at = stringEnd(text, at)
        break
      }
      case 0x2c:
        members++
        break
      case 0x5b:
      case 0x7b:
        containers++
        if (++depth > deepest) throw cardFault(`lists or fields are nested more than ${deepest} deep`)
        break
      case 0x5d:
      case 0x7d:
        depth--
    }
  }
  if (containers > mostContainers || members > mostMembers) {
    throw cardFault('the JSON has too many parts', 'Take out what other programs have added to the card.')
  }
}

function stringEnd(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    const quote = text.indexOf('"', at)
    if (quote === -1) return text.length
    let slashes = 0
    while (text.charCodeAt(quote - 1 - slashes) === 0x5c) slashes++
    if (slashes % 2 === 0) return quote
    at = quote
  }
}

export function isObject(value: unknown): value is JsonObject {
  return (
    value !== null &&
    typeof value === 'object' &&
    !Array.isArray(value) &&
    !('rawJSON' in value && isRaw(value))
  )
}

const isRaw = Reflect.get(JSON, 'isRawJSON') as (value: unknown) => boolean

export const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {})
export const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : [])
/** Text, or a number or truth value that was meant as text; anything else is empty. */
export function textOf(value: Json | undefined): string {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}
/** A finite number, or one that is written as text. */
export function numberOf(value: Json | undefined): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}
export function truthOf(value: Json | undefined): boolean | undefined {
  if (typeof value === 'boolean') return value
  if (value === 1 || value === 'true') return true
  return value === 0 || value === 'false' ? false : undefined
}
