import type { Classifier } from './classifier.ts'
import { normalise } from './normalise.ts'
import { judgeSigns } from './rules/judge-signs.ts'
import { readSigns } from './rules/read-signs.ts'
import { type Alarm, alarms } from './rules/signs.ts'

export interface Said {
  readonly from: 'person' | 'persona'
  readonly text: string
}

export type Level = 'none' | 'unsure' | 'crisis'

export interface Finding {
  readonly level: Level
  /** What the rules heard in the last message; often nothing, also in a crisis. */
  readonly heard: readonly Alarm[]
}

export interface Detector {
  /** Of the newest of these messages, in the light of those before it. In the order in which they were said. */
  detect(conversation: readonly Said[]): Finding
}

/** So many of the person's messages are read as one. */
const mostMessages = 4

const levels: readonly Level[] = ['none', 'unsure', 'crisis']

/**
 * The first two layers, in this process, without a model server. The rules can only raise what the classifier says,
 * from `none` to `unsure`: they are wrong too often to be certain of anything by themselves.
 */
export function createDetector(classifier: Classifier): Detector {
  function levelOf(text: string): Level {
    if (text.trim() === '') return 'none'
    const score = classifier.score(text)
    if (score >= classifier.thresholds.crisis) return 'crisis'
    if (score >= classifier.thresholds.unsure) return 'unsure'
    return judgeSigns(readSigns(normalise(text))) === 'loud' ? 'unsure' : 'none'
  }

  return {
    detect(conversation) {
      const said = conversation.filter(({ from }) => from === 'person').slice(-mostMessages)
      const last = said.at(-1)?.text ?? ''
      const together = said.map(({ text }) => text).join('\n')
      const signs = readSigns(normalise(last))
      const found = [levelOf(last), ...(said.length > 1 ? [levelOf(together)] : [])]
      return {
        level: levels.findLast((level) => found.includes(level)) ?? 'none',
        heard: alarms.filter((alarm) => signs.includes(alarm)),
      }
    },
  }
}
