import type { Command } from 'commander'
import { HearthError } from '../core/errors.ts'
import { cleanText } from '../core/text.ts'
import { checkConfig, checkDisk, checkNode } from '../ops/checks.ts'
import { type Config, type ReadConfigOptions, readConfig } from '../ops/config.ts'
import {
  type Check,
  type ConfiguredCheck,
  type Examination,
  examine,
  failed,
  type NamedFinding,
  notChecked,
  type Status,
} from '../ops/doctor.ts'

export interface DoctorContext {
  readonly configOptions: () => ReadConfigOptions
  /** In the order in which they are shown, after Node, configuration and disk. */
  readonly checks: readonly ConfiguredCheck[]
  /** Takes whole lines, with their ends. */
  readonly write: (text: string) => void
  readonly colour: boolean
  readonly signal: AbortSignal
}

/** Adds `doctor`, which sets the exit code to 1 when anything fails. */
export function addDoctorCommand(program: Command, context: DoctorContext): void {
  program
    .command('doctor')
    .description('check Node, configuration, disk, database, keys, models and personas')
    .option('--json', 'print one JSON object')
    .action(async ({ json }: { readonly json?: true }) => {
      const { findings, leftBehind } = await runDoctor(context, json === true)
      process.exitCode = hasFailed(findings) ? 1 : 0
      // A check that does not end would keep the process here for ever.
      if (leftBehind) process.exit()
    })
}

/** Throws only what the aborted signal throws. */
export async function runDoctor(context: DoctorContext, json: boolean): Promise<Examination> {
  const { write, colour, signal } = context
  const show = json ? () => undefined : (finding: NamedFinding) => write(findingLines(finding, colour))
  let config: Config | undefined
  const first: readonly Check[] = [
    { name: 'node', run: async () => checkNode(process.versions.node) },
    {
      name: 'configuration',
      async run(within) {
        try {
          config = await readConfig(context.configOptions(), within)
          return checkConfig(config)
        } catch (error) {
          return failuresIn(error)
        }
      },
    },
  ]
  const before = await examine(first, show, signal)
  const configured: readonly ConfiguredCheck[] = [{ name: 'disk', run: checkDisk }, ...context.checks]
  const read = config
  const rest = configured.map(({ name, run }): Check => {
    return { name, run: async (within) => (read === undefined ? notChecked : run(read, within)) }
  })
  const after = await examine(rest, show, signal)
  const findings = [...before.findings, ...after.findings]
  if (json) write(`${JSON.stringify({ ok: !hasFailed(findings), findings }, undefined, 2)}\n`)
  return { findings, leftBehind: before.leftBehind || after.leftBehind }
}

/** One line for each problem; the mend is the same for all, and stands under the last. */
function failuresIn(error: unknown) {
  if (!(error instanceof HearthError) || error.code !== 'config-invalid') return failed(error)
  const lines = error.message.split('\n')
  return lines.map((detail, index) =>
    index === lines.length - 1 ? { ...failed(error), detail } : { status: 'fail' as const, detail },
  )
}

function hasFailed(findings: readonly NamedFinding[]): boolean {
  return findings.some(({ status }) => status === 'fail')
}

const colours: Readonly<Record<Status, number>> = { ok: 32, warn: 33, fail: 31 }
const statusWidth = 6

function findingLines({ status, name, detail, mend }: NamedFinding, colour: boolean): string {
  const padding = ' '.repeat(statusWidth - status.length)
  const shown = colour ? `\u001b[${colours[status]}m${status}\u001b[39m` : status
  const line = `${shown}${padding}${oneLine(name)}: ${oneLine(detail)}\n`
  return mend === undefined ? line : `${line}${' '.repeat(statusWidth)}${oneLine(mend)}\n`
}

/** Names of models and files come from elsewhere: nothing in them may reach the terminal as an escape. */
function oneLine(text: string): string {
  return cleanText(text).replace(/\s+/g, ' ').trim()
}
