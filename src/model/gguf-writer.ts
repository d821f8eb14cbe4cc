/** Writes the file format of llama.cpp, version 3, whole in memory: only for small models. */

const alignment = 32

const types = { uint32: 4, int32: 5, float32: 6, boolean: 7, string: 8, array: 9 } as const

export type GgufValue =
  | { readonly uint32: number }
  | { readonly float32: number }
  | { readonly boolean: boolean }
  | { readonly string: string }
  | { readonly strings: readonly string[] }
  | { readonly int32s: readonly number[] }

export interface GgufTensor {
  readonly name: string
  /** The longest rows first, as ggml counts them: the other way round than everybody else. */
  readonly shape: readonly number[]
  readonly type: 'f32' | 'q8_0'
  readonly bytes: Uint8Array
}

const tensorTypes = { f32: 0, q8_0: 8 } as const

export function writeGguf(
  values: Readonly<Record<string, GgufValue>>,
  tensors: readonly GgufTensor[],
): Uint8Array {
  const parts: Uint8Array[] = []
  let length = 0
  const add = (part: Uint8Array) => {
    parts.push(part)
    length += part.byteLength
  }
  const pad = () => add(new Uint8Array((alignment - (length % alignment)) % alignment))

  add(Buffer.from('GGUF', 'latin1'))
  add(u32(3))
  add(u64(tensors.length))
  add(u64(Object.keys(values).length))
  for (const [key, value] of Object.entries(values)) {
    add(text(key))
    add(encode(value))
  }
  let offset = 0
  for (const { name, shape, type, bytes } of tensors) {
    add(text(name))
    add(u32(shape.length))
    for (const size of shape) add(u64(size))
    add(u32(tensorTypes[type]))
    add(u64(offset))
    offset += Math.ceil(bytes.byteLength / alignment) * alignment
  }
  pad()
  for (const { bytes } of tensors) {
    add(bytes)
    pad()
  }
  return Buffer.concat(parts, length)
}

function encode(value: GgufValue): Uint8Array {
  if ('uint32' in value) return Buffer.concat([u32(types.uint32), u32(value.uint32)])
  if ('float32' in value) {
    const bytes = Buffer.alloc(4)
    bytes.writeFloatLE(value.float32)
    return Buffer.concat([u32(types.float32), bytes])
  }
  if ('boolean' in value) return Buffer.concat([u32(types.boolean), Buffer.of(value.boolean ? 1 : 0)])
  if ('string' in value) return Buffer.concat([u32(types.string), text(value.string)])
  const isText = 'strings' in value
  const items = isText ? value.strings.map(text) : value.int32s.map(u32)
  const elements = u32(isText ? types.string : types.int32)
  return Buffer.concat([u32(types.array), elements, u64(items.length), ...items])
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([u64(bytes.byteLength), bytes])
}

const blockNumbers = 32
const blockBytes = 2 + blockNumbers

/** In blocks of 32 numbers with one factor: a quarter of float32. Their count is a multiple of 32. */
export function toQ8(values: Float32Array): Uint8Array {
  const blocks = values.length / blockNumbers
  const bytes = new Uint8Array(blocks * blockBytes)
  const view = new DataView(bytes.buffer)
  for (let block = 0; block < blocks; block++) {
    const numbers = values.subarray(block * blockNumbers, (block + 1) * blockNumbers)
    let peak = 0
    for (const number of numbers) peak = Math.max(peak, Math.abs(number))
    const factor = peak / 127
    view.setFloat16(block * blockBytes, factor, true)
    for (let at = 0; at < blockNumbers; at++) {
      const number = factor === 0 ? 0 : Math.round((numbers[at] as number) / factor)
      view.setInt8(block * blockBytes + 2 + at, number)
    }
  }
  return bytes
}
