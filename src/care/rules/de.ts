import type { Phrases } from './signs.ts'

export const german: Phrases = {
  'death-wish': [
    '(?:will|mochte|wollte|konnte|werde|mag) (?:\\w+ ){0,4}(?:sterben|tot sein|nicht mehr (?:leben|da sein|aufwachen|sein|hier)|weg sein|verschwinden)',
    '(?:bring\\w*|mach\\w*) (?:ich )?mich (?:\\w+ ){0,2}(?:um|weg|kalt)|mich (?:selbst )?(?:\\w+ ){0,2}(?:umbringen|umzubringen|toten|erhangen|wegmachen)|(?:meinem leben|allem) ein ende|schluss machen|das leben nehmen',
    '(?:ware|war) (?:ich )?(?:\\w+ ){0,3}(?:tot|nie geboren|nicht mehr da|weg)|(?:mag|kann|will) (?:\\w+ )?nicht mehr(?: leben| weiter|$|[.,!])|lebensmude|suizid\\w*|selbstmord\\w*',
    '(?:ohne mich|besser dran|fur alle (?:besser|leichter))|nicht mehr aufwach\\w+|kein(?:en)? sinn mehr|falle (?:allen|euch|ihnen|nur) (?:\\w+ )?zur last|zur last',
  ],
  farewell: [
    'brauch\\w* (?:ich |es |das |sie )*(?:ja |eh |dann )*(?:bald )?nicht mehr|abschiedsbrief\\w*|(?:letzte|letztes) (?:nachricht|mal)|wenn ich (?:nicht mehr|weg|fort) (?:da )?bin|danke fur alles|verzeiht mir',
    'verschenk\\w*|wo ich hingehe|kummert euch um|pass(?:t)? gut auf|habe alles geregelt|alles geregelt|leb(?:t)? wohl',
  ],
  'self-harm': [
    '\\britz\\w*|(?:schneid\\w*|verletz\\w*|verbrenn\\w*|schlag\\w*|kratz\\w*) (?:ich )?(?:mich|mir)|mich (?:selbst )?(?:\\w+ )?(?:geschnitten|verletzt|geritzt|verbrannt|schneiden)|klinge|mir (?:\\w+ )?(?:weh ?tun|die arme)|erbrochen',
  ],
  threat: [
    '(?:bring\\w*|mach\\w*|stech\\w*|schlag\\w*) (?:ich )?(?:ihn|sie|den|die|alle|meinen?) (?:\\w+ ){0,3}(?:um|ab|kalt|tot|fertig)|(?:ihn|sie|den|die|alle|meinen \\w+) (?:\\w+ ){0,2}(?:umbring\\w*|abstech\\w*|erschiess\\w*|toten|totschlag\\w*)|messer (?:dabei|eingesteckt)',
  ],
  abuse: [
    '(?:er|sie|mein \\w+|papa|mama|vater|mutter|freund|mann|onkel|stiefvater|chef)\\b.{0,30}\\b(?:schlagt|geschlagen|verprugelt|wurgt|gewurgt|droht|bedroht|sperrt|eingesperrt|fasst|angefasst|zwingt|tritt|kontrolliert|vergewaltigt)',
    'angst (?:vor ihm|vor meinem|nach hause|heim)|lasst mich nicht (?:raus|weg|gehen|fort)|(?:pass|handy|papiere|schlussel) (?:weg|abgenommen|weggenommen)',
  ],
  danger: [
    'verfolgt mich|(?:lauft|geht|fahrt) (?:mir )?(?:jemand )?(?:hinterher|nach)|jemand (?:ist )?(?:in|vor) (?:der|meiner)|bricht (?:jemand )?ein|kriege? keine luft|blut\\w* (?:stark|nicht auf)|bewusstlos|atmet nicht|riecht nach gas|eingeschlossen|uberdosis|tabletten (?:\\w+ )?(?:genommen|geschluckt)',
  ],
  negated: [
    "(?:nicht|nie|niemals|kein\\w*) (?:\\w+ ){0,3}(?:suizidal|umbringen|sterben|antun|gefahr|vor|lebensmude)|keine (?:sorge|angst)|mir geht(?:'?s| es) gut|alles (?:gut|ok|in ordnung)|nicht falsch verstehen|nichts dergleichen",
  ],
  past: [
    '(?:vor|seit) (?:\\w+ )?(?:jahren|monaten)|damals|fruher|als ich (?:\\d+|klein|jung)|inzwischen|mittlerweile|(?:19|20)\\d\\d|uberstanden|uberlebt',
  ],
  third: [
    'mein(?:e|er|em|en)? (?:opa|oma|cousin\\w*|nachbar\\w*|kolleg\\w*|tante|onkel|freund(?:in)?|bekannt\\w*|schwager)|jemand,? den ich',
  ],
  told: [
    '["„»][^"“«]{6,}|lied|song|text(?:e|zeile)|singt|gedicht|zeitung|nachrichten|schlagzeile|doku|podcast|bericht|zitat|artikel',
  ],
  fiction: [
    '\\*[^*]{3,}\\*|roman|figur|im (?:film|buch|spiel|stuck|krimi|game)|serie|folge|kapitel|szene|rollenspiel|tatort|theater|boss|endgegner|level',
  ],
  work: [
    'dienst|schicht|klient\\w*|patient\\w*|schuler\\w*|telefonseelsorge|praktikum|fortbildung|ausbildung|pfleg\\w*|seminar|hausarbeit|referat|notruf|sanitater\\w*|beratung',
  ],
  idiom: [
    '(?:sterbe|tot) (?:\\w+ )?(?:vor|lach\\w*)|totlachen|todmude|zum sterben|bringt mich (?:noch )?um|todlangweilig|lach mich|nur uber meine leiche|mordshunger|gestorben vor|haha+|lol|😂|🤣|😅|scherz|spass',
  ],
  self: ['\\b(?:ich|mich|mir|mein\\w*)\\b'],
  now: ['heute|jetzt|gleich|heut|morgen|diese nacht|gerade|nicht mehr|sobald'],
  means: ['tabletten|pillen|brucke|seil|strick|messer|klinge|dach|gleise|zug|waffe|gas'],
}
