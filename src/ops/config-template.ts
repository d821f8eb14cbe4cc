import { stringify } from 'yaml'
import { escapeReferences } from './config-environment.ts'

/** What `hearth init` asks for. */
export interface ConfigChoices {
  readonly persona: string
  /** The folder of the personas; undefined: `personas` beside the file. */
  readonly personas: string | undefined
  /** As it is to stand in the file: relative to it, or absolute. */
  readonly data: string
  /** True: the address is in DATABASE_URL. It is never written down. */
  readonly postgres: boolean
  readonly models: ModelChoice
  /** Undefined: the terminal alone. */
  readonly matrix: MatrixChoice | undefined
}

export interface MatrixChoice {
  readonly homeserver: string
  /** Who runs Hearth, and talks there: a whole user id. */
  readonly owner: string
  /** The account of the persona: the first part of its id. */
  readonly user: string
}

export type ModelChoice =
  /** Found anew at each start: an Ollama server on this machine, or else the pocket model. */
  | { readonly kind: 'found' }
  | { readonly kind: 'pocket' }
  | {
      readonly kind: 'ollama'
      readonly url: string
      readonly chat: string | undefined
      readonly embed: string | undefined
    }

/** The text of a hearth.yaml with these choices; everything else stands there as a comment with its default. */
export function renderConfig({ persona, personas, data, postgres, models, matrix }: ConfigChoices): string {
  return `# The configuration of Hearth. docs/configuration.md explains every key; all of them may be left out.
# \${NAME} in a text stands for the environment variable NAME: keep passwords there, not here.
# Paths are relative to this file.

# Who speaks in the terminal: the name of a folder in personas.
persona: ${yamlText(persona)}
${personas === undefined ? '# personas: ./personas' : `personas: ${yamlText(personas)}`}

# Where everything is kept that must not be lost, and the log. Without this line: HEARTH_DATA, or ./data here.
${data === './data' ? '# ' : ''}data: ${yamlText(data)}

# Where conversations are stored: Postgres, or without this line a database in the data folder.
${postgres ? '' : '# '}database: \${DATABASE_URL}

# The key that seals all content: a file, or env or command. Keep a copy of it somewhere else.
# masterKey:
#   file: ${comment(yamlText(`${data.replace(/[\\/]+$/, '')}/master.key`))}

${renderModels(models)}
${renderMatrix(persona, matrix)}
# Bots on Discord; docs/discord.md shows the way.
# discord:
#   accounts:
#     - token: \${DISCORD_TOKEN}
#       persona: mira
#   allow:
#     - "123456789012345678"

# Backups of the database, by themselves; docs/operating.md tells how they are put back. The key file is to lie apart
# from the backups: both together tell everything to whoever has the master key too.
# backup:
#   folder: /mnt/backups/hearth
#   keys: /mnt/elsewhere/hearth-keys.json
#   everyHours: 24
#   keep: 14

# Figures and health checks, for this machine only.
# ops:
#   host: 127.0.0.1
#   port: 9470

# log:
#   level: info
`
}

function renderModels(models: ModelChoice): string {
  switch (models.kind) {
    case 'found':
      return `# Which models answer. As it is: an Ollama server on this machine, or else a small pocket model.
# models:
#   hosts:
#     - url: http://127.0.0.1:11434
#   chat: llama3.2
`
    case 'pocket':
      return `# Which models answer: no Ollama server, so the small pocket model.
models:
  hosts: []
`
    case 'ollama':
      return `# Which models answer, and where.
models:
  hosts:
    - url: ${yamlText(models.url)}
      # How many requests it answers at the same time.
      parallel: 1
  # Speaks, unless a persona names a model of its own. Without it the first that is found.
  ${setting('chat', models.chat)}
  # Finds memories by their meaning; none: by words alone. Without it, a small model is fetched (83 MB).
  ${setting('embed', models.embed)}
`
  }
}

function renderMatrix(persona: string, matrix: MatrixChoice | undefined): string {
  if (matrix === undefined) {
    return `# Accounts on Matrix; docs/matrix.md shows the way.
# matrix:
#   homeserver: http://localhost:8008
#   accounts:
#     - user: mira
#       persona: mira
#   allow:
#     - "@ada:home"
#   operators:
#     - "@ada:home"
`
  }
  const owner = yamlText(matrix.owner)
  return `# Accounts on Matrix.
matrix:
  homeserver: ${yamlText(matrix.homeserver)}
  accounts:
    - user: ${yamlText(matrix.user)}
      persona: ${yamlText(persona)}
  # Who may talk with them. All of a server: "@*:home". Others are given a code, which you can approve.
  allow:
    - ${owner}
  # Whose clients may verify the accounts.
  operators:
    - ${owner}
`
}

const setting = (key: string, value: string | undefined): string =>
  value === undefined ? `# ${key}:` : `${key}: ${yamlText(value)}`

/** In quotes where YAML needs them, on one line. */
function yamlText(text: string): string {
  const flat = { lineWidth: 0, defaultStringType: 'PLAIN', blockQuote: false } as const
  return stringify(escapeReferences(text), flat).trimEnd()
}

const comment = (text: string): string => text.replace(/\s+/g, ' ')
