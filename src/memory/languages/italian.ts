import {
  beginning,
  contractionsOf,
  groupsOf,
  type Language,
  never,
  numbersOf,
  phrases,
  wordSet,
} from './language.ts'

export const italian: Language = {
  code: 'it',
  free: wordSet(`il lo la i gli le l un uno una di del della dei delle dello degli agli alle allo nei nelle d a al alla ai in nel nella con su per da dal e ed o poi
    anche molto piu gia ora ancora io mi me mio mia miei mie noi ci nostro nostra tu ti te tuo tua lui lei suo sua suoi sue si se
    loro che chi cui come quando dove questo questa quello qui cosi perche quindi c chiama chiamato chiamata chiamo nome utente
    persona attualmente davvero proprio propria`),
  contractions: contractionsOf('nn: non\n xche: perche\n cmq: comunque'),
  groups: groupsOf(`piace piacciono piacere amo ama amare adoro adora
    odio odia odiare detesto detesta
    vivo vive vivere viveva abito abita abitare
    lavoro lavora lavorare lavorava
    mangio mangia mangiare
    bevo beve bere beveva
    voglio vuole volere vorrei vorrebbe
    vado va andare andato andata
    faccio fa fare fatto
    gioco gioca giocare
    dormo dorme dormire
    compro compra comprare comprato
    vendo vende vendere venduto
    perdo perde perdere perso persa perduto
    sposo sposa sposare sposato sposata matrimonio
    muoio muore morire morto morta
    nato nata nascere
    studio studia studiare studiato
    imparo impara imparare imparato
    fumo fuma fumare
    prometto promette promettere promesso
    leggo legge leggere letto
    scrivo scrive scrivere scritto
    parlo parla parlare
    suono suona suonare
    trasferisco trasferisce trasferire trasferito trasferita`),
  persons: groupsOf(`sorella sorelle
    fratello fratelli
    madre mamma
    padre papa babbo
    genitori
    figlia figlie
    figlio figli
    bambino bambini
    moglie
    marito
    ragazza fidanzata
    ragazzo fidanzato
    amica amiche
    amico amici
    nonna
    nonno
    nonni
    zia
    zio
    nipote
    cugina
    cugino
    famiglia
    capo
    collega colleghi
    vicino
    vicina
    coinquilino
    coinquilina
    cane cani
    gatto gatti
    gatta
    cavallo`),
  selfNouns: wordSet('nome eta compleanno professione lavoro soprannome piatto colore film libro passatempo'),
  numbers: numbersOf('zero uno/una/un due tre quattro cinque sei sette otto nove dieci undici dodici'),
  endings: wordSet('o a i e iamo ate ete ono ano are ere ire ato ata uto uta ito ita ando endo'),
  be: wordSet('sono e sei siamo era ero stato stata essere sto sta'),
  have: wordSet('ho ha hai abbiamo hanno avevo aveva avuto possiede'),
  auxiliaryBefore: never,
  nouns: 'lower',
  firstSubject: phrases`io | noi | ho | sono | vivo | lavoro | vado | odio | voglio | bevo | abbiamo | siamo`,
  firstMark: phrases`io | mi | me | mio | mia | miei | mie | noi | ci | nostr\w* | sono | ho | ero | avevo | \p{L}+o |
    \p{L}+iamo`,
  possessives: wordSet('mio mia miei mie nostro nostra nostri nostre'),
  thirdPronouns: wordSet('lui lei loro qualcuno nessuno tutti'),
  determiners: wordSet('il lo la i gli le l un una questo questa quel quella'),
  openers: wordSet('e ma allora quindi si no ora adesso ieri oggi domani beh ah perche che'),
  clauseWords: wordSet('ma quindi allora perche anche se mentre pero'),
  embedding: wordSet('quando'),
  andWords: wordSet('e ed o'),
  prepositions: wordSet(
    'a in con su per da di al allo alla ai agli alle nel nello nella nei negli nelle del dello della dei degli delle dal dalla dai dagli dalle sul sulla sui sulle tra fra',
  ),
  naming: wordSet('chiama chiamato chiamata nome'),
  objectPronouns: wordSet('lo li cio'),
  strictPrepositions: wordSet('senza contro prima dopo fino vicino'),
  negators: wordSet('non mai niente nulla nessuno nessuna senza ne'),
  noNegation: phrases`non solo | non c e problema | perche no`,
  ending: phrases`smesso | smetto`,
  operators: [
    phrases`voglio | vuole | vogliamo | vorre\w* | mi piacerebbe | spero | spera | penso di | cerco di |
    sogno di | promett\w* | promess\w* | sto per`,
    phrases`prima | una volta | ex | non (?:\w+ ){1,2}piu`,
    phrases`quasi`,
    phrases`devo | deve | bisogna`,
    phrases`dice | dicono | detto | pensa | crede | secondo`,
    phrases`smesso | iniziato | cominciato`,
  ],
  past: phrases`ero | era | avevo | aveva`,
  present: phrases`sono | e | ho | ha`,
  pastTense: phrases`ho | sono \w+[ao] | ero | era | avevo | aveva`,
  future: phrases`vado | andiamo | parto | \p{L}+(?:ero|iro|aro)`,
  question: beginning`(?:che|chi|quando|dove|come|quale|quanto|perche) (?:e|sei|stai|fai|hai|ti|cosa|c) | dovrei |
    pensi che | credi che | mi chiedo`,
  askingTag: beginning`vero | no | giusto | si | o no`,
  harmlessTag: beginning`ci credi | sai | ti ricordi | e tu | incredibile`,
  hypothetical: phrases`se (?:io |fossi|avessi|potessi|fosse|\p{L}+ssi|ho|sono|mi) | fossi | avessi |
    \p{L}+(?:erei|irei|erebbe|irebbe) | immagina\w* | supponi\w* | credo (?:che|di) | penso che |
    ho sognato | a meno che | dovrei | potrei`,
  doubt: phrases`forse | magari | probabilmente | a quanto pare`,
  comparison: phrases`prefer\w* | piuttosto | piu (?:di|che) | invece`,
  worksAs: phrases`lavor\w* come`,
  noHypothesis: phrases`vorrei | mi piacerebbe`,
  reported: phrases`(?:dice|dicono|detto|pensa|pensano|crede|credono) che (?:io|sono|ho|mi) | secondo`,
  ironic:
    /\/s\b|(?<!\p{L})(?:scherzo|sto scherzando|per scherzo|era uno scherzo|e io sono il papa)(?!\p{L})/u,
  pretence: phrases`facciamo finta | fingiamo | giochiamo | gioco di ruolo | c era una volta |
    in (?:questa|nostra) (?:storia|scena) | immagina che |
    tu sei (?:il|la|un|una|mio|mia) (?:re|regina|capitan\w*|drago|cavaliere|princip\w*)`,
  fiction: phrases`in un altra vita | nel (?:libro|film|romanzo|gioco|sogno) | il mio personaggio | c era una volta`,
  fictionalSelf: phrases`(?:sono|come) (?:\w+ ){0,2}?(?:cavaliere|re|regina|principe|principessa|mago|strega|elfo|nano|vampiro|drago|demone|angelo|dio|fantasma|pirata|imperatore|papa)`,
  fictionEnds: phrases`ooc | fuori dal personaggio | fine del gioco | nella vita reale | sul serio`,
  emotes: /^(?:abbracci\p{L}*|ride|sospira|sorride|saluta|piange|sbadiglia)(?: \p{L}+){0,2}$/u,
  task: phrases`traduci | correggi (?:questo|questa|il mio) | scrivi(?:mi)? (?:una|un) (?:\w+ )?(?:storia|poesia|lettera|canzone|testo)`,
  instruction: phrases`(?:ignora|dimentica) (?:tutte|tutto|le|tutti) | istruzioni precedenti | adesso sei | ora sei |
    da ora in poi | d ora in poi | le tue (?:istruzioni|regole) | rispondi (?:sempre|solo) |
    devi (?:sempre|ora) | l utente (?:e|ha)`,
  privilege: phrases`(?:sono|e|come|era) (?:\w+ ){0,3}?(?:admin|amministratore|amministratrice|moderatore|root|operatore)(?! in| di una| presso) |
    permessi di amministratore | accesso (?:completo|totale) |
    il tuo (?:creatore|padrone|sviluppatore)`,
  assistant: phrases`assistente | chatbot | il bot | l ia | un ia | modello linguistico | prompt | la conversazione |
    istruzioni`,
  talk: phrases`dice (?:ciao|grazie|buongiorno) | saluta | ringrazia | chiede | parla con | chiacchiera |
    risponde | vuole sapere`,
  profile: phrases`sconosciut\w* | non (?:specificat|menzionat|indicat)\w* | profilo`,
  transient: wordSet(
    'stanco stanca fame sete annoiato annoiata occupato occupata sveglio sveglia pronto pronta sonno freddo caldo bene male',
  ),
  nowWords: wordSet('adesso ora oggi momento stasera'),
  passing: phrases`per strada | sto (?:andando|aspettando|tornando) | ho appena (?:mangiato|finito)`,
  momentary: phrases`in questo momento | proprio ora | proprio adesso`,
  lasting: phrases`sempre | spesso | da (?:anni|mesi|settimane) | ogni | incinta | cronic\w*`,
  correction: beginning`(?:no |scusa |ops )*(?:volevo dire|intendevo|voglio dire|correzione|mi sono sbagliat[oa])`,
  youToMe: new Map([
    ['tu', 'io'],
    ['tuo', 'mio'],
    ['tua', 'mia'],
    ['tuoi', 'miei'],
    ['ti', 'mi'],
    ['hai', 'ho'],
    ['sei', 'sono'],
    ['vivi', 'vivo'],
    ['lavori', 'lavoro'],
  ]),
  yes: wordSet('si certo esatto giusto ovvio gia'),
  no: wordSet('no mai'),
  uncertainAnswer: phrases`forse | magari | non so | dipende | a volte | credo | ahah\w*`,
  promise: phrases`(?:te lo |ti )?(?:prometto|giuro) | promesso`,
  promiseTold: phrases`promess\w* | promett\w* | giura\w*`,
  selfDescription: phrases`(?:il mio|la mia) \w+ preferit[oa] | mi piac\w+ | (?:colleziono|preferisco|odio|adoro|amo)`,
  sensitive: {
    health: phrases`allergi\w* | diabet\w* | cancro | tumore | depress\w* | incinta | terapia | ospedale |
    operat[oa] | asma | malat\w*`,
    sexuality: phrases`gay | lesbica | bisessuale | trans | omosessuale`,
    religion: phrases`musulman\w* | cristian\w* | cattolic\w* | ebre[oa] | ate[oa] | chiesa | moschea | ramadan`,
    politics: phrases`vot\w+ | partito politico | politic[oa] | socialista`,
    finance: phrases`debit[oi] | stipendio | prestito | mutuo | euro`,
  },
}
