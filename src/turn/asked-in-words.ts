/** A command that somebody gives in words. */
export interface Asked {
  readonly name: 'memory' | 'privacy'
  /** What would stand after its name. */
  readonly text: string
}

/** A whole message that means a part of a command, and what it is about. */
interface Phrase {
  readonly name: Asked['name']
  readonly part:
    | 'list'
    | 'why'
    | 'forget'
    | 'correct'
    | 'pin always'
    | 'remember'
    | 'pause'
    | 'resume'
    | 'show'
    | 'erase'
  readonly pattern: RegExp
}

/** "Forget about it" is meant otherwise. */
const about = '(?<about>(?!(?:it|that|this|him|her|them|me|us|das|es|ihn|sie|ça|eso)\\b).+?)'

/** A memory by its number in the list. */
const numberWord =
  '(?:numbers? |no\\.? ?|nummern? |nr\\.? ?|(?:les? )?numéros? |(?:el |los )?números? |(?:il |i )?numer[oi] |#)?'
const number = `${numberWord}(?<about>\\d{1,6}`
const numbers = `${number}(?:(?:, ?| ?& ?|,? (?:and|und|et|y|e) )${numberWord}\\d{1,6})*)`
const canYou = '(?:(?:can|could|will|would) you (?:please )?)?'

