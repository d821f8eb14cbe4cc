import type { Substitute } from './config-yaml.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** A variable that is set to nothing counts as unset: that is how compose files leave one out. */
export function variable(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim()
  return value === '' ? undefined : value
}

/** `$${` stands for `${` itself; `${` without a name after it is kept apart, to be complained about. */
const reference = /\$\$\{|\$\{([A-Za-z_]\w*)\}|\$\{/g

/**
 * Puts the values of environment variables where `${NAME}` stands. Happens after the YAML has been
 * read, so that no value can change the shape of the configuration; values are not read again.
 */
export function substituteFrom(environment: Environment): Substitute {
  return (text) => {
    const problems: string[] = []
    const replaced = text.replace(reference, (found, name: string | undefined) => {
      if (found === '$${') return '${'
      if (name === undefined) {
        problems.push('has a ${ that names no variable: write $${ for the characters themselves')
        return ''
      }
      const value = variable(environment, name)
      if (value === undefined) problems.push(`needs the environment variable ${name}, which is not set`)
      return value ?? ''
    })
    return problems.length === 0 ? { text: replaced } : { problem: [...new Set(problems)].join(', and ') }
  }
}

/** The inverse: text that stands for itself in hearth.yaml. */
export function escapeReferences(text: string): string {
  // A function, because `$$` in a replacement means `$`.
  return text.replaceAll('${', () => '$${')
}
