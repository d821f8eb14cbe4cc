import { englishWords } from './english-words.ts'
import { beginning, type Language, phrases, wordSet } from './language.ts'

const subject = '(?:i|you|he|she|we|they|it|this|that|my|your|our|the|there|anyone|somebody|someone)'
const auxiliary =
  '(?:do|does|did|am|is|are|was|were|have|has|had|can|could|should|shall|would|will|might|must)(?: not)?'

export const english: Language = {
  code: 'en',
  ...englishWords,

  firstSubject: phrases`i | we`,
  firstMark: phrases`i | we | me | my | mine | our | us | myself`,
  possessives: wordSet('my our'),
  thirdPronouns: wordSet(
    'he she they it who whose this that there everyone everybody nobody noone someone somebody',
  ),
  determiners: wordSet('the a an some his her their your every no these those most many'),
  openers:
    wordSet(`and but so because also then now well yes yeah no oh ok okay actually honestly anyway sadly luckily finally
    today yesterday tomorrow still just though although while when as if neither none both of that btw hey guess what please remember even plus update fun fact sorry day time morning evening night way once`),
  clauseWords: wordSet('but because although though while whereas who whose except however'),
  embedding: wordSet('when'),
  andWords: wordSet('and or plus so'),
  prepositions: wordSet(
    'in on at to for with by about of as into onto over up during through around after before since until from near outside because despite',
  ),
  naming: wordSet('named called name names'),
  objectPronouns: wordSet('it them him her this that'),
  strictPrepositions: wordSet('from near outside without against before after until past beyond'),

  negators: wordSet('not no never none nothing nobody neither nor without cannot hardly barely noone'),
  noNegation: phrases`not only | no doubt | no wonder | no problem | no idea | why not | no matter |
    not bad | no need to say | (?:whether )?or not | not to mention`,
  ending: phrases`quit\w* | stop(?:s|ped)? | gave up | given up | gives up | used to`,
  operators: [
    phrases`want\w* | would (?:\w+ )?(?:like|love|prefer) | hop(?:e|es|ed|ing) (?:to|that|for) | dream\w* of |
    plan(?:s|ning|ned)? | going to | intend\w* | will | shall | about to | try(?:ing)? | tries |
    tried | looking forward | promise\w*`,
    phrases`used to | formerly | previously | back when | as a child | as a kid | no longer | any ?more | ex |
    former`,
    phrases`almost | nearly | close to`,
    phrases`wait(?:ing)? (?:to|for)`,
    phrases`must | ha(?:ve|s|d) to | needs? to | got to | supposed to | ought to`,
    phrases`say | says | said | told | tells | claims? | claimed | according | thinks | believes | calls me`,
    phrases`pretend\w* | dreamt | dreamed | refuse\w* | fail(?:s|ed) to | not true`,
    phrases`stop\w* | quit\w* | gave up | start\w* | beg[aiu]n\w*`,
  ],
  past: phrases`was | were | had | used to`,
  present: phrases`am | is | are | have | has`,
  pastTense: phrases`was | were | had | did | \p{L}+ed | ran | went | got | bought | sold | met | lost | won | broke |
    fell | came | left | gave | took | saw | ate | drank | flew | began | became | made | found |
    wrote | drove | said | told | felt | grew | moved | quit | born`,
  future: phrases`will | going to | shall | plan\w* | want\w* | (?:am|is|are) \p{L}+ing`,

  question: beginning`${auxiliary} ${subject} | (?:what|why|how|where|when|who|which|whose)(?: (?!i |we |he |she |they |it )\w+)? ${auxiliary} |
    what if | how about | what about | any idea | guess (?:who|how|where|why) | i wonder |
    wonder(?:ing)? (?:if|whether) | tell me`,
  askingTag: beginning`right | correct | or not | is it not | are i not | do not i | am i not | yes | no | or | true`,
  harmlessTag: beginning`can you believe | you know | do you remember | remember | did i tell you | have i told you |
    crazy | huh | eh | how cool | is not that | how about you | what about you | and you | you |
    did you know | guess what`,
  hypothetical: phrases`if | unless | whether | wish\w* | imagine | suppose | supposing | assum(?:e|ing) | what if | as though | bet | wonder\w* |
    dreamt | dreamed | in (?:my|a|the) dream | not true | thought i | were to |
    as (?:\w+ ){1,4}(?:says|said|used to say|puts it)`,
  doubt: phrases`might | would | could | should | (?:i|we|he|she|they|you|it) may | not sure | no idea |
    i (?:do not )?(?:think|guess|believe|suspect|reckon) | feels like | rather | maybe | perhaps | possibly | probably | presumably | apparently | hopefully | supposedly |
    allegedly | i guess | (?:pretty|fairly|quite|almost) (?:sure|certain)`,
  comparison: phrases`than | over | instead of | rather | prefer\w*`,
  worksAs: phrases`work(?:s|ing|ed)? as`,
  noHypothesis: phrases`would (?:really |also |just |so )?(?:like|love|prefer) to | could not |
    (?:not sure|do not know|wondering) if i (?:told|mentioned|said)(?: you)?(?: \w+)? but | even if |
    no wonder`,
  reported: phrases`(?:he|she|they|\p{L}+) (?:says?|said|told (?:me|us|everyone|him|her)|claims?|claimed|thinks?|thought|believes?|insists?|wrote|calls?|called|swears)(?: that)? (?:i|me|we|us) |
    according to | rumou?r has it | people say | saying | it said | it reads`,
  ironic:
    /\/s\b|(?<!\p{L})(?:just kidding|(?:only|just) joking|i am kidding|kidding|jk|j k|sarcasm|yeah right|not really lol|lol no|as if|and i am the (?:queen|king|pope|emperor|president)|and pigs fly|scratch that|april fools?)(?!\p{L})/u,
  pretence: phrases`pretend | let us play | lets play | let us role ?play | lets role ?play | role ?play |
    once upon a time | in (?:this|our|the|my) (?:story|scene|scenario|game|rp) |
    you are (?:the|a|an|my) (?:captain|king|queen|prince|princess|dragon|knight|wizard|detective|manager|servant|master|villain|hero|vampire) |
    you are (?:a|an|the|my) (?:\w+ )?\w+ (?:in this|and i am (?:a|an|the|your)) | you play | act as | acting as`,
  fiction: phrases`in (?:the|a|this|my) (?:book|novel|film|movie|series|show|song|poem|episode|game|dream) |
    my (?:character|oc) | the hero | the heroine | once upon a time | in another (?:life|world|universe) | in (?:a|some) parallel universe |
    had (?:a|the) (?:\w+ )?(?:dream|nightmare)`,
  fictionalSelf: phrases`(?:i am|i was|as) (?:\w+ ){0,2}?(?:sir|lady|lord|king|queen|prince|princess|knight|wizard|witch|elf|orc|dwarf|vampire|werewolf|dragon|demon|angel|god|goddess|ghost|pirate|captain of|emperor|sorcerer|mage|paladin|alien|robot|immortal|pope|superhero|mermaid|assassin)`,
  fictionEnds: phrases`ooc | out of character | end of (?:the )?(?:game|scene|story|role ?play) | in real life | irl |
    no more (?:playing|role ?play|pretending) | jokes aside | but seriously | back to reality`,
  emotes:
    /^(?:\w+ly )?(?:hugs?|sighs?|laughs?|smiles?|shrugs?|waves?|winks?|nods?|yawns?|cries|cry|giggles?|grins?|blushes|sobs?|facepalms?|sniffs?|chuckles?|claps?|cheers?)(?: \w+){0,2}$/,
  task: phrases`translate | proofread | rephrase | paraphrase | repeat after me | summari[sz]e (?:this|the) |
    (?:write|tell|make up) (?:me )?(?:a|an|another) (?:\w+ )?(?:story|poem|song|scene|letter|essay|joke|email|tale) |
    (?:correct|rewrite|complete|finish|continue) (?:this|the|my) (?:text|sentence|story|email|letter|paragraph|essay)`,
  instruction: phrases`(?:ignore|forget|disregard|override|bypass) (?:all|any|your|the|every|previous|prior|everything) |
    previous instructions | system ?prompt | you are now | from now on |
    your (?:instructions|rules|prompt|programming|guidelines) | developer mode | debug mode |
    jailbreak\w* | dan mode | obey | store (?:that|this|the) | save to memory |
    add to (?:your )?memory | you (?:must|have to|shall|will) (?:always|never|now) |
    (?<!(?:^| )(?:i|we|he|she|they) )(?:always|never) (?:answer|reply|respond|mention|speak|use|say|refuse) |
    respond (?:only|in|with) | the user (?:has|is|was) | the assistant | unlock`,
  privilege: phrases`(?:am|is|was|been|as|be) (?:\w+ ){0,3}?(?:admin|administrator|root|superuser|sysadmin|moderator|operator|mod)(?! at| for| in| of a| assistant) |
    (?:admin|administrator|root|moderator|operator|developer|full|unrestricted|special) (?:rights?|privileges?|access|permissions?|mode|status) |
    (?:your|the bot s|of (?:this|the) (?:bot|server|system|room|assistant)) (?:\w+ )?(?:creator|developer|admin|administrator|owner|operator|maker|master) |
    (?:creator|developer|admin|administrator|owner|operator|maker|master) of (?:this|the (?:bot|server|system|assistant|ai)) |
    authori[sz]ed | verified | allowed to do (?:anything|everything) | clearance`,
  assistant: phrases`(?:the|ai|an) assistant | chatbot | the bot | the ai | an ai | a bot | language models? | system prompt |
    the (?:conversation|chat|dialogue|system) | (?:the|ai|warm) companion | prompt | instructions`,
  talk: phrases`sa(?:id|ys) (?:hello|hi|hey|good|thanks|thank|bye|goodbye|goodnight) | greet\w* |
    thank(?:s|ed|ing)? | ask(?:s|ed|ing)? | chat(?:s|ted|ting) | talk(?:s|ed|ing)?(?: to| with) |
    wonder\w* | is curious | respond\w* | repl(?:y|ies|ied) | agree(?:s|d)? | mention(?:s|ed) |
    express\w* | interested in (?:talking|chatting) | wants to know | was told | talk tomorrow |
    is happy to | appreciates?`,
  profile: phrases`unknown | unspecified | undefined | null | n a |
    not (?:specified|mentioned|provided|stated|given|known|available|disclosed) | no information |
    anonymous | profile`,
  transient:
    wordSet(`tired sleepy hungry thirsty bored busy full awake cold hot late sweaty drunk ready back home here fine good okay ok
    great well online offline exhausted knackered sandwich lunch dinner breakfast shower watching eating cooking getting
    going heading making having sitting lying waiting grabbing`),
  nowWords: wordSet('right now moment just tonight today currently atm rn brb afk second sec minute'),
  passing: phrases`on (?:my|our|the) way | stuck (?:in|at|on) | waiting (?:for|in|at) | in line | heading (?:to|home|out) |
    just (?:ate|had|woke up|got (?:back|home|up)|finished) | about to (?:go|leave|eat|sleep) | going to bed`,
  momentary: phrases`right now | at the moment | just now | brb | atm | rn`,
  lasting: phrases`always | often | every | usually | never | for (?:\w+ )?(?:days|weeks|months|years) | since |
    chronic\w* | my whole life | all the time | pregnant | living | studying | working | training |
    learning | writing | migraines? | pain | fever`,
  correction: beginning`(?:no |oh |sorry |oops |wait )*(?:i (?:meant|mean)|i meant to say|correction|scratch that|typo|that was wrong|not my|i misspoke|i was wrong) |
    no (?:not|it was|it is|that is) | actually no | wait no`,
  youToMe: new Map([
    ['you', 'i'],
    ['your', 'my'],
    ['yours', 'mine'],
    ['yourself', 'myself'],
  ]),
  yes: wordSet('yes yeah yep yup yea sure indeed absolutely definitely of course correct right exactly'),
  no: wordSet('no nope nah never not'),
  uncertainAnswer: phrases`maybe | perhaps | guess | kind of | sort of | not sure | depends | dunno | probably | sometimes |
    lol | haha | hmm`,
  promise: phrases`i promise | i swear | you have my word | i give you my word |
    i will (?:not |never |always )?(?:tell|ask|remind|remember|wait|be|keep|write|read|help|check|send|bring|think|stay|listen|forget)`,
  promiseTold: phrases`promis\w* | swore | will | gave (?:her|his|their) word`,
  selfDescription: phrases`my favou?rite |
    i (?:really |also |do |still |always |do not )?(?:like|love|enjoy|prefer|hate|dislike|adore) |
    i (?:collect|paint|grew up|was born|come from|live|keep|read|play|dream of)`,
  sensitive: {
    health: phrases`allerg\w* | diabet\w* | diagnos\w* | cancer | depress\w* | anxiety | adhd | autis\w* |
    pregnan\w* | therap\w* | rehab | hospital | medication | surgery | operation | epilep\w* |
    asthma | migraine\w* | ill | illness | disease | iron | drink too much | stop drinking | smok\w* |
    hiv | miscarriage | suicid\w* | disorder | injur\w* | wheelchair | blood | broken (?:leg|arm)`,
    sexuality: phrases`gay | lesbian | bisexual | bi | trans | transgender | queer | asexual | nonbinary | sexual\w* |
    came out | coming out`,
    religion: phrases`muslim | christian | catholic | protestant | jewish | hindu | buddhist | atheist | religio\w* |
    church | mosque | synagogue | ramadan | fasting | pray\w* | bapti\w* | faith`,
    politics: phrases`vot(?:e|es|ed|ing) | party member | greens | democrat\w* | republican\w* | socialist\w* |
    communist\w* | conservative\w* | labour | politic\w* | union member | activist\w*`,
    finance: phrases`debts? | owe\w* | salary | earn\w* | loan\w* | mortgage | bankrupt\w* | crypto | savings |
    euros? | dollars? | pounds | inherit\w* | rent arrears | bank account`,
  },
}
