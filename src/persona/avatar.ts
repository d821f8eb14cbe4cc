import { join } from 'node:path'
import { imageTypeOf } from '../core/attachment.ts'
import type { Avatar } from '../core/persona.ts'
import { readBoundedFile } from './bounded-file.ts'
import { shownPath } from './place.ts'
import type { PersonaProblem } from './problem.ts'

/** By which names a picture in a persona's folder is found. */
export const avatarFiles = ['avatar.png', 'avatar.jpg', 'avatar.jpeg', 'avatar.webp', 'avatar.gif']
/** Platforms show it small. */
const mostBytes = 2 * 1024 * 1024

/** The picture in a persona's folder, of which `entries` are the names; undefined where there is none. */
export async function readAvatar(
  folder: string,
  entries: readonly string[],
  signal: AbortSignal,
): Promise<Avatar | PersonaProblem | undefined> {
  const name = avatarFiles.find((each) => entries.includes(each))
  if (name === undefined) return undefined
  const path = join(folder, name)
  const file = shownPath(path)
  const reading = await readBoundedFile(path, file, mostBytes, 'Make the picture smaller.', signal)
  if (!reading.ok) return reading.problem
  const mediaType = imageTypeOf(reading.bytes)
  return mediaType === undefined
    ? {
        file,
        message: 'this is no PNG, JPEG, WebP or GIF',
        mend: 'Put a picture in its place, or take it away.',
      }
    : { mediaType, bytes: reading.bytes }
}
