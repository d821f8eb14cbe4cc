import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'

/** Outside of node_modules, which every `npm ci` empties. */
const cache = process.env.HEARTH_TEST_CACHE ?? path.join(homedir(), '.cache', 'hearth-tests')

export const keptPlace = (name: string): string => path.join(cache, name)

/** A folder that is made once, by `make`, and kept for later runs. The name says all that it depends on. */
export async function keptFolder(name: string, make: (draft: string) => Promise<void>): Promise<string> {
  const place = keptPlace(name)
  if (await exists(place)) return place
  await mkdir(cache, { recursive: true })
  const draft = await mkdtemp(path.join(cache, 'draft-'))
  try {
    await make(draft)
    // Two runs at once may both have made it: the first one stands.
    await rename(draft, place).catch(async (error: unknown) => {
      if (!(await exists(place))) throw error
    })
    return place
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

export const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  )
