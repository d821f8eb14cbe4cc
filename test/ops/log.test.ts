import { execFile } from 'node:child_process'
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { HearthError, modelError, storeError } from '../../src/core/errors.ts'
import { newUuid } from '../../src/core/ids.ts'
import { type Log, openLog } from '../../src/ops/log.ts'
import { temporaryFolders } from './temp-folder.ts'

const newFolder = temporaryFolders()

async function logged(write: (log: Log) => void, level: 'debug' | 'warn' = 'debug'): Promise<string> {
  const file = join(await newFolder(), 'made', 'hearth.log')
  {
    using log = openLog({ level, file })
    write(log)
  }
  return readFile(file, 'utf8')
}

const parsed = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

/** As pg throws it: the row and the parameters are in fields and in the message. */
function databaseError(): Error {
  const error = new Error(
    'duplicate key value violates: planted-message\n    at planted-frame (file:///planted.ts:1:1)',
  )
  return Object.assign(error, {
    name: 'error',
    code: '23505',
    detail: 'Key (name)=(planted-detail) already exists.',
    where: 'planted-where',
    query: 'select planted-query',
    parameters: ['planted-parameter'],
    internalQuery: 'planted',
    toJSON: () => ({ planted: true }),
  })
}

describe('a line of the log', () => {
  it('is one JSON object with level, time, process and fields', async () => {
    const turn = newUuid()
    const lines = parsed(
      await logged((log) => {
        log
          .child({ turn, persona: 'mira' })
          .info('turn closed', { outcome: 'replied', promptTokens: 12, platform: undefined })
        log.debug('here')
      }),
    )
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        pid: process.pid,
        turn,
        persona: 'mira',
        outcome: 'replied',
        promptTokens: 12,
        msg: 'turn closed',
      },
      expect.objectContaining({ level: 'debug', msg: 'here' }),
    ])
  })

  it('is left out below the level', async () => {
    const text = await logged((log) => {
      log.info('not this')
      log.warn('but this')
    }, 'warn')
    expect(parsed(text).map(({ msg }) => msg)).toEqual(['but this'])
  })

  it('does not hold fields that sound like content, people or secrets', async () => {
    const text = await logged((log) => {
      const fields = Object.fromEntries(
        [
          'text',
          'messageText',
          'content',
          'prompt',
          'displayName',
          'sender_name',
          'externalId',
          'apiKey',
          'Authorization',
          'tokens',
          'DATABASE_URL',
          'params',
        ].map((name) => [name, 'planted']),
      )
      log.info('a', fields)
      log.child({ userName: 'planted' }).warn('b', { host: 'http://planted:planted@gpu:1/x' })
      log.error('c', new Error('x'), { body: 'planted' })
      log.info('d', { room: { text: 'planted' } as never })
      log.info('e', { message: newUuid() })
    })
    expect(text).not.toContain('planted')
    const lines = parsed(text)
    expect(lines[1].host).toBe('http://gpu:1/x')
    expect(lines[4].message).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('is never very long, and never breaks', async () => {
    const text = await logged((log) =>
      log.info('x'.repeat(5000), { model: `${'y'.repeat(5000)}\n\u001b[31m` }),
    )
    expect(text.length).toBeLessThan(700)
    expect(parsed(text)).toHaveLength(1)
  })
})

