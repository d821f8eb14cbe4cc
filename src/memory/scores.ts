/** To mean 0 and deviation 1 in place, so that scores of different kinds can be added; all 0 where all are alike. */
export function standardise(scores: Float32Array): void {
  let sum = 0
  let squares = 0
  for (const score of scores) {
    sum += score
    squares += score * score
  }
  const mean = sum / scores.length
  const deviation = Math.sqrt(Math.max(0, squares / scores.length - mean * mean))
  if (!(deviation > 1e-6)) {
    scores.fill(0)
    return
  }
  for (let at = 0; at < scores.length; at++) scores[at] = ((scores[at] as number) - mean) / deviation
}

/** The places of the `most` highest scores, highest first; of equal ones the later first. */
export function highest(scores: Float32Array, most: number): readonly number[] {
  /** A heap whose first is the lowest kept. */
  const heap: number[] = []
  const isLower = (a: number, b: number) => {
    const difference = (scores[a] as number) - (scores[b] as number)
    return difference < 0 || (difference === 0 && a < b)
  }
  for (let at = 0; at < scores.length; at++) {
    if (heap.length < most) {
      heap.push(at)
      siftUp(heap, isLower)
    } else if (heap.length > 0 && isLower(heap[0] as number, at)) {
      heap[0] = at
      siftDown(heap, isLower)
    }
  }
  return heap.sort((a, b) => (isLower(a, b) ? 1 : -1))
}

type Order = (a: number, b: number) => boolean

function siftUp(heap: number[], isLower: Order): void {
  let at = heap.length - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!isLower(heap[at] as number, heap[parent] as number)) return
    swap(heap, at, parent)
    at = parent
  }
}

function siftDown(heap: number[], isLower: Order): void {
  let at = 0
  for (;;) {
    let least = at
    for (const child of [2 * at + 1, 2 * at + 2]) {
      if (child < heap.length && isLower(heap[child] as number, heap[least] as number)) least = child
    }
    if (least === at) return
    swap(heap, at, least)
    at = least
  }
}

function swap(heap: number[], a: number, b: number): void {
  const kept = heap[a] as number
  heap[a] = heap[b] as number
  heap[b] = kept
}
