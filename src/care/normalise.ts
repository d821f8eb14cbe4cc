/** What is read of a message: its beginning and its end, so that a wall of text costs no more than a page. */
const mostCharacters = 4000

/** Letters of other alphabets, each before the Latin one that it looks like. */
const pairs = 'аaвbеeкkмmнhоoрpсcтtуyхxіiјjѕsԁdɡgαaβbεeιiκkνvοoρpτtυuχxωwɑaıiꓲi'.match(/../gu) ?? []
const lookalikes = new Map(pairs.map((pair) => [pair.slice(0, 1), pair.slice(1)] as const))

const figures: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '@': 'a',
  $: 's',
  '€': 'e',
  '!': 'i',
  '|': 'i',
}
const letter = '\\p{L}'
const figure = '[0134578@$€!|]'
/** Figures between letters, or one before at least three of them: `su1c1de`, `5uicide`; but not `3pm` or `b12`. */
const figured = new RegExp(
  `(?<=${letter})${figure}+(?=${letter})|(?<![${'\\p{L}\\p{N}'}])${figure}(?=${letter}{3})`,
  'gu',
)
/** `k m s`, `s.u.i.c.i.d.e`: at least three single letters with one and the same kind of gap. */
const spelt = /(?<![\p{L}\p{N}'])\p{L}(?:([ ._*-])\p{L})(?:\1\p{L})+(?![\p{L}\p{N}'])/gu

/** What stands for a word that filters look for, and the spellings that get round them. */
const ciphers: Readonly<Record<string, string>> = {
  kms: 'kill myself',
  kys: 'kill yourself',
  unalive: 'kill',
  unaliving: 'killing',
  unalived: 'killed',
  sewerslide: 'suicide',
  sewercide: 'suicide',
}

/** Words that people mask by stars; what a mask may stand for must be one of them. */
const masked = (
  'kill killing killed suicide suicidal die dying dead death murder cut cutting hang overdose rape raped abuse ' +
  'suizid selbstmord umbringen sterben tot toten ritzen ' +
  'mourir mort suicider tuer crever ' +
  'morir muerte matarme matarlo suicidio suicidarme ' +
  'morire morte uccidermi ammazzarmi suicidarmi suicida'
).split(' ')

/**
 * The words of a message as the detection reads them: small letters without accents, without what cannot be seen,
 * and with the usual disguises taken off. Hostile text of any length takes bounded time.
 */
export function normalise(text: string): string {
  const plain = Array.from(
    // Twice: a single character may stand for eighteen.
    bothEnds(bothEnds(text).toWellFormed().normalize('NFKC'))
      .toLowerCase()
      .replace(/ß/g, 'ss')
      .replace(/[’‘`´ʼ]/g, "'")
      .normalize('NFD')
      .replace(/[\p{M}\p{Cf}\u0000-\u0008\u000b-\u001f\u007f-\u009f]/gu, ''),
    (each) => lookalikes.get(each) ?? each,
  ).join('')
  return plain
    .replace(spelt, (letters) => letters.replace(/[ ._*-]/g, ''))
    .replace(figured, (signs) => Array.from(signs, (sign) => figures[sign] ?? sign).join(''))
    .replace(/\p{L}+(?:[*#]+\p{L}+)+/gu, unmask)
    .replace(/(\p{L})\1{2,}/gu, '$1')
    .replace(/\p{L}+/gu, (word) => (Object.hasOwn(ciphers, word) ? (ciphers[word] ?? word) : word))
    .replace(/\s+/g, ' ')
    .trim()
}

function bothEnds(text: string): string {
  const half = mostCharacters / 2
  return text.length <= mostCharacters + 1 ? text : `${text.slice(0, half)} ${text.slice(-half)}`
}

function unmask(word: string): string {
  const stars = /[*#]/
  const fits = (whole: string) =>
    whole.length === word.length &&
    Array.from(word).every((each, at) => stars.test(each) || each === whole[at])
  return masked.find(fits) ?? word
}
