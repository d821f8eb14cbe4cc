import type { KeptData } from '../core/people.ts'
import { writeZip } from '../files/zip-write.ts'
import { archivePage } from './archive-page.ts'

/** What an archive is called. */
export const archiveName = 'hearth-export.zip'

/**
 * All that is kept of somebody, as a zip: `data.json` for machines, `index.html` for people, and what they have shown
 * under `media/`. `withMedia: false` leaves the files out, whose names still stand in both.
 */
export function makeArchive(data: KeptData, now: Date, withMedia: boolean): Uint8Array {
  const { media, ...rest } = data
  const json = JSON.stringify({ format: 'hearth-export-1', madeAt: now, ...rest }, undefined, 2)
  return writeZip([
    ['data.json', Buffer.from(json)],
    ['index.html', Buffer.from(archivePage(data, now, withMedia))],
    ...(withMedia ? media.map(({ name, bytes }) => [`media/${name}`, bytes] as const) : []),
  ])
}
