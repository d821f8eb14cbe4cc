import { register } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { accountId } from '../../src/core/ids.ts'
import { createMetrics, metricList } from '../../src/ops/metrics.ts'
import { readPage } from './read-page.ts'

const linesOf = (text: string) => text.split('\n').filter((line) => line.startsWith('hearth_'))

describe('metrics', () => {
  it('count what they are told', async () => {
    const metrics = createMetrics()
    metrics.accepted('console')
    metrics.accepted('console')
    metrics.closed('replied', { prompt: 100, reply: 20 })
    metrics.closed('stopped', { prompt: 50, reply: 0 })
    metrics.stageTook('generate', 1500)
    metrics.modelAnswered('http://gpu:11434/', 'ok')
    metrics.modelAnswered('in this process', 'ok')
    metrics.firstPieceTook(250)
    metrics.waiting(3)
    metrics.delivered('matrix', 'ok')
    metrics.matrixKeys(accountId('mira'), { oneTimeKeys: 50, waiting: 2 })
    metrics.matrixKeys(accountId('mira'), { oneTimeKeys: undefined, waiting: 1 })
    const { contentType, text } = await metrics.render()
    expect(contentType).toContain('text/plain')
    expect(linesOf(text)).toEqual(
      expect.arrayContaining([
        'hearth_messages_accepted_total{platform="console"} 2',
        'hearth_turns_closed_total{outcome="replied"} 1',
        'hearth_turns_closed_total{outcome="stopped"} 1',
        'hearth_turn_stage_seconds_sum{stage="generate"} 1.5',
        'hearth_turn_stage_seconds_bucket{le="1",stage="generate"} 0',
        'hearth_turn_stage_seconds_bucket{le="2.5",stage="generate"} 1',
        'hearth_model_requests_total{host="gpu:11434",result="ok"} 1',
        'hearth_model_requests_total{host="in this process",result="ok"} 1',
        'hearth_model_first_piece_seconds_sum 0.25',
        'hearth_tokens_total{kind="prompt"} 150',
        'hearth_tokens_total{kind="reply"} 20',
        'hearth_turns_waiting 3',
        'hearth_deliveries_total{platform="matrix",result="ok"} 1',
        'hearth_matrix_one_time_keys{account="mira"} 50',
        'hearth_matrix_waiting_for_keys{account="mira"} 1',
      ]),
    )
    expect(text).toContain('process_resident_memory_bytes')
    expect(text).toContain('nodejs_eventloop_lag_seconds')
  })

  it('never show the user or the password of a host', async () => {
    const metrics = createMetrics()
    metrics.modelAnswered('http://planted:planted@gpu:1', 'ok')
    metrics.modelAnswered('planted:planted@gpu:2', 'ok')
    const { text } = await metrics.render()
    expect(text).toContain('host="gpu:1"')
    expect(text).not.toContain('planted')
  })

  it('take the numbers of a clock that goes back, and of a host that cannot count', async () => {
    const metrics = createMetrics()
    metrics.stageTook('recall', -5)
    metrics.firstPieceTook(Number.NaN)
    metrics.closed('replied', { prompt: -1, reply: Number.NaN })
    const lines = linesOf((await metrics.render()).text)
    expect(lines).toContain('hearth_turn_stage_seconds_sum{stage="recall"} 0')
    expect(lines).toContain('hearth_tokens_total{kind="reply"} 0')
  })

  it('of two processes in one do not mix, and nothing is global', async () => {
    const [one, other] = [createMetrics(), createMetrics()]
    one.waiting(7)
    expect(linesOf((await other.render()).text)).toContain('hearth_turns_waiting 0')
    expect(register.getMetricsAsArray()).toEqual([])
  })

  it('are all in the list, and each has its row in docs/operating.md with the same words', async () => {
    const { text } = await createMetrics().render()
    const shown = [...text.matchAll(/^# HELP (hearth_\S+)/gm)].map(([, name]) => name)
    const listed = Object.values(metricList)
    expect(shown.sort()).toEqual(listed.map(({ name }) => name).sort())
    const page = await readPage('operating.md')
    for (const { name, help, labels } of listed) {
      const label = labels.length === 0 ? '' : `{${labels.join(',')}}`
      expect(page).toContain(`| \`${name}${label}\` | ${help} |`)
    }
    expect([...page.matchAll(/`(hearth_\w+)/g)].map(([, name]) => name).sort()).toEqual(shown)
  })
})
