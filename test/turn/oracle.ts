import type { CommandName } from '../../src/core/events.ts'

interface Said {
  readonly addressed: boolean
  text: string | undefined
  edits: number
  swipes: string[]
  chosen: number
}

/** What is due in a room in which everybody waits for the end of each step: each message has a turn of its own. */
export function createOracle(generate: (lines: readonly string[]) => string) {
  const room: Said[] = []

  const reply = ({ swipes, chosen }: Said) => swipes[chosen]
  function answer(said: Said): void {
    const lines = room.slice(0, room.indexOf(said) + 1).flatMap((each) => {
      const answered = each === said ? undefined : reply(each)
      return [
        ...(each.text === undefined ? [] : [`user: ${each.text}`]),
        ...(answered === undefined ? [] : [`assistant: ${answered}`]),
      ]
    })
    said.chosen = said.swipes.push(generate(lines)) - 1
  }
  function takeBack(said: Said | undefined): void {
    if (said !== undefined) said.swipes = []
  }
  function retry(said: Said): void {
    if (said.text !== undefined) answer(said)
  }
  const last = () => room.findLast(({ addressed }) => addressed)

  return {
    visible: () => room.flatMap((each) => reply(each) ?? []),
    say(addressed: boolean): void {
      const said = { addressed, text: `word ${room.length}`, edits: 0, swipes: [], chosen: 0 }
      room.push(said)
      if (addressed) answer(said)
    },
    edit(index: number): void {
      const said = room[index]!
      said.edits++
      if (said.text === undefined) return
      said.text = `word ${index} edit ${said.edits}`
      if (said === last() && reply(said) !== undefined) answer(said)
    },
    redact(index: number): void {
      const said = room[index]!
      said.text = undefined
      takeBack(said)
    },
    takeBackShowing(part: string | undefined): void {
      takeBack(room.find((each) => part !== undefined && reply(each)?.includes(part) === true))
    },
    command(name: CommandName): void {
      const of = last()
      if (of === undefined) return
      if (name === 'retry') retry(of)
      else if (name === 'previous') of.chosen = Math.max(0, of.chosen - 1)
      else if (name === 'next') {
        if (of.chosen + 1 < of.swipes.length) of.chosen++
        else retry(of)
      } else if (name === 'takeback') takeBack(room.findLast((each) => reply(each) !== undefined))
    },
  }
}
