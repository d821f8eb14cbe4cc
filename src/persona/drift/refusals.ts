/**
 * Ways in which models refuse, in five languages. It is a list and no more: it misses what is put otherwise, and
 * takes a persona that says "I can't tell you" in play for one that refuses.
 */
const patterns: readonly RegExp[] = [
  /\b(i['’]m|i am) (really |so |very )?sorry,? but i\b/,
  /\bi (can(no|['’])t|am not able to|['’]m not able to|am unable to|['’]m unable to) (help|assist|provide|fulfil|comply|continue|engage|participate|generate|create|discuss)/,
  /\bi (won['’]t|will not) (be able to )?(help|assist|provide|engage|participate|generate)/,
  /\bas an ai( language model| assistant)?,? i (can(no|['’])t|do not|don['’]t|am not)/,
  /\b(against|violates?) (my|the) (guidelines|programming|polic)/,
  /\bich kann (dir |ihnen )?(dabei|damit|hierbei) (leider )?nicht (helfen|behilflich)/,
  /\b(tut mir leid|es tut mir leid),? (aber )?(ich kann|das kann ich) (leider )?nicht/,
  /\bje (suis désolée?|regrette),? (mais )?je ne peux pas/,
  /\blo siento,? (pero )?no puedo (ayudar|proporcionar|continuar)/,
  /\bmi dispiace,? (ma )?non posso (aiutar|fornir|continuar)/,
]

/** A refusal stands at the beginning of what a model says. */
const lookedAtCharacters = 400

export function looksLikeRefusal(text: string): boolean {
  const beginning = text.slice(0, lookedAtCharacters).toLowerCase()
  return patterns.some((pattern) => pattern.test(beginning))
}
