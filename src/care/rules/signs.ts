/** What speaks for a crisis. */
export const alarms = ['death-wish', 'farewell', 'self-harm', 'threat', 'abuse', 'danger'] as const
/** What speaks for a harmless meaning, or for somebody else's. */
export const calms = ['negated', 'past', 'third', 'told', 'fiction', 'work', 'idiom'] as const
/** What makes either of them weigh more. */
export const stresses = ['self', 'now', 'means'] as const

export type Alarm = (typeof alarms)[number]
export type Sign = Alarm | (typeof calms)[number] | (typeof stresses)[number]

/** One language's signs: sources of regular expressions over what `normalise` makes. */
export type Phrases = Readonly<Partial<Record<Sign, readonly string[]>>>
