/**
 * Keeps a model's thinking out of its reply, where the server has not done so: everything between
 * `<think>` and `</think>`, wherever the stream cuts the tags.
 *
 *   outside ──<think>──▶ inside ──</think>──▶ outside
 *
 * outside: text passes, but for an ending that may yet become a tag. A stray closing tag is dropped.
 * inside:  text is dropped; at the end of the stream too, because a reply that was cut while the
 *          model was still thinking holds nothing for a reader.
 */
export interface ThinkFilter {
  /** Returns what may be shown now. */
  push(text: string): string
  /** Returns what was held back, when the stream is over. */
  end(): string
}

const opening = ['<think>', '<thinking>']
const closing = ['</think>', '</thinking>']
const either = [...opening, ...closing]

/** Where the first of `tags` begins, and which one it is. */
function findTag(text: string, tags: readonly string[]): { at: number; tag: string } | undefined {
  let found: { at: number; tag: string } | undefined
  for (const tag of tags) {
    const at = text.indexOf(tag)
    if (at >= 0 && (found === undefined || at < found.at)) found = { at, tag }
  }
  return found
}

/** How many characters at the end of `text` may be the beginning of a tag. */
function tornTag(text: string, tags: readonly string[]): number {
  const from = text.lastIndexOf('<')
  if (from < 0) return 0
  const end = text.slice(from)
  return tags.some((tag) => tag.startsWith(end)) ? end.length : 0
}

/** `inside`: the model's template has opened the tag already. */
export function createThinkFilter(inside = false): ThinkFilter {
  let held = ''
  // The blank lines between the thinking and the reply belong to neither.
  let afterThinking = false

  const shown = (text: string): string => {
    if (!afterThinking) return text
    const trimmed = text.trimStart()
    if (trimmed !== '') afterThinking = false
    return trimmed
  }

  return {
    push(text) {
      let rest = held + text
      let out = ''
      held = ''
      for (;;) {
        const tags = inside ? closing : either
        const found = findTag(rest, tags)
        if (found === undefined) break
        if (!inside) out += shown(rest.slice(0, found.at))
        inside = opening.includes(found.tag)
        afterThinking = !inside
        rest = rest.slice(found.at + found.tag.length)
      }
      const torn = tornTag(rest, inside ? closing : either)
      held = rest.slice(rest.length - torn)
      return inside ? out : out + shown(rest.slice(0, rest.length - torn))
    },
    end() {
      const rest = inside ? '' : shown(held)
      held = ''
      return rest
    },
  }
}