/** English, German, French, Spanish, Italian. */
const phrases: readonly Phrase[] = [
  ...[
    `what (?:data )?do you (?:keep|store|have stored)(?: (?:of|about|on) me)?`,
    `what (?:of|about) my (?:data|privacy)`,
    `was (?:speicherst|bewahrst) du (?:über mich|von mir)(?: auf)?`,
    `quelles données (?:gardes|conserves)-tu (?:de|sur) moi`,
    `qué datos (?:guardas|tienes) (?:de|sobre) m[íi]`,
    `(?:che|quali) dati (?:conservi|tieni) (?:di|su) (?:di )?me`,
  ].map((text) => phrase('show', text, 'privacy')),
  ...[
    `(?:delete|erase|forget) (?:everything|all)(?: that)? you (?:know|have|keep|remember|store)(?: (?:of|about|on) me)?`,
    `(?:delete|erase) (?:all )?my data`,
    `forget (?:everything|all) about me`,
    `vergiss alles über mich`,
    `(?:lösche|vergiss) alles,? was du (?:über mich|von mir) (?:weißt|weisst|gespeichert hast)`,
    `lösche (?:alle )?meine daten`,
    `(?:efface|supprime|oublie) tout ce que tu sais (?:de|sur) moi`,
    `(?:efface|supprime) (?:toutes )?mes données`,
    `(?:borra|elimina|olvida) todo lo que sabes (?:de|sobre) m[íi]`,
    `(?:borra|elimina) (?:todos )?mis datos`,
    `(?:cancella|elimina|dimentica) tutto quello che sai (?:di|su) (?:di )?me`,
    `(?:cancella|elimina) (?:tutti )?i miei dati`,
  ].map((text) => phrase('erase', text, 'privacy')),
  ...[
    `what (?:do|can) you (?:still )?remember(?: (?:of|about) (?:me|${about}))?`,
    // Of what is theirs: "what do you know about birds?" asks for something else.
    `what do you (?:still )?know (?:of|about) (?:me|(?<about>(?:my|our) .+?))`,
    `was (?:weißt|weisst) du (?:noch )?(?:über mich|von mir|(?:über|von) (?<about>(?:mein|unser)\\w* .+?))`,
    `(?:woran|an was) erinnerst du dich(?: noch)?(?: bei mir)?`,
    `que sais-tu (?:de|sur) (?:moi|(?<about>(?:mon|ma|mes|notre|nos) .+?))`,
    `de quoi te souviens-tu`,
    `qu[ée] (?:sabes|recuerdas) (?:de|sobre) (?:m[íi]|(?<about>(?:mis?|nuestr[oa]s?) .+?))`,
    `(?:che )?cosa (?:sai|ricordi) (?:di me|(?:di|su|(?:de|su)(?:l|lla|i|lle)) (?<about>(?:mi[oae]|miei|nostr[oaie]) .+?))`,
  ].map((text) => phrase('list', text)),
  ...[
    `how do you know (?:that|this)`,
    `what did you have in mind (?:there|just now)`,
    `woher (?:weißt|weisst) du das`,
    `comment (?:le )?sais-tu (?:cela|ça)?`,
    `c[óo]mo (?:lo )?sabes(?: eso)?`,
    `come (?:lo|fai a) sa(?:i|perlo)`,
  ].map((text) => phrase('why', text)),
  ...[
    // "Forget about dinner" means that there will be none.
    `${canYou}forget (?:(?:everything|all) about|(?:everything |all )?(?:what |that )?I (?:said|told you) (?:about|of)|that I (?:said|told you)) ${about}`,
    `vergiss,? (?:alles,? )?(?:über|was ich (?:dir )?(?:über|von)) ${about}(?: (?:gesagt|erzählt) habe)?`,
    `oublie (?:tout )?(?:sur|ce que j'ai dit (?:sur|de)) ${about}`,
    `olvida (?:todo )?(?:sobre|lo que (?:te )?dije (?:sobre|de)) ${about}`,
    `dimentica (?:tutto )?(?:su|di|quello che ho detto (?:su|di)) ${about}`,
  ].map((text) => phrase('forget', text)),
  ...[
    `${canYou}forget ${numbers}`,
    `vergiss ${numbers}`,
    `(?:kannst|könntest|würdest) du (?:bitte )?${numbers} (?:bitte )?vergessen`,
    `oublie ${numbers}`,
    `(?:peux|pourrais)-tu oublier ${numbers}`,
    `olvida ${numbers}`,
    `(?:puedes|podrías) olvidar ${numbers}`,
    `dimentica ${numbers}`,
    `(?:puoi|potresti) dimenticare ${numbers}`,
  ].map((text) => phrase('forget', text)),
  ...[
    `correct ${number}:? .+?)`,
    `(?:korrigiere|berichtige) ${number}:? .+?)`,
    `corrige ${number} ?:? .+?)`,
    `correggi ${number}:? .+?)`,
  ].map((text) => phrase('correct', text)),
  ...[
    `(?:always )?(?:keep|have) ${number}) (?:always )?in mind`,
    `behalte? ${number}) (?:immer )?im (?:kopf|sinn)`,
    `garde (?:toujours )?${number}) (?:toujours )?en tête`,
    `ten (?:siempre )?${number}) (?:siempre )?(?:en mente|presente)`,
    `tieni (?:sempre )?${number}) (?:sempre )?(?:in mente|presente)`,
  ].map((text) => phrase('pin always', text)),
  ...[
    `(?:stop|pause) remembering(?: (?:things|anything|what I (?:say|tell you)))?`,
    `(?:don't|don’t|do not) remember (?:anything from now on|what I (?:say|tell you)(?: (?:from now on|any ?more))?)`,
    `merk dir (?:ab jetzt |von jetzt an )?nichts mehr`,
    `(?:arrête de te souvenir|ne retiens plus rien)(?: de ce que je dis)?`,
    `(?:deja de recordar|no recuerdes más)(?: lo que digo)?`,
    `smetti di ricordare(?: quello che dico)?`,
  ].map((text) => phrase('pause', text)),
  ...[
    `(?:you (?:may|can) )?(?:start )?(?:remember|remembering) (?:things |what I (?:say|tell you) )?again`,
    `merk dir wieder (?:alles|etwas|was ich (?:dir )?(?:sage|erzähle))`,
    `(?:souviens-toi|retiens) (?:de nouveau|à nouveau)(?: ce que je dis)?`,
    `vuelve a recordar(?: lo que digo)?`,
    `ricomincia a ricordare(?: quello che dico)?`,
  ].map((text) => phrase('resume', text)),
  ...[
    // "Remember that evening?" asks for something else.
    `remember (?:that|this:) (?=(?:I|I'm|I’m|I've|I’ve|my|we|our)\\b)${about}`,
    `(?:merk|merke) dir,? dass (?=(?:ich|mein|meine|wir|unser)\\b)${about}`,
    `retiens que (?=(?:je|j'|mon|ma|mes|nous)\\b)${about}`,
    `recuerda que (?=(?:yo|mi|mis|soy|tengo|me)\\b)${about}`,
    `ricordati che (?=(?:io|mio|mia|sono|ho|mi)\\b)${about}`,
  ].map((text) => phrase('remember', text)),
]

function phrase(part: Phrase['part'], text: string, name: Asked['name'] = 'memory'): Phrase {
  const please = `(?:please,? |bitte,? |s'il te plaît,? |por favor,? |per favore,? )?`
  // "Remember that I told you of her?" asks whether.
  const asks = part === 'remember' ? '(?!.*\\?$)' : ''
  const pattern = `^${asks}¿?${please}${text}(?:,? (?:please|bitte))?\\s*[.!?]*$`
  return { name, part, pattern: new RegExp(pattern, 'isu') }
}

/** Longer than anybody asks. */
const charactersMost = 300

/** Where the whole message asks for what a command does, and says nothing else. */
export function askedInWords(text: string): Asked | undefined {
  const line = text.trim()
  if (line.length > charactersMost || line.includes('\n')) return undefined
  for (const { name, part, pattern } of phrases) {
    const found = pattern.exec(line)
    if (found !== null) return { name, text: [part, found.groups?.about].filter(Boolean).join(' ') }
  }
  return undefined
}
