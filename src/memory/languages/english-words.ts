import { contractionsOf, groupsOf, type Language, numbersOf, wordSet } from './language.ts'

/** The words of English; `english.ts` has its ways of putting them. */
export const englishWords = {
  free: wordSet(`a an the this that these those some any of in on at to for with by about as into onto over up out off
    around near through during and or so then than too also just really very quite still already now currently
    recently lately i me my mine we us our ours you he him his himself she her hers herself they them their theirs
    themselves themself it its itself myself ourselves who whom whose which what where when there here do does did
    done doing s named called name user person speaker someone something own one ones both each other all such
    because while if though although but how m likewise well even only`),
  contractions: contractionsOf(`im: i am
    ive: i have
    dont: do not
    doesnt: does not
    didnt: did not
    cant: can not
    cannot: can not
    couldnt: could not
    wont: will not
    wouldnt: would not
    shouldnt: should not
    isnt: is not
    arent: are not
    wasnt: was not
    werent: were not
    havent: have not
    hasnt: has not
    hadnt: had not
    shes: she is
    hes: he is
    thats: that is
    theres: there is
    whats: what is
    theyre: they are
    youre: you are
    wanna: want to
    gonna: going to
    gotta: got to
    aint: is not`),
  groups:
    groupsOf(`like likes liked liking love loves loved loving enjoy enjoys enjoyed enjoying adore adores adored fond
    hate hates hated hating dislike dislikes disliked detest detests loathe loathes
    stand stands stood
    live lives lived living reside resides resided
    work works worked working job jobs employed
    go goes went gone going
    get gets got gotten getting
    buy buys bought buying purchase purchased
    sell sells sold selling
    teach teaches taught teaching
    learn learns learned learnt learning
    give gives gave given giving
    take takes took taken taking
    see sees saw seen seeing
    meet meets met meeting
    make makes made making
    lose loses lost losing
    win wins won winning
    find finds found finding
    leave leaves left leaving
    come comes came coming
    become becomes became becoming
    begin begins began begun beginning start starts started starting
    stop stops stopped stopping quit quits quitting
    break breaks broke broken breaking
    drive drives drove driven driving
    ride rides rode ridden riding
    write writes wrote written writing
    read reads reading
    speak speaks spoke spoken speaking
    grow grows grew grown growing
    know knows knew known knowing
    think thinks thought thinking
    feel feels felt feeling
    fall falls fell fallen falling
    eat eats ate eaten eating
    drink drinks drank drunk drinking
    run runs ran running
    swim swims swam swum swimming
    sing sings sang sung singing
    fly flies flew flown flying
    build builds built building
    keep keeps kept keeping
    sleep sleeps slept sleeping
    spend spends spent spending
    send sends sent sending
    pay pays paid paying
    say says said saying
    tell tells told telling
    wear wears wore worn wearing
    move moves moved moving
    die dies died dying dead death
    bear born birth
    birthday birthdays
    marry marries married marrying wedding
    divorce divorces divorced divorcing
    adopt adopts adopted adopting
    study studies studied studying
    promise promises promised promising
    call calls calling
    favourite favourites favorite favorites
    colour colours color colors
    film films movie movies
    flat flats apartment apartments
    holiday holidays vacation vacations
    tv television
    phd doctorate`),
  persons: groupsOf(`sister sisters
    brother brothers
    mother mothers mum mums mom moms mama
    father fathers dad dads papa
    parent parents
    daughter daughters
    son sons
    child children kid kids
    baby babies
    wife wives
    husband husbands
    spouse spouses
    partner partners
    girlfriend girlfriends
    boyfriend boyfriends
    fiance fiances
    fiancee fiancees
    ex exes
    grandmother grandmothers grandma gran granny nana
    grandfather grandfathers grandpa granddad
    aunt aunts auntie
    uncle uncles
    niece nieces
    nephew nephews
    cousin cousins
    stepmother
    stepfather
    family families
    friend friends mate mates buddy
    boss bosses manager
    colleague colleagues coworker coworkers
    neighbour neighbours neighbor neighbors
    flatmate flatmates roommate roommates
    landlord
    landlady
    teacher teachers
    doctor doctors
    therapist
    dog dogs puppy
    cat cats kitten
    rabbit rabbits
    horse horses
    parrot parrots
    guy guys man
    woman women
    girl girls
    boy boys`),
  selfNouns:
    wordSet(`name names nickname age birthday job profession occupation hometown home hobby hobbies height
    pronouns diet real full first last favourite favorite`),
  numbers:
    numbersOf(`zero one/once two/twice three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen twenty`),
  endings: wordSet('s es d ed ing e ies y ied'),
  be: wordSet('am is are was were be been being'),
  have: wordSet('have has had having own owns owned possess possesses got keep keeps'),
  auxiliaryBefore:
    /^(?:been|being|\p{L}+ing|\p{L}+ed|not|never|begun|gone|got|lost|left|broken|taken|given|born|written|become|bought|sold|met|won|had|to|also|just|always|still|already|recently)$/u,
  nouns: 'lower',
} as const satisfies Partial<Language>
