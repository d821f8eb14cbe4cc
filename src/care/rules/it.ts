import type { Phrases } from './signs.ts'

export const italian: Phrases = {
  'death-wish': [
    '(?:voglio|vorrei|voglia di|sto per|preferirei|penso di) (?:\\w+ ){0,2}(?:morire|ammazzarmi|uccidermi|sparire|scomparire|farla finita|non (?:esserci|svegliarmi|esistere|vivere)|suicidarmi|essere mort[oa])',
    'ammazzarmi|uccidermi|suicid\\w*|farla finita|togliermi (?:la vita|di mezzo)|mi (?:ammazzo|uccido|tolgo di mezzo|impicco)|fossi mort[oa]|mai nat[oa]',
    'non (?:voglio|ce la faccio|riesco|ho voglia di|ha senso) (?:piu )?(?:\\w+ )?(?:vivere|andare avanti|piu|svegliarmi|esserci|continuare)|(?:meglio|bene) senza di me|sono (?:solo )?un peso|non svegliarmi|a che serve',
  ],
  farewell: [
    "non mi (?:servira|serviranno|serve) piu|lettera? (?:d'addio|di addio)|addio|grazie di tutto|grazie per tutto|perdonatemi|perdonami|quando non ci saro|ultima volta|ultimo messaggio|dove vado|sistemato tutto|ho regalato|prenditi cura",
  ],
  'self-harm': [
    'tagli(?:armi|ata|ato|o)\\b|mi (?:taglio|brucio|faccio (?:del )?male|graffio|colpisco|ferisco)|farmi (?:del )?male|mi sono (?:tagliat|bruciat|fatt|ferit|graffiat)[oa]|autolesion\\w*|lametta',
  ],
  threat: [
    '(?:voglio|vorrei|sto per|potrei|adesso|giuro che) (?:\\w+ )?(?:ammazzarl\\w|ucciderl\\w|accoltellar\\w*|bruciar\\w*|spaccar\\w*|ammazzare|uccidere)|(?:lo|la|li) (?:ammazzo|uccido|accoltello)|me la (?:paga|pagheranno)|preso (?:il|un) coltello',
  ],
  abuse: [
    '(?:lui|lei|mio \\w+|mia \\w+|papa|mamma|padre|madre|marito|ragazzo|fidanzato|zio|patrigno|capo)\\b.{0,30}\\b(?:mi (?:picchia|mena|minaccia|tocca|obbliga|chiude|strozza|controlla|spinge|segue|costringe|violenta)|mi ha (?:picchiat|minacciat|toccat|chius|menat)\\w*)',
    'paura (?:di lui|di lei|di tornare|di mio)|non mi (?:lascia|fa) (?:uscire|vedere|andare|parlare)|(?:preso|tolto|sequestrato) il (?:passaporto|telefono|cellulare)',
  ],
  danger: [
    "mi (?:segue|sta seguendo|seguono)|qualcuno (?:sta|e|ha)|non (?:riesco a|riesce a) respirare|non respira|sangu\\w+|svenut[oa]|odore di gas|bloccat[oa]|chiama(?:te)? (?:il|la|i|l') ?(?:112|118|113|polizia|ambulanza|carabinieri)|pastiglie|pillole|overdose|ingoiat[oa]",
  ],
  negated: [
    '(?:non|mai|nessun\\w*|senza) (?:\\w+ ){0,3}(?:suicid\\w*|morire|uccider\\w*|farmi|pericolo|ammazzar\\w*)|tranquill[oa]|non (?:ti )?preoccupar\\w*|sto bene|niente di (?:grave|che)',
  ],
  past: [
    "(?:\\w+ )?(?:anni|mesi|tempo) fa|una volta|all'epoca|quando (?:avevo|ero)|allora|da (?:\\w+ )?(?:anni|mesi)|(?:19|20)\\d\\d|ne sono uscit[oa]|superat[oa]",
  ],
  third: [
    '(?:mio|mia|mie|miei) (?:nonn[oa]|cugin[oa]|vicin[oa]|colleg[ah]\\w*|zi[oa]|amic[oa])|un(?:a)? tip[oa]|qualcuno che',
  ],
  told: [
    '["«][^"»]{6,}|canzone|testo|canta|poesia|giornale|notizi\\w+|titolo|podcast|documentario|servizio al|citazione|articolo',
  ],
  fiction: [
    '\\*[^*]{3,}\\*|romanzo|personaggio|(?:il|un|nel|del) (?:film|libro|gioco)|serie|puntata|capitolo|scena|gdr|boss|livello|teatro|giallo',
  ],
  work: [
    'turno|pazient[ei]|alunn[oi]|volontari\\w*|telefono amico|formazione|tirocinio|infermier\\w*|tesi|corso|soccorrit\\w*|utent[ei]|reparto',
  ],
  idiom: [
    'mort[oa] (?:dal|di) (?:ridere|fame|sonno|paura|freddo|vergogna)|muoio (?:dal|di|dalle)|da morire|sto morendo (?:dal|di)|ahaha+|haha+|lol|😂|🤣|😅|scherzo|mi uccide|mi ammazza di',
  ],
  self: ['\\b(?:io|me|mi|mio|mia|miei|mie)\\b'],
  now: ['stasera|stanotte|adesso|ora|oggi|domani|subito|non piu'],
  means: ['pastiglie|pillole|ponte|corda|coltello|lametta|tetto|treno|binari|gas|pistola'],
}
