import { describe, expect, it, vi } from 'vitest'
import { readPlaces } from '../../../adapters/discord/places.ts'
import { accountId } from '../../../src/core/ids.ts'
import { memoryRecords } from '../../support/matrix/records.ts'

const account = accountId('discord-1')
const channel = '100000000000000001'
const idOf = (n: number) => `20000000000000${1000 + n}`

function watchedRecords() {
  const records = memoryRecords()
  const write = vi.spyOn(records, 'write')
  const written = async () => (await readPlaces(account, records, undefined)).all
  return { records, write, written }
}

describe('where each channel of Discord stands', () => {
  it('is written down at once where a channel is new, and a moment later, together, where it moves on', async () => {
    const { records, write, written } = watchedRecords()
    const places = await readPlaces(account, records, undefined)
    await places.advance({ channel, guild: undefined, last: idOf(0) })
    expect(write).toHaveBeenCalledTimes(1)
    for (let n = 1; n <= 20; n++) await places.advance({ channel, guild: undefined, last: idOf(n) })
    expect(places.find(channel)?.last).toBe(idOf(20))
    await places.settled()
    expect(write).toHaveBeenCalledTimes(2)
    expect(await written()).toMatchObject([{ channel, last: idOf(20) }])
  })

  it('is written down later where it could not be, and not over what was written since', async () => {
    const { records, write, written } = watchedRecords()
    const places = await readPlaces(account, records, undefined)
    await places.advance({ channel, guild: undefined, last: idOf(0) })
    write.mockRejectedValueOnce(new Error('away'))
    await places.advance({ channel, guild: undefined, last: idOf(1) })
    await places.settled()
    expect(await written()).toMatchObject([{ last: idOf(0) }])
    await places.settled()
    expect(await written()).toMatchObject([{ last: idOf(1) }])
    await places.advance({ channel, guild: undefined, last: idOf(2) })
    await places.leave({ channel, guild: undefined, last: idOf(2) })
    await places.settled()
    expect(await written()).toMatchObject([{ last: idOf(2), left: true }])
  })
})
