/**
 * Estimates tokens without a tokenizer, corrected by what model servers count.
 *
 * Letters of the Latin script come about four to a token, other alphabets about two, and CJK about
 * one; each message costs a few more for its frame in the model's template. The remaining error of a
 * model is nearly constant, so one factor a model, learned from the counts that the server returns,
 * takes most of it away.
 */
/** What a message costs beside its words. */
export const frameTokens = 4
const learningRate = 0.3
/** A count far off this is no count of the whole prompt: some servers leave out what their cache held. */
const plausible = { least: 0.5, most: 10 }
/** By how much an estimate was too low at least, where the model server had no room for the prompt. */
const refusedBy = 1.3

export function estimateTokens(text: string): number {
  let latin = 0
  let dense = 0
  let other = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x250) latin++
    else if (code >= 0x2e80) dense++
    else other++
  }
  return Math.ceil(latin / 4 + other / 2 + dense) + frameTokens
}

export interface TokenScale {
  /** How many tokens the model counts for each one that `estimateTokens` says. */
  factor(model: string): number
  /** Takes in what the model server counted for a prompt that was estimated at `estimated`. */
  learn(model: string, estimated: number, counted: number): void
  /** The prompt was longer than the model takes, against the estimate: later ones are estimated higher. */
  raise(model: string): void
}

export function createTokenScale(): TokenScale {
  const factors = new Map<string, number>()
  const factor = (model: string) => factors.get(model) ?? 1
  return {
    factor,
    learn(model, estimated, counted) {
      const observed = counted / estimated
      if (!(observed >= plausible.least && observed <= plausible.most)) return
      factors.set(model, factor(model) + (observed - factor(model)) * learningRate)
    },
    raise: (model) => void factors.set(model, factor(model) * refusedBy),
  }
}
