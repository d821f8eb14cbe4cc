import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus } from 'node:os'
import path from 'node:path'

const fileName = 'threads.json'
/** Less of a gain is noise, and not worth a core that the database and the adapters could use. */
const worthwhileGain = 0.9

/**
 * How many threads the model should compute with: tried once a machine, remembered in the models folder.
 *
 * llama.cpp's threads spin while they wait for each other, so one of them on a core that something else is using
 * holds up all: with as many threads as cores a busy two-core machine took 16 to 50 times as long for a token as
 * with one thread, and more threads than cores did not come to an end. So one core is always left free.
 *
 * `measure` returns the milliseconds of one token, and may give up once it is slower than `limitMs`.
 */
export async function chooseThreads(
  modelsFolder: string,
  measure: (threads: number, limitMs: number) => Promise<number>,
  cores: number = availableParallelism(),
): Promise<number> {
  const most = Math.max(1, cores - 1)
  if (most === 1) return 1
  const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cores} cores`
  const known = (await readChoices(modelsFolder))[machine]
  if (known !== undefined && known <= most) return known
  const threads = await tryThreads(most, measure)
  await writeChoice(modelsFolder, machine, threads)
  return threads
}

async function tryThreads(
  most: number,
  measure: (threads: number, limitMs: number) => Promise<number>,
): Promise<number> {
  let best = { threads: 1, tokenMs: await measure(1, Number.POSITIVE_INFINITY) }
  for (let threads = 2; best.threads < most; threads = Math.min(threads * 2, most)) {
    const tokenMs = await measure(threads, best.tokenMs)
    if (tokenMs > best.tokenMs * worthwhileGain) break
    best = { threads, tokenMs }
  }
  return best.threads
}

async function readChoices(folder: string): Promise<Readonly<Record<string, number>>> {
  try {
    const value: unknown = JSON.parse(await readFile(path.join(folder, fileName), 'utf8'))
    if (typeof value !== 'object' || value === null) return {}
    return Object.fromEntries(
      Object.entries(value).filter(([, threads]) => Number.isInteger(threads) && threads > 0),
    )
  } catch {
    return {}
  }
}

/** A folder that cannot be written is no reason to stop: then the next start tries again. */
async function writeChoice(folder: string, machine: string, threads: number): Promise<void> {
  const temporary = path.join(folder, `${fileName}.${randomUUID()}`)
  try {
    const choices = { ...(await readChoices(folder)), [machine]: threads }
    await writeFile(temporary, `${JSON.stringify(choices, null, 2)}\n`)
    await rename(temporary, path.join(folder, fileName))
  } catch {
    await rm(temporary, { force: true }).catch(() => undefined)
  }
}
