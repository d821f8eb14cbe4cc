export type LogValue = string | number | boolean | undefined

/** Flat on purpose: what has parts of its own has parts that nobody looked at. */
export type LogFields = Readonly<Record<string, LogValue>>

/** Words in a field's name that sound like content, like a person, or like a secret. */
const privateWords = new Set(
  (
    'text content body message prompt reply said words quote query params parameters detail ' +
    'name sender author user participant person email phone address external identity ' +
    'token secret password passphrase credential credentials authorization cookie key database dsn'
  ).split(' '),
)

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const longest = 200

/** The last safety net, not the first: whoever logs chooses harmless fields. Numbers and our own ids always pass. */
export function harmlessFields(fields: LogFields): LogFields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, harmless(name, value)]))
}

function harmless(name: string, value: unknown): LogValue {
  if (value === undefined || typeof value === 'number' || typeof value === 'boolean') return value
  if (typeof value !== 'string') return `[${typeof value}]`
  if (uuid.test(value)) return value
  return soundsPrivate(name) ? '[private]' : shortened(withoutCredentials(value))
}

function soundsPrivate(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
  return words.some((word) => privateWords.has(word) || privateWords.has(word.replace(/s$/, '')))
}

/** `http://user:password@host` */
function withoutCredentials(text: string): string {
  return text.replace(/\/\/[^/\s]*@/g, '//')
}

export function shortened(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest).toWellFormed()}…`
}
