import type { Image } from '../core/conversation.ts'
import type { MessageId } from '../core/ids.ts'

/**
 * What a picture of a megapixel takes in the models that take most, one token for 28 × 28 pixels
 * (Qwen 2.5 VL); LLaVA takes 576 for any picture, Gemma 3 256.
 */
export const imageTokens = 1_400

/** By the message that they came with. */
export type Images = ReadonlyMap<MessageId, readonly Image[]>

export const countImages = (images: Images): number =>
  [...images.values()].reduce((sum, { length }) => sum + length, 0)

/**
 * The newest images for which there is room beside the newest message: half of the budget, since the
 * conversation needs the other, but one wherever it fits. `messages` in the order of the conversation.
 */
export function fittingImages(
  images: Images,
  messages: readonly { readonly id: MessageId; readonly tokens: number }[],
  budget: number,
): Images {
  const room = Math.min(Math.max(budget / 2, imageTokens), budget - (messages.at(-1)?.tokens ?? 0))
  let most = Math.max(0, Math.floor(room / imageTokens))
  const fitting = new Map<MessageId, readonly Image[]>()
  for (const { id } of messages.toReversed()) {
    const all = images.get(id) ?? []
    const newest = all.slice(Math.max(0, all.length - most))
    if (newest.length > 0) fitting.set(id, newest)
    most -= newest.length
  }
  return fitting
}
