import type { Phrases } from './signs.ts'

export const french: Phrases = {
  'death-wish': [
    "(?:veux|voudrais|vais|envie|aimerais|prefere\\w*) (?:\\w+ ){0,3}(?:mourir|crever|en finir|disparaitre|me (?:tuer|suicider|foutre en l'air|buter|flinguer)|plus (?:vivre|exister|me reveiller|etre la))",
    "me (?:tuer|suicider|pendre|buter)|mettre fin a (?:mes jours|ma vie|tout)|en finir|suicid\\w*|si (?:seulement )?j'etais (?:mort|pas la|plus la)|etre morte?\\b",
    "(?:plus|pas) (?:envie|la force|le courage) de (?:vivre|continuer|rien)|plus (?:\\w+ )?me reveiller|(?:mieux|tranquilles?) sans moi|un (?:poids|fardeau)|j'en peux plus|a quoi bon|pas du naitre|jamais du naitre",
  ],
  farewell: [
    "(?:plus|pas) besoin (?:de|d')?|lettre(?:s)? d'adieu|adieu|merci pour tout|pardonne(?:z)?-? ?moi|quand je (?:serai|ne serai) (?:plus|partie?)|derniere fois|dernier message|la ou je vais|tout (?:est )?(?:regle|range|donne)|j'ai (?:tout )?donne mes?",
  ],
  'self-harm': [
    "me (?:couper|coupe|scarifi\\w*|bruler|brule|faire (?:du )?mal|frapper|mutil\\w*|griff\\w*)|scarifi\\w*|(?:me suis|m'etre) (?:coupe|brule|scarifie|fait (?:du )?mal|fait vomir|mutile)\\w*|lame|automutil\\w*",
  ],
  threat: [
    '(?:vais|veux|voudrais|pourrais) (?:\\w+ )?(?:(?:le|la|les) )?(?:tuer|buter|planter|crever|defoncer|bruler|poignarder|egorger|faire payer)|(?:il|elle|ils) va(?:is)? (?:me )?(?:le )?payer|pris (?:un|le) couteau',
  ],
  abuse: [
    "(?:il|elle|mon \\w+|ma \\w+|papa|maman|pere|mere|mari|copain|beau-? ?pere|oncle|patron)\\b.{0,30}\\b(?:me (?:frappe|tape|bat|menace|touche|force|enferme|etrangle|suit|surveille)|m'(?:a |enferme|etrangle|oblige|insulte))",
    "peur (?:de lui|de rentrer|d'elle|de mon)|laisse pas (?:sortir|partir|voir)|(?:pris|confisque|garde) mon (?:passeport|telephone|portable)",
  ],
  danger: [
    "me suit|quelqu'un (?:est|essaie|a)|(?:peux|arrive) (?:plus|pas) (?:a )?respirer|saigne|inconscient\\w*|respire (?:plus|pas)|sent le gas|coincee?|appelle(?:z)? (?:le|la|les|l') ?(?:15|17|18|112|samu|police|pompiers)|cachets|medocs|avale",
  ],
  negated: [
    "(?:pas|jamais|aucun\\w*|ni|sans) (?:\\w+ ){0,3}(?:suicidaire|mourir|tuer|mal|danger|en finir|idees)|t'inquiete|ne t'inquiete pas|ca va|rien de grave|rassure",
  ],
  past: [
    "il y a (?:\\w+ )?(?:ans|mois|longtemps)|a l'epoque|avant|quand j'(?:avais|etais)|depuis (?:\\w+ )?(?:ans|mois)|aujourd'hui ca va|(?:19|20)\\d\\d|m'en suis sortie?|guerie?",
  ],
  third: ["(?:mon|ma|mes) (?:grand\\S*|cousine?|voisine?|collegue|tante|oncle|amie?|pote)|quelqu'un que"],
  told: [
    '["«][^"»]{6,}|chanson|paroles|chante|poeme|journal|article|infos|titre|podcast|reportage|docu|citation',
  ],
  fiction: [
    '\\*[^*]{3,}\\*|roman|personnage|(?:le|un|ce|dans) (?:film|livre|jeu)|serie|episode|chapitre|scene|jdr|boss|niveau|theatre|saison',
  ],
  work: [
    "(?:ma|en) garde|patiente?s?|eleves?|benevole|ecoute|formation|stage|infirmi\\w*|memoire|cours|ligne d'ecoute|pompier|educ\\w*|service",
  ],
  idiom: [
    'mort(?:e)? de (?:rire|faim|fatigue|honte|froid|peur)|ptdr|mdr|lol|creve(?:e)? de|tue(?:r)? (?:moi|de rire)|a mourir|meurs de|crever de (?:faim|chaud|rire)|haha+|😂|🤣|😅|je rigole|blague',
  ],
  self: ["\\b(?:je|j'\\w+|me|m'\\w+|moi|mon|ma|mes)"],
  now: ["ce soir|maintenant|aujourd'hui|demain|cette nuit|tout de suite|la,"],
  means: ['medocs|medicaments|cachets|pont|corde|couteau|lame|toit|train|rails|gaz|arme'],
}
