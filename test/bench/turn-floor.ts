/** The floor: the same conversation by bare `fetch`, with a history that only grows, kept in memory. */
import { nowUs, type TurnTiming } from './timing.ts'

const url = `${process.env.OLLAMA_HOST}/api/chat`
const turns = Number(process.env.BENCH_TURNS)
const messages: { role: string; content: string }[] = [
  { role: 'system', content: 'You are a companion. '.repeat(100) },
]
const readyUs = nowUs()
const timings: TurnTiming[] = []
for (let turn = 0; turn < turns; turn++) {
  const content = `Message ${turn}: the tram was late again and the man with the violin case got off at the wrong stop.`
  messages.push({ role: 'user', content })
  const receivedUs = nowUs()
  const response = await fetch(url, {
    method: 'POST',
    body: JSON.stringify({ model: 'bench', messages, stream: true, options: { num_ctx: 131_072 } }),
  })
  let reply = ''
  for (const line of (await response.text()).split('\n').filter(Boolean)) {
    reply += (JSON.parse(line) as { message?: { content?: string } }).message?.content ?? ''
  }
  messages.push({ role: 'assistant', content: reply })
  timings.push({ receivedUs, acceptedUs: receivedUs, closedUs: nowUs() })
}
process.send?.({ readyUs, rssBytes: process.memoryUsage.rss(), timings })
process.disconnect?.()
