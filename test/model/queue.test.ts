import { describe, expect, it } from 'vitest'
import { createFairQueue, type Waiting } from '../../src/model/queue.ts'

interface Call extends Waiting {
  readonly name: string
}

const call = (fairness: string, name = fairness, priority: Waiting['priority'] = 'person'): Call => ({
  fairness,
  name,
  priority,
})
const any = (): boolean => true

describe('the fair queue', () => {
  it('serves one person in the order of asking', () => {
    const queue = createFairQueue<Call>()
    for (const name of ['1', '2', '3']) queue.add(call('ada', name))
    expect([1, 2, 3].map(() => queue.take(any)?.name)).toEqual(['1', '2', '3'])
    expect(queue.take(any)).toBeUndefined()
  })

  it('lets a newcomer pass somebody who has 200 calls waiting, after the one that is running', () => {
    const queue = createFairQueue<Call>()
    for (let at = 0; at < 200; at++) queue.add(call('ada', `ada ${at}`))
    const running = queue.take(any)
    queue.add(call('bob'))
    expect(running?.name).toBe('ada 0')
    if (running !== undefined) queue.finish(running)
    expect(queue.take(any)?.name).toBe('bob')
  })

  it('takes turns between people, however many calls each has', () => {
    const queue = createFairQueue<Call>()
    for (let at = 0; at < 3; at++) queue.add(call('ada'))
    for (let at = 0; at < 2; at++) queue.add(call('bob'))
    queue.add(call('cy'))
    const order: string[] = []
    for (let next = queue.take(any); next !== undefined; next = queue.take(any)) {
      order.push(next.name)
      queue.finish(next)
    }
    expect(order).toEqual(['ada', 'bob', 'cy', 'ada', 'bob', 'ada'])
  })

  it('gives a second place at once to whoever has none yet', () => {
    const queue = createFairQueue<Call>()
    for (let at = 0; at < 3; at++) queue.add(call('ada'))
    queue.take(any)
    queue.add(call('bob'))
    expect(queue.take(any)?.name).toBe('bob')
    expect(queue.take(any)?.name).toBe('ada')
  })

  it('does not let those who come back every time starve one who has waited long', () => {
    const queue = createFairQueue<Call>()
    for (let at = 0; at < 50; at++) queue.add(call('big'))
    let served = 0
    queue.add(call('x'))
    queue.add(call('y'))
    for (let round = 0; round < 30; round++) {
      const next = queue.take(any)
      if (next === undefined) break
      if (next.fairness === 'big') served++
      queue.finish(next)
      if (next.fairness !== 'big') queue.add(call(next.fairness))
    }
    expect(served).toBe(10)
  })

  it('serves people before jobs, also the same person', () => {
    const queue = createFairQueue<Call>()
    queue.add(call('ada', 'job of ada', 'job'))
    queue.add(call('bob', 'job of bob', 'job'))
    queue.add(call('bob', 'bob speaks'))
    expect([1, 2, 3].map(() => queue.take(any)?.name)).toEqual(['bob speaks', 'job of ada', 'job of bob'])
  })

  it('passes over what does not fit and keeps its place', () => {
    const queue = createFairQueue<Call>()
    queue.add(call('ada', 'picky'))
    queue.add(call('bob', 'easy'))
    expect(queue.take(({ name }) => name !== 'picky')?.name).toBe('easy')
    expect(queue.take(any)?.name).toBe('picky')
  })

  it('forgets what is removed, and tells whether it was there', () => {
    const queue = createFairQueue<Call>()
    const waits = call('ada')
    queue.add(waits)
    expect(queue.length).toBe(1)
    expect(queue.remove(waits)).toBe(true)
    expect(queue.remove(waits)).toBe(false)
    expect(queue.length).toBe(0)
    expect(queue.take(any)).toBeUndefined()
  })
})
