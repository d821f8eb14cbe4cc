import type { ChatHistoryItem } from 'node-llama-cpp'
import type { Prompt, PromptMessage } from '../core/model.ts'

/**
 * The prompt in the form of node-llama-cpp. Images are dropped: a pocket model does not see.
 *
 * System messages that stand after the last user message are put before it. A model of this size takes the last
 * thing it reads for what it is to go on with: given a reminder there, it repeats the reminder to the person
 * instead of answering. Neighbouring system messages become one, because many chat templates know only one.
 */
export function toChatHistory(prompt: Prompt): ChatHistoryItem[] {
  const history: ChatHistoryItem[] = []
  for (const message of withoutSystemTail(prompt)) {
    const last = history.at(-1)
    if (message.role === 'system' && last?.type === 'system') {
      history[history.length - 1] = { type: 'system', text: `${String(last.text)}\n\n${message.text}` }
    } else {
      history.push(toItem(message))
    }
  }
  return history
}

function withoutSystemTail(prompt: Prompt): Prompt {
  const lastUser = prompt.findLastIndex(({ role }) => role === 'user')
  if (lastUser < 0) return prompt
  const before = prompt.slice(0, lastUser)
  const after = prompt.slice(lastUser + 1)
  const isSystem = ({ role }: PromptMessage) => role === 'system'
  return [
    ...before,
    ...after.filter(isSystem),
    ...prompt.slice(lastUser, lastUser + 1),
    ...after.filter((message) => !isSystem(message)),
  ]
}

function toItem({ role, text }: PromptMessage): ChatHistoryItem {
  if (role === 'assistant') return { type: 'model', response: [text] }
  return { type: role, text }
}
