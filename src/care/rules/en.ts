import type { Phrases } from './signs.ts'

export const english: Phrases = {
  'death-wish': [
    '(?:want(?:ed|s)?|wanna|going|gonna|gotta|ready|plan(?:ning)?|tempted|have) (?:to )?(?:die|end it|kill myself|be dead|not exist|disappear for good)',
    'kill(?:ing)? (?:myself|meself)|end(?:ing)? (?:my (?:own )?life|it all|my (?:suffering|pain))|off(?:ing)? myself|take my own life',
    "(?:wish|if) i (?:was|were|wasn'?t|weren'?t|had never been|hadn'?t been|would) (?:just )?(?:dead|alive|born|die|not wake|around|here)",
    "(?:don'?t|dont|do not|didn'?t|never) (?:want|wanna|wish)(?: to)? (?:live|be alive|be here|exist|wake up|go on|be around|continue)",
    '(?:better off|happier|easier) (?:without me|dead|if i)|no (?:point|reason) (?:in |to )?(?:living|live|going on|being here)',
    "(?:can'?t|cannot|cant) (?:go on|do this any ?more|keep (?:going|living))|tired of (?:living|being alive|existing)",
    "never wak(?:e|ing) up|not wak(?:e|ing) up|suicid\\w*|hope i (?:don'?t|never) wake",
  ],
  farewell: [
    "(?:won'?t|wont|not going to|not gonna) (?:be needing|need (?:it|them|this|any)|be (?:here|around) (?:for|after|much|any))",
    '(?:goodbye|farewell) (?:letter|note|everyone|forever|to all)|(?:wrote|written|writing|left) (?:them |my |the )?(?:a )?(?:note|letters?)',
    "(?:give|gave|giving|given) (?:away )?(?:all )?my \\w+ away|where i'?m going|when i'?m gone|after i'?m gone|by the time you|last (?:time|message|night)",
    '(?:thank you|thanks|sorry) for everything|take care of (?:my|the) (?:dog|cat|kids?|mum|mom)',
  ],
  'self-harm': [
    '(?:cut|cutting|burn|burning|hurt|hurting|hit|hitting|scratch\\w*|punish\\w*|starv\\w*) (?:myself|my (?:arms?|legs?|wrists?|thighs?|skin))',
    'self ?-?harm\\w*|relapsed|(?:the )?blade|razor|made myself (?:sick|throw up)',
  ],
  threat: [
    "(?:going to|gonna|will|i'?ll|want to|wanna|could) (?:\\w+ )?(?:kill|stab|shoot|hurt|strangle|poison|burn|smash|murder) (?:him|her|them|my|the|that|somebody|someone|people|everyone)",
    "make (?:him|her|them) pay|(?:bring|got|have|bought) (?:a|the|my|dad'?s) (?:knife|gun|petrol)",
  ],
  abuse: [
    '(?:he|she|they|dad|mum|mom|husband|wife|boyfriend|girlfriend|uncle|stepdad|boss|partner)\\b.{0,30}\\b(?:hits?|beats?|chok\\w+|threaten\\w*|lock(?:s|ed)|touch(?:es|ed)|hurts?|punch\\w*|slap\\w*|kick\\w*|shoves?|rap(?:es|ed)|forc(?:es|ed)|track\\w*)',
    "(?:afraid|scared|terrified) (?:of (?:him|her|my|going home)|to go home)|won'?t let me (?:leave|out|see|have|go)|took my (?:passport|phone|keys|papers)",
  ],
  danger: [
    "following me|someone'?s (?:in|outside)|breaking in|call (?:911|999|112|the police|an ambulance)|(?:can'?t|cannot) (?:breathe|get out|feel my)|bleeding|overdos\\w*|unconscious|not breathing|smell (?:gas|smoke)",
    'took (?:all|too many|the whole|\\d+) (?:\\w+ )?(?:pills|tablets|of them)|swallowed',
  ],
  negated: [
    "(?:not|never|no longer|isn'?t|wasn'?t|don'?t worry|i'?m not|wouldn'?t|would never|won'?t|am not) (?:\\w+ ){0,3}(?:suicidal|kill|die|hurt|harm|dead|going to|danger|unsafe)",
    "don'?t worry|i'?m (?:ok|okay|fine|safe)|nothing like that|no plans? to|just (?:tired|asking|wondering|curious)",
  ],
  past: [
    '(?:years?|months?|ages) ago|used to|back then|when i was (?:a |\\d|young|in)|clean (?:for|since)|recovered|survived|in (?:19|20)\\d\\d|\\d+ (?:years|months) (?:clean|sober|free|later)',
  ],
  third: [
    'my (?:\\w+ )?(?:grand\\w+|cousin|friend|neighbou?r|colleague|great|aunt|uncle)|somebody i knew|a (?:guy|girl|woman|man) (?:i|who)',
  ],
  told: [
    '"[^"]{6,}"|lyrics?|song|sing(?:s|ing)?|quote|headline|article|news|podcast|documentary|report(?:s|ed)?|wrote:|verse|chorus',
  ],
  fiction: [
    '\\*[^*]{3,}\\*|my (?:character|novel|story|oc|dnd|campaign)|in (?:the|this) (?:game|book|film|movie|show|episode|series|story|scene)|plot|chapter|villain|npc|boss fight|roleplay|level|respawn',
  ],
  work: [
    'helpline|volunteer|on shift|my (?:client|patient|student|shift)s?|training|hotline|essay|thesis|lecture|seminar|nurse|paramedic|counsell?or|social work',
  ],
  idiom: [
    "(?:killing me|to die for|dying (?:of|to|for|laughing)|killed it|dead tired|(?:i'?m |im )?dead(?: lol|$| 😂| 💀)|scared (?:me )?to death|shoot me|kill for|bored to death|over my dead body|drop dead|killer)",
    'lol|lmao|haha+|😂|🤣|😅|jk\\b|just kidding',
  ],
  self: ["\\b(?:i|i'?m|im|me|my|myself|i'?ve|ive)\\b"],
  now: [
    'tonight|right now|today|this (?:evening|weekend|time)|tomorrow|in (?:an|one) hour|as soon as|any more|anymore',
  ],
  means: ['pills?|tablets|bridge|rope|knife|gun|blade|razor|roof|train|tracks|gas|bleach'],
}
