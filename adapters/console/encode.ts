import { createInterface, type Interface } from 'node:readline'
import { type Readable, Writable } from 'node:stream'
import { styleText } from 'node:util'
import type { Outgoing } from '../../src/core/adapter.ts'
import { voiceInWords } from '../../src/core/attachment.ts'
import { cleanName, cleanText, holdBackSurrogate } from '../../src/core/text.ts'
import type { Gatherer } from './decode.ts'

/**
 * Characters that show nothing and change what is read: bidi overrides and isolates (they reorder a
 * line), invisible operators and spaces, and the tag and variation planes in which text can hide.
 * The joiners stay, because emoji and several scripts need them.
 */
const trickery = /[\u180e\u200b\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu

/** Nothing from a person or a model reaches the terminal but through here or `safeName`. */
export const safeText = (text: string): string => cleanText(text).replace(trickery, '')
export const safeName = (name: string): string => cleanName(safeText(name))

/** A terminal shows no pictures and plays nothing. `file`: where a file was put. */
export function inWords({ text, attachment }: Outgoing, file = ''): string {
  if (attachment === undefined) return text
  if (attachment.kind === 'file') return `${text}\n${safeText(file)}`.trim()
  const what = attachment.kind === 'image' ? 'an image' : voiceInWords(attachment.durationMs)
  return `[${what}]\n${text}`.trimEnd()
}

export type Output = Writable & { readonly columns?: number; readonly rows?: number }

/** Where replies and notices appear. */
export interface Surface {
  /** `before`: what the message showed until now; undefined for a new one. */
  show(message: string, before: string | undefined, content: Outgoing): Promise<void>
  takeBack(message: string, text: string | undefined): void
  typing(): void
  close(): void
}

/** Replies on one stream, one write each; notices on the other. Rejects with what the write failed with. */
export function createPipe(output: Writable, errors: Writable): Surface {
  const write = (stream: Writable, text: string) =>
    new Promise<void>((resolve, reject) => {
      stream.write(`${safeText(text).trimEnd()}\n`, (error) => (error ? reject(error) : resolve()))
    })
  return {
    show: (_message, _before, { kind, text }) =>
      // Without a reader of notices the conversation goes on.
      kind === 'reply' ? write(output, text) : write(errors, text).catch(() => {}),
    takeBack: () => {},
    typing: () => {},
    close: () => {},
  }
}

export interface ScreenOptions {
  readonly input: Readable
  readonly output: Output
  readonly personaName: string
  readonly colour: boolean
}

export interface Screen extends Surface {
  /** From here on the person can type. `onEnd`: Ctrl-C, Ctrl-D, or the terminal has gone. */
  listen(gatherer: Gatherer, onEnd: () => void): void
}

/**
 * What the readline editor draws. It echoes raw control characters that a person pastes, so all but
 * its own cursor sequences are taken out.
 */
function createEcho(output: Output) {
  const echo = new Writable({
    decodeStrings: false,
    write: (chunk, _encoding, done) => {
      output.write(
        String(chunk)
          .replace(/[\0-\x06\x0e-\x1a\x1c-\x1f\x7f-\x9f]/g, '')
          .replace(trickery, ''),
      )
      done()
    },
  })
  Object.defineProperty(echo, 'columns', { get: () => output.columns })
  const resized = () => echo.emit('resize')
  output.on('resize', resized)
  return { echo, release: () => output.off('resize', resized) }
}

/**
 * `prevRows` (not documented, but plain): by how many rows readline goes up before it draws. It is wrong
 * after several characters came in one read and wrapped, so the region counts for itself.
 */
type Editor = Interface & { prevRows: number }

/**
 * The bottom of the terminal: what changes (`above`), the prompt, and what the person types. Everything
 * over it stands for good.
 *
 * The three together are the prompt and line of a readline interface, which knows how to redraw a
 * prompt of several rows around the line that is being edited. So nothing typed is lost while a reply
 * streams in.
 */
function createRegion(input: Readable, output: Output, prompt: string) {
  let editor: Editor | undefined
  let release = () => {}
  let above = ''
  const whole = () => (above === '' ? prompt : `${above}\n${prompt}`)
  const height = () => output.rows || Number.POSITIVE_INFINITY
  const wipe = (rowsUp: number) => `${rowsUp > 0 ? `\u001b[${rowsUp}A` : ''}\r\u001b[J`

  /** The rows between the beginning of `text`, drawn in the prompt's place, and the cursor. */
  function rowsOf(reader: Editor, text: string): number {
    const shown = reader.getPrompt()
    reader.setPrompt(text)
    const { rows } = reader.getCursorPos()
    reader.setPrompt(shown)
    return rows
  }
  function listen(gatherer: Gatherer, onEnd: () => void): void {
    const { echo, release: releaseEcho } = createEcho(output)
    const reader = createInterface({ input, output: echo, terminal: true, prompt: whole() }) as Editor
    const onKey = (_: unknown, key: { readonly name?: string }) => {
      reader.prevRows = reader.getCursorPos().rows
      if (key.name === 'paste-start') gatherer.pasteBegins()
      if (key.name === 'paste-end') gatherer.pasteEnds(reader.line !== '')
    }
    reader.on('line', (line) => {
      // The region was left standing above: the line takes its place, and the region goes below.
      const rows = rowsOf(reader, `${whole()}${line}`) + 1
      if (rows < height()) output.write(`${wipe(rows)}${prompt}${safeText(line)}\n`)
      reader.prompt()
      gatherer.line(line)
    })
    reader.on('SIGINT', onEnd).on('close', onEnd)
    // Before the editor's own listener, which may draw all of it again.
    input.prependListener('keypress', onKey)
    release = () => {
      reader.off('close', onEnd)
      input.off('keypress', onKey)
      releaseEcho()
      reader.close()
    }
    // Asks the terminal to mark where a paste begins and ends.
    output.write('\u001b[?2004h')
    reader.prompt()
    editor = reader
  }
  return {
    listen,
    /** Prints finished lines over the region and draws it again, now with `changing` at its top. */
    draw(done: string, changing: string): void {
      above = changing
      if (editor === undefined) return void output.write(done)
      output.cork()
      output.write(`${wipe(editor.getCursorPos().rows)}${done}`)
      editor.prevRows = 0
      editor.setPrompt(whole())
      editor.prompt(true)
      output.uncork()
    },
    /** How much of a line fits into the region, in UTF-16 code units; all of it where there is room. */
    fitting(line: string): number {
      const most = height() - 3
      if (editor === undefined || most < 1 || rowsOf(editor, line) < most) return line.length
      // Half, because a character may be two columns wide.
      const { ready } = holdBackSurrogate(
        line.slice(0, Math.max(2, Math.floor((most * (output.columns || 80)) / 2))),
      )
      return ready.lastIndexOf(' ') + 1 || ready.length
    },
    /** Leaves the terminal as it was found, with `rest` standing and the cursor on a line of its own. */
    close(rest: string): void {
      if (editor !== undefined) output.write(`${wipe(editor.getCursorPos().rows)}\u001b[?2004l`)
      editor = undefined
      release()
      if (rest !== '') output.write(`${rest}\n`)
    },
  }
}

/** One conversation on a terminal: replies grow in place, and what is finished stays as it is. */
export function createScreen({ input, output, personaName, colour }: ScreenOptions): Screen {
  const style = (format: Parameters<typeof styleText>[0], text: string) =>
    colour ? styleText(format, text, { validateStream: false }) : text
  const name = safeName(personaName)
  const region = createRegion(input, output, `${style('green', '›')} `)
  /** The message that is still being written, and the last, unfinished line of it. */
  let open: string | undefined
  let live = ''
  /** The message that broke off before it was whole, and begins anew. */
  let broken: string | undefined
  let signTimer: NodeJS.Timeout | undefined

  function grow(added: string, final: boolean): string {
    live += safeText(added)
    const whole = live.lastIndexOf('\n') + 1
    let done = live.slice(0, whole)
    live = live.slice(whole)
    for (let fits = region.fitting(live); fits < live.length; fits = region.fitting(live)) {
      done += `${live.slice(0, fits).trimEnd()}\n`
      live = live.slice(fits)
    }
    if (!final) return done
    done = `${(done + live).trimEnd()}\n\n`
    live = ''
    return done
  }
  function notice(text: string): void {
    clearTimeout(signTimer)
    region.draw(`${style('dim', safeText(text))}\n`, live)
  }

  /** One beginning of a reply is enough to have read: the next is shown when it has come to its end. */
  function hold(): void {
    open = undefined
    if (live !== '') region.draw(`${live} …\n\n`, '')
    live = ''
    typing()
  }

  function typing(): void {
    if (live !== '') return
    clearTimeout(signTimer)
    region.draw('', style('dim', `${name} is writing…`))
    signTimer = setTimeout(() => region.draw('', live), 6000)
  }

  function close(): void {
    clearTimeout(signTimer)
    region.close(live)
    live = ''
  }

  return {
    listen: (gatherer, onEnd) =>
      region.listen(gatherer, () => {
        // Now, not later: after Ctrl-D readline draws no more.
        close()
        onEnd()
      }),
    async show(message, before, { kind, text, final }) {
      const continues = open === message && before !== undefined && text.startsWith(before)
      if (open === message && !continues) broken = message
      const again = broken === message
      if (text === before && !(final && (continues || again))) return
      if (kind === 'notice') return notice(text)
      if (again && !final) return hold()
      clearTimeout(signTimer)
      const interrupted = continues || live === '' ? '' : `${live}\n`
      if (!continues) live = `${style(['bold', 'cyan'], `${name}${before === undefined ? ':' : ' ↻:'}`)} `
      const done = grow(continues ? text.slice(before.length) : text, final)
      open = final ? undefined : message
      if (again) broken = undefined
      region.draw(interrupted + done, live)
    },
    takeBack(message, text) {
      if (open === message) live = ''
      if (open === message) open = undefined
      // What stands on a terminal cannot be unprinted, so it is said.
      const words = Array.from(
        safeText(text ?? '…')
          .replace(/\s+/g, ' ')
          .trim(),
      )
      notice(`${name} takes back: “${words.slice(0, 40).join('')}${words.length > 40 ? '…' : ''}”`)
    },
    typing,
    close,
  }
}
