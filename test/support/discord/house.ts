import { freePort } from '../free-port.ts'
import { type HearthHome, makeHome } from '../hearth-process.ts'
import type { Discord } from './discord.ts'
import type { Bot } from './world.ts'

export interface DiscordHouse {
  readonly home: HearthHome
  /** The body of `/readyz`. */
  readonly ready: () => Promise<string>
}

/** A folder from which Hearth is started as a bot on the double. `bots`: by `persona` or `persona+guest`. `more`: lines below `discord`. */
export async function makeHouse(
  discord: Discord,
  bots: Readonly<Record<string, Bot>>,
  environment: Readonly<Record<string, string>>,
  more: readonly string[] = ["allow: ['*']"],
): Promise<DiscordHouse> {
  const home = await makeHome(environment)
  const port = await freePort()
  const accounts = Object.entries(bots).map(([speakers, { token }]) => {
    const [persona, ...guests] = speakers.split('+')
    return `    - token: ${token}\n      persona: ${persona}\n      guests: [${guests.join(', ')}]\n`
  })
  await home.configure(
    [
      `ops:\n  port: ${port}`,
      'turns:\n  settleMs: 100\n  leaseMs: 2000',
      `discord:\n  api: ${discord.apiUrl}\n  files: ${discord.cdnUrl}\n  accounts:\n${accounts.join('')}`.trimEnd(),
      ...more.map((line) => `  ${line}`),
      '',
    ].join('\n'),
  )
  const ready = () => fetch(`http://127.0.0.1:${port}/readyz`).then((answer) => answer.text())
  return { home, ready }
}
