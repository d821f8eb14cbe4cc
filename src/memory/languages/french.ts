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

export const french: Language = {
  code: 'fr',
  free: wordSet(`le la les l un une des d de du au aux a en dans sur chez pour par avec et ou puis aussi tres bien encore deja
    maintenant je j me m moi mon ma mes nous notre nos on tu te t toi ton ta tes il elle lui son sa ses ils elles leur leurs se s qui
    que qu quoi ou y ce cet cette ces c ca comme alors donc car parce si la n ne nomme nommee appelle s appele utilisateur
    utilisatrice personne vraiment actuellement propre dont celui celle`),
  contractions: contractionsOf('jai: j ai\n jsuis: je suis\n chui: je suis\n jhabite: j habite'),
  groups: groupsOf(`aime aimes aimer aimerais aimerait adore adorer adores aiment plait
    deteste detester hais hait hair
    habite habiter habites habitait vis vit vivre vivait
    travaille travailler travaillait travail boulot emploi
    vais va aller vont alle allee
    pars part partir parti partie
    prends prend prendre pris
    mange manger mangeait
    bois boit boire bu
    lis lit lire lu
    ecris ecrit ecrire
    veux veut vouloir voudrais voudrait
    dois doit devoir devrais devrait
    fais fait faire
    viens vient venir venu venue
    perds perd perdre perdu perdue
    achete acheter achetait
    vends vend vendre vendu
    apprends apprend apprendre appris
    meurs meurt mourir mort morte
    nais naitre ne nee naissance
    joue jouer jouait
    etudie etudier etudiait
    fume fumer fumait
    promets promet promettre promis
    dors dort dormir`),
  persons: groupsOf(`soeur soeurs
    frere freres
    mere maman
    pere papa
    parents
    fille filles
    fils
    enfant enfants
    femme epouse
    mari epoux
    copain petit-ami
    copine
    ami amis
    amie amies
    grand-mere mamie
    grand-pere papi
    tante
    oncle
    niece
    neveu
    cousin
    cousine
    famille
    chef patron
    patronne
    collegue collegues
    voisin voisins
    voisine
    colocataire
    chien chiens
    chat chats
    cheval chevaux`),
  selfNouns: wordSet(
    'nom prenom age anniversaire metier travail hobby surnom film livre couleur plat passe-temps',
  ),
  numbers: numbersOf(
    'zero un/une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize',
  ),
  endings: wordSet('s e es er ee ees ent ons ez ais ait aient ai x r re'),
  be: wordSet('suis est es sommes sont etais etait ete etre'),
  have: wordSet('ai as avons ont avais avait avoir eu possede'),
  auxiliaryBefore: never,
  nouns: 'lower',
  firstSubject: phrases`je | j | nous | on`,
  firstMark: phrases`je | j | nous | me | m | moi | mon | ma | mes | notre | nos | on`,
  possessives: wordSet('mon ma mes notre nos'),
  thirdPronouns: wordSet('il elle ils elles qui ce c ca personne quelqu'),
  determiners: wordSet('le la les l un une des ce cette ces aucun aucune'),
  openers: wordSet(
    'et mais donc alors oui non maintenant en fait hier demain aujourd hui parce que car bon ah oh ok',
  ),
  clauseWords: wordSet('mais donc alors car tandis puisque'),
  embedding: wordSet('quand'),
  andWords: wordSet('et ou'),
  prepositions: wordSet(
    'dans sur chez pour par avec en a au aux de du des d depuis apres avant pres vers sans contre',
  ),
  naming: wordSet('nomme nommee appelle s nom prenom'),
  objectPronouns: wordSet('ca lui cela y'),
  strictPrepositions: wordSet('sans contre avant apres depuis pres vers'),
  negators: wordSet('pas jamais rien personne aucun aucune sans ni nulle'),
  noNegation: phrases`pas seulement | pas de probleme | pourquoi pas | pas mal`,
  ending: phrases`ne (?:\w+ )?plus | n \w+ plus | arrete\w* | cesse\w*`,
  operators: [
    phrases`veux | veut | voudr\w* | aimer(?:ais|ait|ions|aient) | vais \w+r | va \w+r | espere\w* | prevois |
    compte \w+r | essaie\w* | reve\w* de | promet\w* | promis`,
    phrases`avant | autrefois | ancien\w* | ex | n \w+ plus | ne (?:\w+ )?\w+ plus`,
    phrases`presque | failli`,
    phrases`dois | doit | faut`,
    phrases`dit | disent | pense | croit | selon | pretend`,
  ],
  past: phrases`etais | etait | avais | avait`,
  present: phrases`suis | est | sont | ai | a`,
  pastTense: phrases`ai | etais | avais | suis \w+e | a \w+e | sommes \w+es`,
  future: phrases`vais | va | pars | partons | \w+erai | \w+rons`,
  question: beginning`est ce que | qu est ce |
    (?:que|quoi|qui|quand|comment|pourquoi|combien|quel\w*|ou) (?!je|j|nous) | dois je | as tu |
    es tu | peux tu | aimes tu | tu (?:as|es|aimes|crois|penses) | je me demande`,
  askingTag: beginning`n est ce pas | non | oui | pas vrai | hein | d accord`,
  harmlessTag: beginning`tu te rends compte | tu sais | tu te souviens | et toi | incroyable`,
  hypothetical: phrases`si (?:j|je|on|nous|tu|il|elle|ma|mon) | si jamais | (?:je|j|il|elle|on) \w+erais? | \w+erais |
    \w+rait | imagine\w* | suppos\w* | il parait | je (?:crois|pense) | j ai reve | a moins que |
    au cas ou | devrais`,
  doubt: phrases`peut etre | probablement | sans doute | apparemment`,
  comparison: phrases`plutot | prefer\w* | au lieu`,
  worksAs: phrases`travaill\w* comme`,
  noHypothesis: phrases`je (?:voudrais|aimerais) | j aimerais | aimerait | voudrait`,
  reported: phrases`(?:dit|disent|pense|pensent|croit|croient|pretend)(?: tout)? que? (?:je|j|nous) |
    (?:dit|pense) qu (?:je|on) | selon | d apres`,
  ironic:
    /\/s\b|(?<!\p{L})(?:je (?:plaisante|rigole|deconne|blague)|c est une (?:blague|plaisanterie)|pour rire|et moi je suis (?:le pape|la reine))(?!\p{L})/u,
  pretence: phrases`faisons semblant | faire semblant | on dirait que | jouons | jeu de role | il etait une fois |
    imagine que | tu es (?:le|la|un|une|mon|ma) (?:roi|reine|capitaine|dragon|chevalier|prince\w*)`,
  fiction: phrases`dans une autre vie | dans (?:cette|notre|l|le) (?:histoire|scene|film|livre|roman|jeu) | mon personnage |
    il etait une fois`,
  fictionalSelf: phrases`(?:je suis|suis|en tant que) (?:\w+ ){0,2}?(?:chevalier|roi|reine|prince|princesse|sorcier|sorciere|elfe|nain|vampire|loup garou|dragon|demon|ange|dieu|fantome|pirate|empereur|pape)`,
  fictionEnds: phrases`ooc | hors jeu | fin du jeu | dans la vraie vie | serieusement`,
  emotes: /^(?:calin|rire|rit|soupir\p{L}*|souri\p{L}*|serre|pleure|baille|hoche|hausse)(?: \p{L}+){0,3}$/u,
  task: phrases`traduis | corrige (?:ce|cette|mon|ma) | ecris (?:moi )?(?:une|un) (?:\w+ )?(?:histoire|poeme|lettre|chanson|texte)`,
  instruction: phrases`(?:ignore|oublie)\w* (?:toutes?|tes|les|tout|mes) | instructions precedentes | prompt systeme |
    tu es (?:maintenant|desormais) | a partir de maintenant | desormais |
    tes (?:instructions|regles) | reponds (?:toujours|seulement|uniquement) |
    tu dois (?:toujours|maintenant) | l utilisateur (?:a|est) | appelle moi maitre`,
  privilege: phrases`(?:suis|est|en tant qu|etait) (?:\w+ ){0,3}?(?:admin|administrateur|administratrice|moderateur|moderatrice|root|operateur)(?! chez| dans| a) |
    droits? d administrateur | acces (?:complet|total) | ton (?:createur|maitre|developpeur) |
    maitre`,
  assistant: phrases`assistant\w* | chatbot | le bot | l ia | une ia | modele de langage | prompt | la conversation |
    instructions`,
  talk: phrases`dit (?:bonjour|salut|merci|au revoir) | salue | remercie | demande | parle avec | discute avec |
    repond | veut savoir`,
  profile: phrases`inconnue?s? | non (?:precise|specifie|mentionne)e? | profil`,
  transient: wordSet(
    'fatigue fatiguee faim soif ennuie occupee occupe reveillee reveille prete pret malade froid chaud',
  ),
  nowWords: wordSet('la maintenant aujourd hui moment ce soir la'),
  passing: phrases`en route | en chemin | j attends | je rentre | viens de (?:manger|rentrer|finir)`,
  momentary: phrases`en ce moment | la tout de suite | maintenant`,
  lasting: phrases`toujours | souvent | depuis | chaque | enceinte | chronique`,
  correction: beginning`(?:non |pardon |oups )*(?:je voulais dire|je veux dire|correction|erreur) | non pas`,
  youToMe: new Map([
    ['tu', 'je'],
    ['t', 'me'],
    ['te', 'me'],
    ['ton', 'mon'],
    ['ta', 'ma'],
    ['tes', 'mes'],
    ['vous', 'je'],
  ]),
  yes: wordSet('oui ouais si bien sur exactement exact absolument'),
  no: wordSet('non jamais pas'),
  uncertainAnswer: phrases`peut etre | je ne sais pas | sais pas | ca depend | parfois | je crois | haha`,
  promise: phrases`je (?:te |vous |t )?(?:le )?(?:promets|jure) | promis`,
  promiseTold: phrases`promi\w* | jure`,
  selfDescription: phrases`mon \w+ prefere | ma \w+ preferee | (?:j|je) (?:aime|adore|deteste|collectionne|prefere)`,
  sensitive: {
    health: phrases`allergi\w* | diabet\w* | cancer | depress\w* | enceinte | therapie | hopital | operation |
    operee? | asthme | malad\w* | infirme`,
    sexuality: phrases`gay | lesbienne | bisexuel\w* | trans | homosexuel\w*`,
    religion: phrases`musulman\w* | chretien\w* | catholique | juif | juive | athee | eglise | mosquee | ramadan |
    bapteme`,
    politics: phrases`vote\w* | parti politique | ecologiste | socialiste | politique\w*`,
    finance: phrases`dettes? | salaire | emprunt | credit | euros? | heritage | perdu son emploi`,
  },
}
