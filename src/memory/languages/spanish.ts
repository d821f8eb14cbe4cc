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

export const spanish: Language = {
  code: 'es',
  free: wordSet(`el la los las lo un una unos unas de del al a en con por para y o e u entonces tambien muy mas ya ahora aun todavia
    yo me mi mis mio nos nosotros nuestro nuestra tu te ti tus su sus le les se ella ellos ellas que quien cual como cuando donde
    este esta estos estas ese esa eso aqui asi porque si pues llama llamado llamada llamo nombre usuario usuaria persona actualmente
    realmente propio propia fue han ha he`),
  contractions: contractionsOf('q: que\n xq: porque'),
  groups: groupsOf(`gusta gustan gustar gustaba encanta encantan encantar amo ama amar adoro adora
    odio odia odiar detesto detesta
    vivo vive vivir vivia viven vivimos
    trabajo trabaja trabajar trabajaba trabajan curro
    como come comer comia comemos
    bebo bebe beber bebia
    quiero quiere querer quisiera queria
    voy va ir vamos fui van
    tengo tiene tener tenemos tenia tienen tuve tuvo
    hago hace hacer hizo hice
    juego juega jugar jugaba
    duermo duerme dormir
    empiezo empieza empezar empece empezo comienzo comienza
    compro compra comprar compre compro
    vendo vende vender vendi vendio
    pierdo pierde perder perdi perdio perdido
    caso casa casar case caso casado casada boda
    muero muere morir murio muerto muerta
    naci nacio nacer nacido nacida
    estudio estudia estudiar estudie
    aprendo aprende aprender aprendi aprendio
    bailo baila bailar
    fumo fuma fumar
    dejo deja dejar deje
    prometo promete prometer prometi prometio
    opero opera operaron operar operada operado
    leo lee leer
    escribo escribe escribir
    hablo habla hablar
    toco toca tocar`),
  persons: groupsOf(`hermana hermanas
    hermano hermanos
    madre mama
    padre papa
    padres
    hija hijas
    hijo hijos
    nino ninos
    esposa mujer
    esposo marido
    novia
    novio
    amiga amigas
    amigo amigos
    abuela
    abuelo
    abuelos
    tia
    tio
    sobrina
    sobrino
    prima
    primo
    familia
    jefe
    jefa
    companero companeros
    companera
    vecino
    vecina
    perro perros
    perra
    gato gatos
    gata
    caballo caballos`),
  selfNouns: wordSet('nombre edad cumpleanos profesion trabajo apodo comida color pelicula libro aficion'),
  numbers: numbersOf(
    'cero uno/una/un dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince',
  ),
  endings: wordSet('o a as os es e amos emos imos an en ar er ir ado ada ido ida ando iendo io s aba ia'),
  be: wordSet('soy es eres somos son era fui estoy esta estamos estan estaba ser estar'),
  have: wordSet('tengo tiene tenemos tienen tenia tuve tuvo posee'),
  auxiliaryBefore: never,
  nouns: 'lower',
  firstSubject: phrases`yo | nosotros | soy | estoy | tengo | voy | vivo | trabajo | quiero | odio | he | tuve | naci |
    empiezo | somos | tenemos | vivimos`,
  firstMark: phrases`(?:deje|compre|empece|llegue|tuve|hice|perdi|vendi|conoci|aprendi|case) | yo | me | mi | mis | nos | nosotros | nuestr\w* | soy | estoy | he | voy | fui | tengo | tuve |
    \p{L}+o | \p{L}+mos | naci`,
  possessives: wordSet('mi mis nuestro nuestra nuestros nuestras'),
  thirdPronouns: wordSet('ella ellos ellas alguien nadie todos'),
  determiners: wordSet('el la los las un una ese esa este esta ningun ninguna'),
  openers: wordSet('y pero entonces pues si no ahora ayer hoy manana bueno ah porque que'),
  clauseWords: wordSet('pero entonces aunque porque sino mientras'),
  embedding: wordSet('cuando'),
  andWords: wordSet('y o e'),
  prepositions: wordSet('en con por para a al de del desde hasta sin contra sobre'),
  naming: wordSet('llama llamado llamada nombre'),
  objectPronouns: wordSet('lo eso esto'),
  strictPrepositions: wordSet('sin contra antes despues desde hasta cerca'),
  negators: wordSet('no nunca jamas nada nadie ningun ninguna ninguno sin tampoco ni'),
  noNegation: phrases`no solo | no hay problema | por que no | no se preocupe`,
  ending: phrases`deje de | dejo de | dejado de`,
  operators: [
    phrases`quiero | quiere | queremos | quisiera | me gustaria | le gustaria | voy a | va a | vamos a |
    espero | espera | planeo | pienso | intento | sueno con | promet\w*`,
    phrases`antes | solia | ex | ya no | antigu\w*`,
    phrases`casi`,
    phrases`tengo que | tiene que | debo | debe | hay que`,
    phrases`dice | dicen | dijo | piensa | cree | segun`,
    phrases`deje de | dejo de | empec\w* | empiez\w*`,
  ],
  past: phrases`era | estaba | tenia`,
  present: phrases`soy | es | estoy | esta | tengo | tiene`,
  pastTense: phrases`fui | fue | era | estaba | tuve | he | ha | \p{L}{3,}(?:aron|ieron|aba|ia) | naci | murio |
    compre | case`,
  future: phrases`voy | vamos | empiezo | viajo | \p{L}+(?:are|ere|ire)`,
  question: beginning`(?:que|quien|cuando|donde|como|cual|cuanto|por que) (?:tal|es|esta|estas|eres|haces|tienes|te|le|hay|son) |
    deberia | crees que | me pregunto | sabes (?:si|que|cuando)`,
  askingTag: beginning`verdad | no | cierto | si | o no`,
  harmlessTag: beginning`te lo puedes creer | sabes | te acuerdas | y tu | increible | te imaginas`,
  hypothetical: phrases`si (?!no|que)\p{L}+(?:ra|ras|ramos|ran|se) |
    si (?:tuviera|fuera|pudiera|tengo|puedo|hay|llueve|yo|me) | ojala | \p{L}+(?:aria|eria|iria) |
    imagina\w* | supon\w* | creo que | sone que | a menos que | tuviera | fuera | no es verdad que |
    puede que`,
  doubt: phrases`quizas? | tal vez | a lo mejor | probablemente | al parecer`,
  comparison: phrases`prefier\w* | mas que | en vez`,
  worksAs: phrases`trabaj\w* (?:como|de)`,
  noHypothesis: phrases`me gustaria | pizzeria | panaderia | libreria | cafeteria | enfermeria | ingenieria | loteria |
    todavia | queria | seria | maria | averia | bateria | galeria | alegria | geometria | secretaria |
    veterinaria | universitaria | peluqueria`,
  reported: phrases`(?:dice|dicen|dijo|piensa|piensan|cree|creen) que (?:yo|soy|estoy|tengo|me) | segun`,
  ironic:
    /\/s\b|(?<!\p{L})(?:es (?:una )?broma|estoy bromeando|de broma|era broma|es coña|y yo soy el papa)(?!\p{L})/u,
  pretence: phrases`hagamos como si | finjamos | juguemos | vamos a jugar | juego de rol | erase una vez |
    habia una vez | imagina que |
    tu eres (?:el|la|un|una|mi) (?:rey|reina|capitan\w*|dragon|caballero|princip\w*|princesa)`,
  fiction: phrases`en otra vida | en (?:esta|nuestra|la|el) (?:historia|escena|pelicula|libro|novela|juego) | mi personaje |
    erase una vez | habia una vez`,
  fictionalSelf: phrases`(?:soy|como) (?:\w+ ){0,2}?(?:caballero|rey|reina|principe|princesa|mago|bruja|elfo|enano|vampiro|dragon|demonio|angel|dios|fantasma|pirata|emperador|papa)`,
  fictionEnds: phrases`ooc | fuera de personaje | fin del juego | en la vida real | en serio`,
  emotes: /^(?:abraz\p{L}*|rie|risas|suspira|sonrie|saluda|llora|bosteza)(?: \p{L}+){0,2}$/u,
  task: phrases`traduce | corrige (?:este|esta|mi) | escribe(?:me)? (?:una|un) (?:\w+ )?(?:historia|poema|carta|cancion|texto|cuento)`,
  instruction: phrases`(?:ignora|olvida) (?:todas?|tus|las|todo) | instrucciones anteriores | ahora eres |
    a partir de ahora | tus (?:instrucciones|reglas) | responde (?:siempre|solo) |
    debes (?:siempre|ahora) | el usuario (?:es|tiene|ha)`,
  privilege: phrases`(?:soy|es|como|era) (?:\w+ ){0,3}?(?:admin|administrador|administradora|moderador|moderadora|root|operador)(?! en| de una) |
    permisos de administrador | acceso (?:total|completo) | tu (?:creador|amo|desarrollador)`,
  assistant: phrases`asistente | chatbot | el bot | la ia | una ia | modelo de lenguaje | prompt | la conversacion |
    instrucciones`,
  talk: phrases`dice (?:hola|gracias|adios) | saluda | agradece | pregunta | habla con | charla con | responde |
    quiere saber`,
  profile: phrases`desconocid\w* | no (?:especificad|mencionad|indicad)\w* | perfil`,
  transient: wordSet(
    'cansado cansada hambre sed aburrido aburrida ocupado ocupada despierto despierta listo lista sueno frio calor bien mal',
  ),
  nowWords: wordSet('ahora mismo hoy momento esta noche'),
  passing: phrases`de camino | esperando (?:a|el|la|al) | acabo de (?:comer|llegar|despertar\w*)`,
  momentary: phrases`ahora mismo | en este momento`,
  lasting: phrases`siempre | a menudo | desde | cada | embarazada | cronic\w*`,
  correction: beginning`(?:no |perdon |ay )*(?:queria decir|quise decir|quiero decir|correccion|me equivoque)`,
  youToMe: new Map([
    ['tu', 'mi'],
    ['tus', 'mis'],
    ['te', 'me'],
    ['tienes', 'tengo'],
    ['eres', 'soy'],
    ['estas', 'estoy'],
    ['vives', 'vivo'],
  ]),
  yes: wordSet('si claro exacto cierto correcto sip'),
  no: wordSet('no nunca jamas'),
  uncertainAnswer: phrases`quizas? | tal vez | no se | depende | a veces | creo | jaja\w*`,
  promise: phrases`(?:te |os |le )?(?:lo )?(?:prometo|juro) | prometido`,
  promiseTold: phrases`promet\w* | jur\w*`,
  selfDescription: phrases`mi \w+ (?:favorit|preferid)[oa] | me (?:gusta|encanta) | (?:colecciono|prefiero|odio|adoro)`,
  sensitive: {
    health: phrases`alergi\w* | diabet\w* | cancer | depres\w* | embarazada | terapia | hospital | operaron |
    operad[oa] | asma | enferm[oa] | enfermedad`,
    sexuality: phrases`gay | lesbiana | bisexual | trans | homosexual`,
    religion: phrases`musulman\w* | cristian\w* | catolic\w* | judi[oa] | ateo | atea | iglesia | mezquita | ramadan`,
    politics: phrases`vot[eoa]\w* | partido politico | politic[oa] | socialista`,
    finance: phrases`deudas? | sueldo | salario | prestamo | hipoteca | euros?`,
  },
}