describe('an error in the log', () => {
  it('of our own is whole', async () => {
    const error = modelError('The model is not on that host.', {
      code: 'model-missing',
      mend: 'ollama pull x',
      retryable: true,
    })
    const [line] = parsed(await logged((log) => log.error('turn failed', error, { attempt: 2 })))
    expect(line).toMatchObject({
      msg: 'turn failed',
      attempt: 2,
      error: {
        name: 'HearthError',
        who: 'model',
        code: 'model-missing',
        message: 'The model is not on that host.',
        mend: 'ollama pull x',
        retryable: true,
      },
    })
    expect(line.error.stack[0]).toMatch(/log\.test\.ts:\d+:\d+$|errors\.ts:\d+:\d+$/)
  })

  it.each<[string, () => unknown]>([
    ['the shape of pg', databaseError],
    [
      'the shape of drizzle',
      () =>
        Object.assign(new Error('Failed query: planted params: planted'), {
          query: 'planted',
          params: ['planted'],
          cause: databaseError(),
        }),
    ],
    [
      'the shape of ollama',
      () =>
        Object.assign(new Error('planted prompt is too long'), {
          name: 'ResponseError',
          status_code: 400,
          error: 'planted',
        }),
    ],
    [
      'ours around a foreign one',
      () => storeError('The store failed.', { code: 'database-error', cause: databaseError() }),
    ],
    [
      'AggregateError',
      () => new AggregateError([databaseError(), new Error('planted', { cause: 'planted' })], 'planted'),
    ],
    ['a thrown text', () => 'planted'],
    ['a thrown object', () => ({ message: 'planted', stack: 'planted' })],
    [
      'what JSON.parse throws',
      () => {
        try {
          return JSON.parse('planted')
        } catch (error) {
          return error
        }
      },
    ],
    [
      'a message that was changed',
      () => {
        const error = new Error('planted\n    at planted (file:///a.ts:1:1)')
        error.message = 'x'
        return error
      },
    ],
    [
      'a message that was emptied',
      () => {
        const error = new Error('planted\n    at planted (file:///a.ts:1:1)')
        error.message = ''
        return error
      },
    ],
    ['an empty message', () => new Error('')],
    [
      'a hostile name and code',
      () => Object.assign(new Error('planted'), { name: 'planted words here', code: 'planted: words' }),
    ],
    ['a stack that is no text', () => Object.assign(new Error('planted'), { stack: { planted: 'planted' } })],
    [
      'getters that throw',
      () =>
        Object.defineProperty(new Error('x'), 'cause', {
          get() {
            throw new Error('planted')
          },
        }),
    ],
    [
      'a circle of causes',
      () => {
        const error = new Error('planted')
        error.cause = error
        return error
      },
    ],
  ])('leaves out what may be private: %s', async (_, make) => {
    const text = await logged((log) => log.error('failed', make()))
    expect(text).not.toContain('planted')
    expect(parsed(text)[0].error.name).toBeTruthy()
  })

  it('keeps name, code and places of a foreign one, and of its causes', async () => {
    const error = storeError('The store failed.', { code: 'database-error', cause: databaseError() })
    const [line] = parsed(await logged((log) => log.error('failed', error)))
    expect(line.error.cause).toMatchObject({ name: 'error', code: '23505' })
    expect(line.error.cause.stack[0]).toMatch(/^databaseError .*log\.test\.ts:\d+:\d+$/)
    expect(Object.keys(line.error.cause).sort()).toEqual(['code', 'name', 'stack'])
  })
})

describe('the log file', () => {
  it('can be read by its owner alone, also where it was open before', async () => {
    const folder = join(await newFolder(), 'data')
    const file = join(folder, 'hearth.log')
    openLog({ level: 'info', file })[Symbol.dispose]()
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    await writeFile(file, '{"old":1}\n')
    await chmod(file, 0o644)
    {
      using log = openLog({ level: 'info', file })
      log.info('new')
    }
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(parsed(await readFile(file, 'utf8'))).toHaveLength(2)
  })

  it('is refused with a sentence where it cannot be opened', async () => {
    const folder = await newFolder()
    await mkdir(join(folder, 'hearth.log'))
    let thrown: unknown
    try {
      openLog({ level: 'info', file: join(folder, 'hearth.log') })
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(HearthError)
    expect(thrown).toMatchObject({ code: 'log-unwritable', who: 'config' })
  })

  it('may be closed twice, and drops what comes later', async () => {
    const file = join(await newFolder(), 'hearth.log')
    const log = openLog({ level: 'info', file })
    log[Symbol.dispose]()
    log[Symbol.dispose]()
    log.info('too late')
    expect(await readFile(file, 'utf8')).toBe('')
  })

  it.runIf(process.platform === 'linux')(
    'that is on a full disk does not stop or hold up the process',
    async () => {
      const program = `
      const { openLog } = await import(${JSON.stringify(new URL('../../src/ops/log.ts', import.meta.url).href)})
      using log = openLog({ level: 'info', file: undefined })
      for (let i = 0; i < 1000; i++) log.info('line', { i })
      process.stdout.write('went on')
    `
      const command = `exec "${process.execPath}" --input-type=module -e "$PROGRAM" 2>/dev/full`
      const env = { ...process.env, PROGRAM: program }
      const { stdout } = await promisify(execFile)('sh', ['-c', command], { env })
      expect(stdout).toBe('went on')
    },
  )
})
