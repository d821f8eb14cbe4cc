import { words } from './language.ts'

/** How one language speaks of time, in folded words. Patterns match words with single spaces between them. */
export interface DateLanguage {
  readonly code: 'en' | 'de' | 'fr' | 'es' | 'it'
  /** Several words of one meaning stand with a bar between them. */
  /** The longer words first: "the day before yesterday" holds "yesterday". */
  readonly days: readonly (readonly [pattern: string, days: number])[]
  /** From Monday, 1. */
  readonly weekdays: readonly string[]
  readonly months: readonly string[]
  readonly seasons: {
    readonly spring: string
    readonly summer: string
    readonly autumn: string
    readonly winter: string
  }
  readonly units: {
    readonly day: string
    readonly week: string
    readonly month: string
    readonly year: string
  }
  readonly holidays: readonly (readonly [pattern: string, month: number, day: number])[]
  readonly numbers: Readonly<Record<string, number>>
  /** Around `N`, the number, and `U`, the unit. */
  readonly ago: readonly string[]
  readonly ahead: readonly string[]
  /** Before or after what it belongs to. */
  readonly next: { readonly before: string; readonly after: string }
  readonly last: { readonly before: string; readonly after: string }
  readonly this: string
  /** `next Friday` may mean this week's Friday or the next one's. */
  readonly nextIsOpen: boolean
  readonly prepositions: string
  readonly since: string
  readonly until: string
  /** Between the day and the month, and after the number of a day. */
  readonly ordinal: string
  readonly of: string
  readonly monthFirst: boolean
  /** Comes back every year: no year is put to it. */
  readonly recurring: RegExp
}

const counted = (text: string): Readonly<Record<string, number>> =>
  Object.fromEntries(words(text).map((word, index) => [word, index + 1]))

const christmas = (eve: string, day: string, newYearsEve: string, newYear: string) =>
  [
    [eve, 12, 24],
    [day, 12, 25],
    [newYearsEve, 12, 31],
    [newYear, 1, 1],
  ] as const

