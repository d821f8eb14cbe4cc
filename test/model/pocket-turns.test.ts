import { expect, it } from 'vitest'
import { createModelTurns } from '../../src/model/pocket-turns.ts'

const never = new AbortController().signal
const settle = () => new Promise((resolve) => setImmediate(resolve))

function recorder() {
  const turns = createModelTurns()
  const entered: string[] = []
  const held: Disposable[] = []
  const ask = (fairness: string, priority: 'person' | 'job' = 'person', signal = never) =>
    turns.enter({ fairness, priority }, signal).then((turn) => {
      entered.push(fairness)
      held.push(turn)
    })
  const leave = async () => {
    held.shift()?.[Symbol.dispose]()
    await settle()
  }
  return { entered, ask, leave }
}

it('one is at the model at a time, people before jobs, otherwise in the order of asking', async () => {
  const { entered, ask, leave } = recorder()
  const all = [ask('a'), ask('job', 'job'), ask('b'), ask('c')]
  await settle()
  expect(entered).toEqual(['a'])
  await leave()
  expect(entered).toEqual(['a', 'b'])
  await leave()
  await leave()
  await leave()
  await Promise.all(all)
  expect(entered).toEqual(['a', 'b', 'c', 'job'])
})

it('who gives up while waiting holds nobody up', async () => {
  const { entered, ask, leave } = recorder()
  const stop = new AbortController()
  const first = ask('a')
  const second = ask('b', 'person', stop.signal)
  const third = ask('c')
  stop.abort(new Error('gone'))
  await expect(second).rejects.toThrow('gone')
  await first
  await leave()
  await third
  expect(entered).toEqual(['a', 'c'])
  await leave()
  await ask('d')
  expect(entered).toEqual(['a', 'c', 'd'])
})

it('who has given up before does not get in', async () => {
  const { ask } = recorder()
  await expect(ask('a', 'person', AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
})
