import { type Command, InvalidArgumentError } from 'commander'
import type { Persona } from '../core/persona.ts'
import type { Config } from '../ops/config.ts'
import { stopOnSignals } from '../ops/shutdown.ts'

export interface PersonaDriftContext {
  readonly config: () => Promise<Config>
  /** Throws `HearthError` where there is no such persona. */
  readonly find: (name: string) => Promise<Persona>
  /** Takes whole lines, with their ends. */
  readonly write: (text: string) => void
  readonly errors: { readonly isTTY?: boolean; write(text: string): unknown }
  readonly controller: AbortController
}

export interface DriftFlags {
  readonly model: readonly string[]
  readonly against?: string
  readonly html?: string
  readonly temperature: number
  readonly seed: number
}

const example = `
Examples:
  $ npx hearth persona drift mira --model llama3.1:8b --model qwen3:8b --html drift.html
  $ npx hearth persona drift mira --against ../mira-of-last-year

What is said stands in drift.yaml in the persona's folder; where there is none, Hearth says things of its own.`

const collect = (name: string, names: readonly string[]): readonly string[] => [...names, name]

/** Adds `persona drift <name>`. Throws `HearthError`, and what the aborted signal throws. */
export function addPersonaDriftCommand(persona: Command, context: PersonaDriftContext): void {
  persona
    .command('drift <name>')
    .description('say the same things to two models, or to two versions of a persona, and show what is other')
    .option('--model <name>', 'the model; twice for two of them', collect, [])
    .option('--against <path>', 'another version: its folder, or a card')
    .option('--html <file>', 'also write a page with the replies beside each other')
    .option('--temperature <number>', 'how freely words are chosen', numberUpTo(2), 0)
    .option('--seed <number>', 'of what is left to chance', numberUpTo(2_147_483_647), 1)
    .addHelpText('after', example)
    .action(async (name: string, flags: DriftFlags) => {
      using _signals = stopOnSignals(context.controller)
      // With all that a model needs, for which no other command should wait.
      const { runDrift } = await import('./drift-run.ts')
      await runDrift(name, flags, context)
    })
}

/** Throws commander's own error. */
function numberUpTo(most: number): (text: string) => number {
  return (text) => {
    const number = Number(text)
    if (text.trim() !== '' && number >= 0 && number <= most) return number
    throw new InvalidArgumentError(`It is a number from 0 to ${most.toLocaleString('en')}.`)
  }
}
