import {
  beginning,
  contractionsOf,
  groupsOf,
  type Language,
  numbersOf,
  phrases,
  wordSet,
} from './language.ts'

export const german: Language = {
  code: 'de',
  free: wordSet(`der die das den dem des ein eine einen einem einer eines in im ins vom an am auf zu zum zur mit bei beim um uber als
    ins ans fur durch und oder dann auch nur sehr ganz noch schon jetzt aktuell derzeit gerade ich mich mir mein
    meine meinen meinem meiner meines wir uns unser unsere unseren unserem unserer du dich dir dein er ihn ihm sein seine seinen seinem
    seiner sie ihr ihre ihren ihrem ihrer sich es man wer was wo wie dass da hier so doch ja mal eben halt namens heisst heissen
    genannt name benutzer benutzerin nutzer nutzerin person eigenen eigene weil denn aber welche welcher welches deren dessen tut
    bzw sowie gern gerne unbedingt kaum`),
  contractions: contractionsOf(`hab: habe
    ists: ist es
    habs: habe es
    bins: bin es
    isses: ist es
    nix: nichts
    ne: eine
    nen: einen`),
  groups: groupsOf(`mag mogen moge mochte gemocht liebe liebt lieben gefallt gefallen
    hasse hasst hassen gehasst
    wohne wohnt wohnen wohnte gewohnt lebe lebt leben lebte gelebt
    arbeite arbeitet arbeiten arbeitete gearbeitet arbeit job
    esse isst essen ass gegessen
    trinke trinkt trinken trank getrunken
    lese liest lesen las gelesen
    fahre fahrt fahren fuhr gefahren
    fliege fliegt fliegen flog geflogen
    gehe geht gehen ging gegangen
    komme kommt kommen kam gekommen
    spreche spricht sprechen sprach gesprochen
    sehe sieht sehen sah gesehen
    schreibe schreibt schreiben schrieb geschrieben
    ziehe zieht ziehen zog gezogen umgezogen
    kaufe kauft kaufen kaufte gekauft
    verkaufe verkauft verkaufen verkaufte
    verliere verliert verlieren verlor verloren
    gewinne gewinnt gewinnen gewann gewonnen
    breche bricht brechen brach gebrochen
    sterbe stirbt sterben starb gestorben tot tod
    lerne lernt lernen lernte gelernt
    studiere studiert studieren studierte
    spiele spielt spielen spielte gespielt
    rauche raucht rauchen rauchte geraucht
    heirate heiratet heiraten geheiratet hochzeit
    verspreche verspricht versprechen versprach versprochen
    drucke druckt drucken druckte gedruckt
    mochte mochten will wollen wollte mochtest
    darf durfen durfte
    werde wird werden wurde geworden worden
    weiss wissen wusste gewusst
    schlafe schlaft schlafen schlief geschlafen
    nehme nimmt nehmen nahm genommen
    gebe gibt geben gab gegeben
    schwimme schwimmt schwimmen schwamm geschwommen
    finde findet finden fand gefunden`),
  persons: groupsOf(`schwester schwestern
    bruder bruders brudern
    geschwister
    mutter mama mami
    vater papa papi
    eltern
    tochter tochtern
    sohn sohne
    kind kinder kindern
    frau ehefrau
    mann ehemann
    freund freunde freunden
    freundin freundinnen
    partner
    partnerin
    oma grossmutter
    opa grossvater
    tante
    onkel
    nichte
    neffe
    cousin
    cousine
    familie
    chef
    chefin
    kollege kollegen
    kollegin
    nachbar nachbarn
    nachbarin
    mitbewohner
    mitbewohnerin
    vermieter
    lehrer
    hund hunde hunden
    katze katzen kater
    pferd pferde`),
  selfNouns:
    wordSet(`name alter geburtstag beruf job hobby hobbys heimat zuhause spitzname lieblingsessen lieblingsfilm lieblingsbuch
    lieblingsfarbe lieblingsband lieblingstier richtiger`),
  numbers: numbersOf(
    'null eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn funfzehn sechzehn siebzehn achtzehn neunzehn zwanzig',
  ),
  endings: wordSet('e en er es em n s st t te ten tet et ern'),
  be: wordSet('bin ist sind war waren bist seid gewesen sei'),
  have: wordSet('habe hat haben hatte hatten besitze besitzt gehabt'),
  auxiliaryBefore: /^(?:ge\p{L}+(?:t|en)|nicht|sich)$/u,
  nouns: 'capital',

  firstSubject: phrases`ich | wir`,
  firstMark: phrases`(?:lebe|wohne|arbeite|trinke|esse|mag|liebe|hasse|spiele|rauche|studiere|fahre|gehe|komme|lese|lerne|schreibe) | ich | wir | mich | mir | mein\w* | uns\w* | bin | habe | war`,
  possessives: wordSet('mein meine meinen meinem meiner unser unsere unseren unserem unserer'),
  thirdPronouns: wordSet('er sie es jemand niemand keiner jeder alle man'),
  determiners: wordSet('der die das den dem ein eine einen dieser diese dieses jeder keine kein viele'),
  openers: wordSet(
    'und aber also dann jetzt nun ja nein ach ok okay eigentlich ehrlich leider heute gestern morgen da weil dass denn auch hey ubrigens',
  ),
  clauseWords: wordSet('aber weil denn obwohl wahrend sondern deshalb deswegen'),
  embedding: wordSet('dass'),
  andWords: wordSet('und oder'),
  prepositions: wordSet(
    'in im an am auf zu zum zur mit bei beim um fur durch aus von vor nach seit bis wegen trotz ohne gegen',
  ),
  naming: wordSet('namens heisst name genannt'),
  objectPronouns: wordSet('es ihn ihm das diese'),
  strictPrepositions: wordSet('aus von ohne gegen vor nach seit bis nahe'),

  negators: wordSet(
    'nicht kein keine keinen keinem keiner keines nie niemals nichts niemand ohne weder nirgends',
  ),
  noNegation: phrases`nicht nur | kein problem | keine ahnung | kein wunder | keine sorge | warum nicht`,
  ending: phrases`aufgehort | hore auf | aufgegeben`,
  operators: [
    phrases`mochte\w* | will | wollen | wollte | plane\w* | vorhabe | vor ?habe | werde | hoffe\w* |
    traume\w* | versuche\w* | wunsche\w* | verspr\w*`,
    phrases`fruher | ehemal\w* | damals | als kind | nicht mehr | ex`,
    phrases`fast | beinahe`,
    phrases`muss\w* | soll\w*`,
    phrases`sag(?:t|te|en|ten) | meint\w* | glaubt | behauptet\w* | laut | angeblich`,
    phrases`aufgehort | hore auf | angefangen | fange an`,
  ],
  past: phrases`war | waren | hatte | hatten`,
  present: phrases`bin | ist | sind | habe | hat`,
  pastTense: phrases`war | hatte | wurde | bin | habe | hat | \p{L}+te | ging | kam | starb`,
  future: phrases`werde | will | mochte | fliegen | fahren`,

  question: beginning`(?:soll|sollte|sollen|darf|kann|konnte|muss|habe|hast|hat|bist|bin|ist|magst|weisst|willst|kennst|wirst|war|warst|wurdest|glaubst|findest|denkst|meinst) (?:ich|du|wir|er|sie|es|man|ihr|mein\w*|dein\w*|das|der|die) |
    (?:was|wer|wo|wie|wann|warum|wieso|weshalb|wohin|woher|welche\w*|wem|wen) | ich frage mich |
    sag mal`,
  askingTag: beginning`oder | richtig | stimmt | nicht wahr | gell | ja | nein | oder nicht`,
  harmlessTag: beginning`weisst du | kannst du dir | erinnerst du | und du | und dir | unglaublich | verruckt`,
  hypothetical: phrases`wie (?:\w+ ){1,3}(?:sagt|sagte|sagen) | wenn | falls | ware\w* | hatte gern\w* | wurde\w* (?:ich|gern\w*|wir|er|sie) |
    (?:ich|wir|er|sie) wurde\w* | konnte\w* | sollte\w* | angenommen | stell dir vor | ob |
    ich (?:glaube|denke|vermute|furchte) | getraumt | im traum | stimmt nicht | nicht wahr dass`,
  doubt: phrases`vielleicht | eventuell | moglicherweise | wahrscheinlich | angeblich | hoffentlich | vermutlich`,
  comparison: phrases`als | lieber | statt | anstatt`,
  worksAs: phrases`arbeite\w* als`,
  noHypothesis: phrases`wurde\w* gern\w* | jedes mal wenn | auch wenn`,
  reported: phrases`(?:sagt|sagte|meint|meinte|glaubt|behauptet|findet|denkt|sagen|meinen|glauben|behaupten|finden|denken)(?: \w+)?(?: dass)? (?:ich|mich|mir|wir) |
    laut | angeblich | hat gesagt`,
  ironic:
    /\/s\b|(?<!\p{L})(?:nur spass|war nur spass|(?:kleiner )?scherz|war ein scherz|ironie|verarscht|nur ein witz|und ich bin der (?:papst|kaiser|konig)|haha nein)(?!\p{L})/u,
  pretence: phrases`tun wir so | tu so | lass uns so tun | lass uns \w+ spielen | spielen wir | rollenspiel |
    es war einmal | in (?:dieser|unserer|der) (?:geschichte|szene) |
    du bist (?:der|die|ein|eine|mein|meine) (?:konig\w*|kapitan\w*|ritter|drache|prinz\w*|detektiv\w*)`,
  fiction: phrases`in einem anderen leben | im (?:buch|roman|film|spiel|traum) | mein charakter | meine figur | stell dir vor |
    es war einmal`,
  fictionalSelf: phrases`(?:ich bin|bin|als) (?:\w+ ){0,2}?(?:ritter|konig|konigin|prinz|prinzessin|zauberer|hexe|elf|zwerg|vampir|werwolf|drache|damon|engel|gott|geist|pirat|kaiser|papst|ausserirdischer|superheld)`,
  fictionEnds: phrases`ooc | ende des spiels | im echten leben | jetzt im ernst | spass beiseite |
    schluss mit dem spiel`,
  emotes:
    /^(?:umarm\p{L}*|seufz\p{L}*|lach\p{L}*|lachel\p{L}*|wink\p{L}*|nick\p{L}*|gahn\p{L}*|wein\p{L}*|grins\p{L}*|drueck\p{L}*|druck\p{L}*)(?: \p{L}+){0,2}$/u,
  task: phrases`ubersetze? | korrigiere? (?:diesen|den|das|meinen) | schreib(?:e)? (?:mir )?(?:eine|einen|ein) (?:\w+ )?(?:geschichte|gedicht|brief|lied|text) | sprich mir nach`,
  instruction: phrases`(?:ignoriere?|vergiss) (?:alle\w*|deine\w*|die|samtliche) | vorherige\w* anweisung\w* |
    systemprompt | du bist (?:jetzt|nun|ab jetzt) | ab (?:jetzt|sofort) |
    deine (?:anweisungen|regeln|anleitung) | antworte (?:immer|nie|nur|ab) |
    du (?:musst|sollst|darfst) (?:immer|nie|nur|jetzt) | der (?:nutzer|benutzer) (?:hat|ist) |
    alles darf | speichere`,
  privilege: phrases`(?:bin|ist|war|als|ich) (?:\w+ ){0,3}?(?:admin|administrator\w*|root|moderator\w*|operator)(?! bei| in| an| im) |
    (?:admin|administrator|root)\w*rechte | volle\w* zugriff |
    dein\w* (?:schopfer\w*|entwickler\w*|meister\w*|herr) | darf alles | alles darf | diener\w* |
    befugt`,
  assistant: phrases`assistent\w* | chatbot | der bot | die ki | eine ki | sprachmodell\w* | systemprompt |
    (?:das|dem) gesprach | anweisung\w*`,
  talk: phrases`sagt (?:hallo|hi|guten|tschuss|danke) | grusst | begrusst | bedankt | dankt | fragt | redet mit |
    spricht mit | unterhalt sich | chattet | antwortet | mochte wissen | stimmt zu`,
  profile: phrases`unbekannt | nicht (?:angegeben|bekannt|genannt|erwahnt) | keine angabe\w* | profil`,
  transient: wordSet(
    'mude hungrig durstig gelangweilt wach beschaftigt satt kaputt fertig spat daheim zuhause gut kalt warm',
  ),
  nowWords: wordSet('gerade jetzt heute momentan moment grad eben'),
  passing: phrases`unterwegs | auf dem weg | warte (?:auf|an|am) | im stau | gerade (?:aufgewacht|gegessen|heimgekommen) | gehe jetzt`,
  momentary: phrases`gerade so | im moment | grad eben | jetzt gerade | gerade eben`,
  lasting: phrases`immer | oft | jeden | seit | meistens | chronisch\w* | schwanger | wohne\w* | studier\w* |
    arbeit\w* | lerne`,
  correction: beginning`(?:nein |ach |sorry )*(?:ich meinte|ich meine|korrektur|falsch|quatsch|stimmt nicht) |
    nein nicht`,
  youToMe: new Map([
    ['du', 'ich'],
    ['dein', 'mein'],
    ['deine', 'meine'],
    ['deinen', 'meinen'],
    ['deinem', 'meinem'],
    ['deiner', 'meiner'],
    ['hast', 'habe'],
    ['bist', 'bin'],
    ['dir', 'mir'],
    ['dich', 'mich'],
  ]),
  yes: wordSet('ja jo jep klar genau stimmt sicher naturlich jawohl doch'),
  no: wordSet('nein ne nee nie niemals'),
  uncertainAnswer: phrases`vielleicht | weiss nicht | keine ahnung | glaube | eher | manchmal | kommt drauf an | haha`,
  promise: phrases`ich verspreche\w* | versprochen | ich schwore | mein wort |
    ich werde (?:\w+ )?(?:nicht|nie|immer|dich|dir|daran)`,
  promiseTold: phrases`verspr\w* | wird | schwort | geschworen`,
  selfDescription: phrases`mein\w* liebling\w* | ich (?:mag|liebe|hasse|sammle|male|lese|spiele|wohne|traume von)`,
  sensitive: {
    health: phrases`allerg\w* | diabet\w* | krebs | depress\w* | schwanger\w* | therapie | krankenhaus | operation |
    operiert | asthma | migrane | krank\w* | bein gebrochen | arm gebrochen | rauch\w* | adhs |
    autis\w* | diagnos\w*`,
    sexuality: phrases`schwul | lesbisch | bisexuell | trans | queer | geoutet`,
    religion: phrases`muslim\w* | christ\w* | katholisch | evangelisch | judisch | atheist\w* | kirche | moschee |
    ramadan | glaube\w* an gott | getauft`,
    politics: phrases`wahle\w* | gewahlt | partei\w* | grunen? | spd | cdu | afd | fpo | ovp | politi\w*`,
    finance: phrases`schulden | gehalt | kredit\w* | euro | pleite | erbe\w* | geerbt`,
  },
}