export const dateLanguages: readonly DateLanguage[] = [
  {
    code: 'en',
    days: [
      ['the day before yesterday', -2],
      ['the day after tomorrow', 2],
      ['yesterday|last night|yesterday (?:morning|evening|afternoon|night)', -1],
      ['tomorrow|tomorrow (?:morning|evening|afternoon|night)', 1],
      ['today|tonight|this (?:morning|afternoon|evening)', 0],
    ],
    weekdays: words(
      'monday|mon tuesday|tue|tues wednesday|wed thursday|thu|thurs friday|fri saturday sunday',
    ),
    months: words(
      'january|jan february|feb march april|apr may june july august|aug september|sept|sep october|oct november|nov december|dec',
    ),
    seasons: { spring: 'spring', summer: 'summer', autumn: 'autumn|fall', winter: 'winter' },
    units: { day: 'days?', week: 'weeks?', month: 'months?', year: 'years?' },
    holidays: christmas(
      'christmas eve',
      '(?:christmas(?: day)?|xmas)',
      'new year s eve',
      'new year(?: s day)?',
    ),
    numbers: {
      a: 1,
      an: 1,
      'a couple of': 2,
      ...counted('one two three four five six seven eight nine ten eleven twelve'),
    },
    ago: ['N U ago'],
    ahead: ['in N U(?: time)?', 'N U from now'],
    next: { before: 'next', after: '' },
    last: { before: 'last|this past', after: '' },
    this: 'this|this coming',
    nextIsOpen: true,
    prepositions: '(?:on|in|at|by|for|during)',
    since: '(?:since|ever since)',
    until: '(?:until|till|til)',
    ordinal: '(?:st|nd|rd|th)?',
    of: '(?:of )?',
    monthFirst: true,
    recurring: /\b(?:birthday|anniversary|every|each|name ?day|always)\b/,
  },
  {
    code: 'de',
    days: [
      ['vorgestern', -2],
      ['ubermorgen', 2],
      ['gestern(?: abend| morgen| nacht)?', -1],
      ['(?<!(?:am|guten|jeden|den|der|einen) )morgen(?: abend| fruh| nachmittag)?', 1],
      ['heute(?: abend| morgen| nacht)?', 0],
    ],
    weekdays: words(
      'montags?|montagabend dienstags? mittwochs? donnerstags? freitags?|freitagabend samstags?|sonnabend sonntags?',
    ),
    months: words(
      'januar|janner februar|feber marz april mai juni juli august september oktober november dezember',
    ),
    seasons: { spring: 'fruhling|fruhjahr', summer: 'sommer', autumn: 'herbst', winter: 'winter' },
    units: { day: 'tag(?:e|en)?', week: 'wochen?', month: 'monat(?:e|en)?', year: 'jahr(?:e|en|es)?' },
    holidays: christmas('heiligabend', 'weihnachten', 'silvester', 'neujahr'),
    numbers: {
      einem: 1,
      einer: 1,
      ein: 1,
      eine: 1,
      ...counted('eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf'),
    },
    ago: ['vor N U'],
    ahead: ['in N U'],
    next: { before: 'nachste[nsrm]?|kommende[nsrm]?', after: '' },
    last: { before: 'letzte[nsrm]?|vergangene[nsrm]?|vorige[nsrm]?', after: '' },
    this: 'diese[nsrm]?',
    nextIsOpen: true,
    prepositions: '(?:am|im|an|zu|in|um)',
    since: 'seit(?: dem)?',
    until: 'bis(?: zum| zur| ende)?',
    ordinal: '',
    of: '',
    monthFirst: false,
    recurring: /\b(?:geburtstag\w*|hochzeitstag|jahrestag|jede\w*|namenstag|wird am)\b/,
  },
  {
    code: 'fr',
    days: [
      ['avant hier', -2],
      ['apres demain', 2],
      ['hier(?: soir| matin)?', -1],
      ['demain(?: soir| matin)?', 1],
      ['aujourd hui|ce (?:soir|matin)', 0],
    ],
    weekdays: words('lundi mardi mercredi jeudi vendredi samedi dimanche'),
    months: words('janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre'),
    seasons: { spring: 'printemps', summer: 'ete', autumn: 'automne', winter: 'hiver' },
    units: { day: 'jours?', week: 'semaines?', month: 'mois', year: 'ans?|annees?' },
    holidays: christmas(
      '(?:le )?reveillon de noel',
      'noel',
      '(?:la )?saint sylvestre',
      '(?:le )?(?:jour de l an|nouvel an)',
    ),
    numbers: { un: 1, une: 1, ...counted('un deux trois quatre cinq six sept huit neuf dix onze douze') },
    ago: ['il y a N U', 'y a N U'],
    ahead: ['dans N U', 'd ici N U'],
    next: { before: '', after: 'prochaine?|qui vient' },
    last: { before: '', after: 'derniere?|passee?' },
    this: 'ce|cet|cette',
    nextIsOpen: false,
    prepositions: '(?:en|au|a|le|la|l)',
    since: 'depuis(?: le| l)?',
    until: 'jusqu (?:a|au|en)',
    ordinal: '(?:er)?',
    of: '',
    monthFirst: false,
    recurring: /\b(?:anniversaire|chaque|tous les|fete)\b/,
  },
  {
    code: 'es',
    days: [
      ['anteayer|antes de ayer', -2],
      ['pasado manana', 2],
      ['ayer(?: por la (?:tarde|noche|manana))?|anoche', -1],
      ['(?<!la )manana(?: por la (?:tarde|noche|manana))?', 1],
      ['hoy|esta (?:noche|tarde|manana)', 0],
    ],
    weekdays: words('lunes martes miercoles jueves viernes sabado domingo'),
    months: words(
      'enero febrero marzo abril mayo junio julio agosto septiembre|setiembre octubre noviembre diciembre',
    ),
    seasons: { spring: 'primavera', summer: 'verano', autumn: 'otono', winter: 'invierno' },
    units: { day: 'dias?', week: 'semanas?', month: 'mes(?:es)?', year: 'anos?' },
    holidays: christmas('nochebuena', 'navidad(?:es)?', 'nochevieja', 'ano nuevo'),
    numbers: { un: 1, una: 1, ...counted('uno dos tres cuatro cinco seis siete ocho nueve diez once doce') },
    ago: ['hace N U'],
    ahead: ['(?:en|dentro de) N U'],
    next: { before: 'proxim[oa]', after: 'que viene|proxim[oa]' },
    last: { before: '', after: 'pasad[oa]' },
    this: 'este|esta',
    nextIsOpen: false,
    prepositions: '(?:el|la|en|en el|en la|este|al)',
    since: 'desde(?: el| la| hace)?',
    until: 'hasta(?: el| la)?',
    ordinal: '',
    of: '(?:de )?',
    monthFirst: false,
    recurring: /\b(?:cumpleanos|aniversario|cada|todos los|santo)\b/,
  },
  {
    code: 'it',
    days: [
      ['l altro ieri|avantieri', -2],
      ['dopodomani', 2],
      ['ieri(?: sera| mattina)?', -1],
      ['domani(?: sera| mattina)?', 1],
      ['oggi|stasera|stamattina', 0],
    ],
    weekdays: words('lunedi martedi mercoledi giovedi venerdi sabato domenica'),
    months: words(
      'gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre',
    ),
    seasons: { spring: 'primavera', summer: 'estate', autumn: 'autunno', winter: 'inverno' },
    units: { day: 'giorn[oi]', week: 'settiman[ae]', month: 'mes[ei]', year: 'ann[oi]' },
    holidays: christmas('(?:la )?vigilia di natale', 'natale', '(?:a )?san silvestro', '(?:a )?capodanno'),
    numbers: {
      un: 1,
      una: 1,
      ...counted('uno due tre quattro cinque sei sette otto nove dieci undici dodici'),
    },
    ago: ['N U fa'],
    ahead: ['(?:tra|fra) N U'],
    next: { before: 'prossim[oa]', after: 'prossim[oa]' },
    last: { before: 'scors[oa]', after: 'scors[oa]|passat[oa]' },
    this: 'questo|questa',
    nextIsOpen: false,
    prepositions: '(?:a|in|il|la|l|lo|nel|nell|nella|di)',
    since: '(?:dal|dalla|dall|da)',
    until: 'fino (?:a|al|alla)',
    ordinal: '',
    of: '',
    monthFirst: false,
    recurring: /\b(?:compleanno|anniversario|ogni|onomastico)\b/,
  },
]
