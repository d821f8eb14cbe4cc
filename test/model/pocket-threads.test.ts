import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { chooseThreads } from '../../src/model/pocket-threads.ts'

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hearth-threads-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A machine on which a token takes these milliseconds with 1, 2, 3 … threads. */
function machine(tokenMs: readonly number[]) {
  const tried: number[] = []
  const measure = async (threads: number) => {
    tried.push(threads)
    return tokenMs[threads - 1] ?? 1000
  }
  return { tried, measure }
}

it('two cores give one thread without a trial, so that one core stays free', async () => {
  const { tried, measure } = machine([])
  expect(await chooseThreads(await temporaryFolder(), measure, 2)).toBe(1)
  expect(await chooseThreads(await temporaryFolder(), measure, 1)).toBe(1)
  expect(tried).toEqual([])
})

it('the trial ends where more threads do not pay', async () => {
  const { tried, measure } = machine([16, 9, 9, 8.9])
  expect(await chooseThreads(await temporaryFolder(), measure, 16)).toBe(2)
  expect(tried).toEqual([1, 2, 4])
})

it('a machine that is slower with two threads keeps one', async () => {
  const { tried, measure } = machine([16, 400])
  expect(await chooseThreads(await temporaryFolder(), measure, 8)).toBe(1)
  expect(tried).toEqual([1, 2])
})

it('no more threads are tried than all cores but one', async () => {
  const { tried, measure } = machine([16, 8, 7, 4, 3, 2])
  expect(await chooseThreads(await temporaryFolder(), measure, 6)).toBe(5)
  expect(tried).toEqual([1, 2, 4, 5])
})

it('the outcome is remembered for the machine, and a damaged memory is tried anew', async () => {
  const folder = await temporaryFolder()
  const { tried, measure } = machine([16, 8, 8, 8])
  expect(await chooseThreads(folder, measure, 4)).toBe(2)
  expect(await chooseThreads(folder, measure, 4)).toBe(2)
  expect(tried).toEqual([1, 2, 3])
  await writeFile(path.join(folder, 'threads.json'), '{"x"')
  expect(await chooseThreads(folder, measure, 4)).toBe(2)
  expect(tried).toHaveLength(6)
  expect(await readdir(folder)).toEqual(['threads.json'])
})

it('a folder that cannot be written does not stop the start', async () => {
  const { measure } = machine([16, 8, 8, 8])
  expect(await chooseThreads(path.join(await temporaryFolder(), 'missing'), measure, 4)).toBe(2)
})
