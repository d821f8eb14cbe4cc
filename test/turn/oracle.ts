import type { CommandName } from '../../src/core/events.ts'

interface Said {
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
    const lines = room.flatMap((each) => {
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
  function retry(last: Said): void {
    if (last.text !== undefined) answer(last)
  }

  return {
    visible: () => room.flatMap((each) => reply(each) ?? []),
    say(): void {
      const said = { text: `word ${room.length}`, edits: 0, swipes: [], chosen: 0 }
      room.push(said)
      answer(said)
    },
    edit(index: number): void {
      const said = room[index]!
      said.edits++
      if (said.text === undefined) return
      said.text = `word ${index} edit ${said.edits}`
      if (said === room.at(-1) && reply(said) !== undefined) answer(said)
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
      const last = room.at(-1)
      if (last === undefined) return
      if (name === 'retry') retry(last)
      else if (name === 'previous') last.chosen = Math.max(0, last.chosen - 1)
      else if (name === 'next') {
        if (last.chosen + 1 < last.swipes.length) last.chosen++
        else retry(last)
      } else if (name === 'takeback') takeBack(room.findLast((each) => reply(each) !== undefined))
    },
  }
}
