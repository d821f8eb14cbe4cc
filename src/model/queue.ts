/** What waits: whose it is, and whether a person waits for it. */
export interface Waiting {
  readonly fairness: string
  readonly priority: 'person' | 'job'
}

/**
 * Who is next. People come before jobs. Among equals, the one who has the fewest calls under way
 * comes first, then the one who was served longest ago, then the one who asked first: somebody with
 * two hundred calls waiting delays another's single call by no more than the one that is running.
 */
export interface FairQueue<Item extends Waiting> {
  readonly length: number
  add(item: Item): void
  /** Takes the next item that `accepts` does not refuse, and counts it as under way. */
  take(accepts: (item: Item) => boolean): Item | undefined
  /** False when it was not waiting any more. */
  remove(item: Item): boolean
  /** To be called once for each item that was taken, when it is done. */
  finish(item: Item): void
  /** What waits, in no particular order. */
  waiting(): readonly Item[]
}

interface Lane<Item> {
  readonly waiting: Item[]
  running: number
  /** Counts what has been served to anybody. */
  servedAt: number
}

export function createFairQueue<Item extends Waiting>(): FairQueue<Item> {
  /** Only those who have something waiting or under way are remembered: the map cannot grow for ever. */
  const lanes = new Map<string, Lane<Item>>()
  let serves = 0
  let length = 0

  const forgetIfIdle = (key: string, lane: Lane<Item>): void => {
    if (lane.waiting.length === 0 && lane.running === 0) lanes.delete(key)
  }

  const takeOf = (priority: Waiting['priority'], accepts: (item: Item) => boolean): Item | undefined => {
    let best: { lane: Lane<Item>; item: Item } | undefined
    for (const lane of lanes.values()) {
      const ahead =
        best === undefined ||
        lane.running < best.lane.running ||
        (lane.running === best.lane.running && lane.servedAt < best.lane.servedAt)
      if (!ahead) continue
      const item = lane.waiting.find((waits) => waits.priority === priority && accepts(waits))
      if (item !== undefined) best = { lane, item }
    }
    if (best === undefined) return undefined
    best.lane.waiting.splice(best.lane.waiting.indexOf(best.item), 1)
    best.lane.running++
    best.lane.servedAt = ++serves
    length--
    return best.item
  }

  return {
    get length() {
      return length
    },
    add(item) {
      let lane = lanes.get(item.fairness)
      if (lane === undefined) {
        // Just before the last one who was served, and after everybody who has waited since: who begins
        // anew every time must not pass those who never stop waiting.
        lane = { waiting: [], running: 0, servedAt: serves - 0.5 }
        lanes.set(item.fairness, lane)
      }
      lane.waiting.push(item)
      length++
    },
    take: (accepts) => takeOf('person', accepts) ?? takeOf('job', accepts),
    remove(item) {
      const lane = lanes.get(item.fairness)
      const at = lane?.waiting.indexOf(item) ?? -1
      if (lane === undefined || at < 0) return false
      lane.waiting.splice(at, 1)
      length--
      forgetIfIdle(item.fairness, lane)
      return true
    },
    finish(item) {
      const lane = lanes.get(item.fairness)
      if (lane === undefined) return
      lane.running--
      forgetIfIdle(item.fairness, lane)
    },
    waiting: () => [...lanes.values()].flatMap((lane) => lane.waiting),
  }
}
