import { HearthError } from '../core/errors.ts'

/** What the log keeps of an error. */
export interface ErrorRecord {
  readonly name: string
  readonly who?: string
  readonly code?: string
  /** Only of our own errors, whose messages hold nothing private. */
  readonly message?: string
  readonly mend?: string
  readonly retryable?: boolean
  /** Places in the code, the innermost first. */
  readonly stack?: readonly string[]
  readonly cause?: ErrorRecord
  readonly errors?: readonly ErrorRecord[]
}

const deepest = 5
const mostErrors = 5
const mostFrames = 12

/**
 * Database drivers put rows and parameters into an error's `message`, `detail`, `where`, `parameters`
 * and `query`, model clients put parts of the prompt there, and JSON.parse quotes what it read. So of
 * errors that are not ours only name, code and the places of the stack are kept, and nothing is
 * kept of a thrown thing that is no error. Never throws.
 */
export function describeError(error: unknown, depth = 0): ErrorRecord {
  try {
    if (!(error instanceof Error)) return { name: `thrown ${typeof error}` }
    const { cause } = error
    const errors: unknown = error instanceof AggregateError ? error.errors : undefined
    const inner = depth < deepest
    return {
      ...(error instanceof HearthError ? ownFields(error) : foreignFields(error)),
      ...optional('stack', framesOf(error)),
      ...(inner && cause !== undefined ? { cause: describeError(cause, depth + 1) } : {}),
      ...(inner && Array.isArray(errors)
        ? { errors: errors.slice(0, mostErrors).map((each) => describeError(each, depth + 1)) }
        : {}),
    }
  } catch {
    return { name: 'an error that cannot be read' }
  }
}

function ownFields({ name, who, code, message, mend, retryable }: HearthError): ErrorRecord {
  return { name, who, code, message, ...optional('mend', mend), retryable }
}

/** `code` may also be a number: an HTTP status. */
function foreignFields(error: Error): ErrorRecord {
  const code = 'code' in error ? error.code : undefined
  return { name: word(error.name) ?? 'Error', ...optional('code', word(code)) }
}

/** A name such as programs give: `ECONNREFUSED`, `23505`, `ERR_SOCKET_CLOSED`. No sentence looks like it. */
function word(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value
  return typeof text === 'string' && /^[A-Za-z0-9_.-]{1,40}$/.test(text) ? text : undefined
}

/** One step of a V8 stack: at most a function's name, and a place in a file. */
const framePattern =
  /^ {4}at (?:(?:async |new )*([\w$.<>#*]+)(?: \[as [\w$]+\])? \()?((?:node:|file:|\/|[A-Za-z]:\\)[^()\n]*:\d+:\d+)\)?$/

/**
 * The stack begins with the message, and a message may have lines that look like frames. What stands
 * before the first frame is cut off by the message itself; where that does not fit, because the
 * message was changed after the throw, the stack is not used.
 */
function framesOf(error: Error): readonly string[] | undefined {
  const { stack, message } = error
  if (typeof stack !== 'string' || typeof message !== 'string') return undefined
  const header = stack.indexOf(message)
  const firstLine = message === '' ? stack.indexOf('\n') : header + message.length
  if (header < 0 || firstLine < 0 || stack[firstLine] !== '\n') return undefined
  if (!/^[\w$.]*(?: \[[\w-]+\])?(?:: )?$/.test(stack.slice(0, message === '' ? firstLine : header)))
    return undefined
  const frames = stack
    .slice(firstLine + 1)
    .split('\n')
    .slice(0, mostFrames)
  return frames.flatMap((frame) => {
    const found = framePattern.exec(frame)
    return found === null ? [] : [found[1] === undefined ? `${found[2]}` : `${found[1]} ${found[2]}`]
  })
}

function optional<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]: Value })
}
