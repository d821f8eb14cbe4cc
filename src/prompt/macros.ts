export interface MacroValues {
  readonly char: string
  readonly user: string
}

/**
 * Expands `{{char}}` and `{{user}}`, in any case, in text that the persona's author wrote.
 * Never call it with what a person or the model wrote: that would let them write into the prompt.
 */
export function expandMacros(text: string, values: MacroValues): string {
  return text.replace(/\{\{\s*(char|user)\s*\}\}/gi, (_, name: string) =>
    name.toLowerCase() === 'char' ? values.char : values.user,
  )
}
