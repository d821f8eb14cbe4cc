import type { Phrases } from './signs.ts'

export const spanish: Phrases = {
  'death-wish': [
    '(?:quiero|quisiera|voy a|ganas de|gustaria|prefiero|pienso en) (?:\\w+ ){0,2}(?:morir\\w*|matarme|desaparecer|no (?:existir|despertar|estar|vivir)|acabar con (?:todo|mi vida)|suicidarme|quitarme)',
    'matarme|suicid\\w*|quitarme (?:la vida|de en medio)|quitarme de|acabar con (?:todo|mi vida)|desvivirme|estar muert[oa]|ojala (?:\\w+ )?(?:no (?:me )?(?:despert\\w*|hubiera)|me muera|estuviera muert[oa])',
    'no (?:quiero|puedo|aguanto|tengo ganas de) (?:\\w+ )?(?:vivir|seguir|mas|despertar\\w*|estar aqui)|(?:mejor|tranquilos) sin mi|soy (?:una|solo una)? ?carga|para que (?:seguir|vivir)|no (?:haber )?nacido',
  ],
  farewell: [
    '(?:no|ya no) (?:lo|la|los|las|me) (?:voy a|hara?) (?:necesitar|falta)|carta(?:s)? de despedida|despedirme|gracias por todo|perdonadme|perdonenme|cuando (?:ya )?no este|ultima vez|ultimo mensaje|donde voy|lo he dejado todo|regal\\w+ (?:todo|mis|mi)|cuida(?:d)? de',
  ],
  'self-harm': [
    'cort(?:arme|o|e|ado|andome)\\b|me (?:corto|corte|quemo|queme|hago dano|pego|arano|lesiono)|hacerme dano|me he (?:cortado|hecho dano|quemado|vomitado)|autolesi\\w*|cuchilla',
  ],
  threat: [
    '(?:voy a|quiero|podria|pienso) (?:\\w+ )?(?:matar(?:lo|la|los|le)?|apunalar\\w*|reventar\\w*|quemar\\w*|rajar\\w*|disparar\\w*|cargarme)|(?:lo|la|los|le) (?:voy a )?(?:mato|matar|rajo)|me las (?:va|van) a pagar|cogido (?:el|un) cuchillo',
  ],
  abuse: [
    '(?:el|ella|mi \\w+|papa|mama|padre|madre|marido|novio|novia|tio|padrastro|jefe)\\b.{0,30}\\bme (?:pega|pego|golpea|amenaza|toca|obliga|encierra|ahoga|controla|empuja|grita|viola|ha pegado|quita)',
    'miedo (?:de el|a el|de volver|a volver|de mi|a mi)|no me deja (?:salir|ir|ver|hablar|tener)|(?:quitado|quito|guarda) (?:el|mi) (?:pasaporte|movil|telefono)',
  ],
  danger: [
    'me (?:sigue|siguen|esta siguiendo)|alguien (?:esta|intenta|ha)|no (?:puedo|puede) respirar|no respira|sangr\\w+|inconsciente|huele a gas|atrapad[oa]|llama(?:d)? a(?:l)? (?:112|911|la policia|emergencias|una ambulancia)|pastillas|sobredosis|tragado',
  ],
  negated: [
    '(?:no|nunca|jamas|ningun\\w*|sin) (?:\\w+ ){0,3}(?:suicid\\w*|morir\\w*|matar\\w*|dano|peligro|hacerme)|no te preocupes|tranquil[oa]|estoy bien|nada de eso|no es eso',
  ],
  past: [
    'hace (?:\\w+ )?(?:anos|meses|tiempo)|antes|de joven|cuando (?:tenia|era)|entonces|por aquel|(?:19|20)\\d\\d|lo supere|ya paso|llevo \\w+ (?:anos|meses)',
  ],
  third: ['mi (?:abuel[oa]|prim[oa]|vecin[oa]|companer[oa]|ti[oa]|amig[oa])|alguien que'],
  told: [
    '["«][^"»]{6,}|cancion|letra|canta|poema|noticia\\w*|periodico|titular|podcast|documental|reportaje|cita|articulo',
  ],
  fiction: [
    '\\*[^*]{3,}\\*|novela|personaje|(?:la|una) (?:peli\\w*|serie|escena)|(?:el|un) (?:juego|libro)|capitulo|rol|villano|jefe final|nivel|teatro|partida',
  ],
  work: [
    'guardia|paciente\\w*|alumn\\w*|voluntari\\w*|telefono de la esperanza|formacion|practicas|enfermer\\w*|turno|clase de|trabajo de|tfg|bomber\\w*|usuari\\w*',
  ],
  idiom: [
    'muert[oa] de (?:risa|hambre|sueno|miedo|verguenza|frio|asco)|me (?:muero|parto|meo)(?: \\w+)? de|me mata|de muerte|jaja+|jeje+|lol|😂|🤣|😅|es broma|que me muero de',
  ],
  self: ['\\b(?:yo|me|mi|mis|conmigo)\\b'],
  now: ['esta noche|ahora|hoy|manana|ya mismo|esta tarde|ya no'],
  means: ['pastillas|puente|cuerda|cuchillo|cuchilla|tejado|azotea|tren|vias|gas|pistola'],
}
