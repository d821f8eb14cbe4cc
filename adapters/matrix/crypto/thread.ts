import { Worker } from 'node:worker_threads'
import { cryptoPanicked, cryptoStopped, fromPlainError, toPlainError } from './errors.ts'
import type { Answer, SendRequest } from './homeserver.ts'
import type { RecordChange } from './journal.ts'
import type {
  Argument,
  CryptoMethod,
  CryptoNews,
  FromThread,
  Result,
  RoomMessage,
  ThreadData,
  ToThread,
} from './protocol.ts'
import { createReplies } from './replies.ts'

export interface ThreadOptions {
  readonly user: string
  readonly device: string
  read(): Promise<Pick<ThreadData, 'records' | 'previous'>>
  /** Durable when it resolves. A rejection ends the thread: what it holds is not what is stored. */
  write(changes: readonly RecordChange[]): Promise<void>
  readonly request: SendRequest
  readonly sendInRoom: (message: RoomMessage, signal: AbortSignal) => Promise<Answer>
  readonly tell: (news: CryptoNews) => void
}

/** The account's machine in its thread. One that dies is started anew from what was durable, at the next call. */
export interface CryptoThread extends AsyncDisposable {
  call<M extends CryptoMethod>(method: M, argument: Argument<M>, signal: AbortSignal): Promise<Result<M>>
}

interface Running {
  readonly ready: Promise<void>
  call(method: CryptoMethod, argument: unknown): Promise<unknown>
  readonly ended: Promise<void>
  end(): Promise<void>
}

export function createCryptoThread(options: ThreadOptions): CryptoThread {
  const closing = new AbortController()
  let running: Promise<Running> | undefined

  const start = async (): Promise<Running> => {
    const one = startThread(options, await options.read(), closing.signal)
    // Only once all its writes are through may the next one read.
    void one.ended.then(() => {
      running = undefined
    })
    await one.ready
    return one
  }

  return {
    async call(method, argument, signal) {
      signal.throwIfAborted()
      if (closing.signal.aborted) throw cryptoStopped()
      running ??= start()
      const starting = running
      const one = await starting.catch((error: unknown) => {
        if (running === starting) running = undefined
        throw error
      })
      return (await abortable(one.call(method, argument), signal)) as never
    },
    async [Symbol.asyncDispose]() {
      closing.abort()
      const one = await running?.catch(() => undefined)
      await one?.end()
    },
  }
}

function startThread(
  { user, device, write, request, sendInRoom, tell }: ThreadOptions,
  stored: Pick<ThreadData, 'records' | 'previous'>,
  signal: AbortSignal,
): Running {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    name: 'matrix-crypto',
    workerData: { user, device, ...stored } satisfies ThreadData,
    // A panic prints what it was about; neither our terminal nor our log is the place for it.
    stdout: true,
    stderr: true,
    execArgv: [],
  })
  worker.stdout.resume()
  worker.stderr.resume()
  const calls = createReplies<unknown>()
  const { promise: ready, resolve: isReady, reject: isBroken } = Promise.withResolvers<void>()
  let writing: Promise<void> = Promise.resolve()
  let failure: Error | undefined
  const post = (message: ToThread) => worker.postMessage(message)
  const die = (error: Error) => {
    failure ??= error
    void worker.terminate()
  }

  const reply = (id: number, sending: Promise<Answer>): void => {
    sending.then(
      (answer) => post({ kind: 'answer', id, answer }),
      (error: unknown) => post({ kind: 'no-answer', id, error: toPlainError(error) }),
    )
  }

  worker.on('message', (message: FromThread) => {
    switch (message.kind) {
      case 'ready':
        return isReady()
      case 'broken':
        return die(fromPlainError(message.error))
      case 'result':
        return calls.resolve(message.id, message.value)
      case 'failure':
        return calls.reject(message.id, fromPlainError(message.error))
      case 'news':
        return tell(message.news)
      case 'write':
        writing = writing
          .then(() => write(message.changes))
          .then(
            () => post({ kind: 'written', id: message.id }),
            (error: unknown) => die(fromPlainError(toPlainError(error))),
          )
        return
      case 'request':
        return reply(message.id, request(message.method, message.path, message.body, signal))
      case 'room-message':
        return reply(message.id, sendInRoom(message.message, signal))
    }
  })
  worker.on('error', () => die(cryptoPanicked()))
  const ended = new Promise<void>((resolve) => {
    worker.on('exit', () => {
      const error = failure ?? (signal.aborted ? cryptoStopped() : cryptoPanicked())
      isBroken(error)
      calls.rejectAll(error)
      void writing.then(resolve)
    })
  })
  ready.catch(() => undefined)
  return {
    ready,
    ended,
    call(method, argument) {
      if (failure !== undefined) return Promise.reject(failure)
      const { id, reply } = calls.expect()
      post({ kind: 'call', id, method, argument })
      return reply
    },
    async end() {
      await worker.terminate()
      await ended
    },
  }
}

function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
