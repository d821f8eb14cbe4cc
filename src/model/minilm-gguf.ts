import { readFile, rename, writeFile } from 'node:fs/promises'
import { type GgufTensor, type GgufValue, toQ8, writeGguf } from './gguf-writer.ts'
import { sourceError } from './pocket-errors.ts'

/** all-MiniLM-L6-v2, as its `config.json` says. */
const layers = 6
const heads = 12
const width = 384
const innerWidth = 1536
const contextTokens = 512
/** Lines of `vocab.txt`. */
const padding = 0
const unknown = 100
const begin = 101
const end = 102
const mask = 103

const headerLengthBytes = 8
const headerMostBytes = 1 << 20
/** Special and ordinary tokens, in llama.cpp's numbering. */
const tokenTypes = { ordinary: 1, special: 3 }

const perLayer = [
  ['attention.self.query', 'attn_q'],
  ['attention.self.key', 'attn_k'],
  ['attention.self.value', 'attn_v'],
  ['attention.output.dense', 'attn_output'],
  ['attention.output.LayerNorm', 'attn_output_norm'],
  ['intermediate.dense', 'ffn_up'],
  ['output.dense', 'ffn_down'],
  ['output.LayerNorm', 'layer_output_norm'],
] as const

/** Theirs and ours. */
const names: readonly (readonly [string, string])[] = [
  ['embeddings.word_embeddings.weight', 'token_embd.weight'],
  ['embeddings.position_embeddings.weight', 'position_embd.weight'],
  ['embeddings.token_type_embeddings.weight', 'token_types.weight'],
  ['embeddings.LayerNorm.weight', 'token_embd_norm.weight'],
  ['embeddings.LayerNorm.bias', 'token_embd_norm.bias'],
  ...Array.from({ length: layers }, (_, layer) =>
    perLayer.flatMap(([theirs, ours]) =>
      (['weight', 'bias'] as const).map(
        (kind) => [`encoder.layer.${layer}.${theirs}.${kind}`, `blk.${layer}.${ours}.${kind}`] as const,
      ),
    ),
  ).flat(),
]

/** llama.cpp adds these two without looking at the type of the numbers. */
const isAdded = (name: string) => name === 'position_embd.weight' || name === 'token_types.weight'

/**
 * Puts into the place of the file, which holds `model.safetensors` and then `vocab.txt`, the same model as a GGUF
 * file, with its matrices in 8 bits; the same bytes each time. Throws `HearthError` (`model`:
 * `pocket-source-failed`), or what the file system throws.
 */
export async function convertMiniLm(file: string): Promise<void> {
  const converted = `${file}.converted`
  await writeFile(converted, toGguf(await readFile(file)))
  await rename(converted, file)
}

function toGguf(bytes: Buffer): Uint8Array {
  const { tensors, endAt } = readSafetensors(bytes)
  const vocabulary = bytes.toString('utf8', endAt).trimEnd().split(/\r?\n/)
  return writeGguf(
    describe(vocabulary),
    names.map(([theirs, ours]) => {
      const tensor = tensors.get(theirs)
      if (tensor === undefined) throw broken(`it has no ${theirs}`)
      return convert(ours, tensor)
    }),
  )
}

interface Tensor {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

function convert(name: string, { shape, values }: Tensor): GgufTensor {
  const isMatrix = shape.length === 2 && !isAdded(name)
  return {
    name,
    shape: shape.toReversed(),
    type: isMatrix ? 'q8_0' : 'f32',
    bytes: isMatrix ? toQ8(values) : new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  }
}

function describe(vocabulary: readonly string[]): Readonly<Record<string, GgufValue>> {
  const isSpecial = (token: string) => /^\[.+\]$/.test(token)
  return {
    'general.architecture': { string: 'bert' },
    'general.name': { string: 'all-MiniLM-L6-v2' },
    'bert.block_count': { uint32: layers },
    'bert.context_length': { uint32: contextTokens },
    'bert.embedding_length': { uint32: width },
    'bert.feed_forward_length': { uint32: innerWidth },
    'bert.attention.head_count': { uint32: heads },
    'bert.attention.layer_norm_epsilon': { float32: 1e-12 },
    'bert.attention.causal': { boolean: false },
    // The mean of all tokens.
    'bert.pooling_type': { uint32: 1 },
    'tokenizer.ggml.model': { string: 'bert' },
    'tokenizer.ggml.pre': { string: 'default' },
    'tokenizer.ggml.token_type_count': { uint32: 2 },
    // llama.cpp marks the beginnings of words, WordPiece what goes on with one.
    'tokenizer.ggml.tokens': {
      strings: vocabulary.map((token) => {
        if (isSpecial(token)) return token
        return token.startsWith('##') ? token.slice(2) : `\u2581${token}`
      }),
    },
    'tokenizer.ggml.token_type': {
      int32s: vocabulary.map((token) => (isSpecial(token) ? tokenTypes.special : tokenTypes.ordinary)),
    },
    'tokenizer.ggml.unknown_token_id': { uint32: unknown },
    'tokenizer.ggml.seperator_token_id': { uint32: end },
    'tokenizer.ggml.padding_token_id': { uint32: padding },
    'tokenizer.ggml.mask_token_id': { uint32: mask },
    'tokenizer.ggml.bos_token_id': { uint32: begin },
    'tokenizer.ggml.eos_token_id': { uint32: end },
  }
}

/** Every number in it may be a lie. */
function readSafetensors(bytes: Buffer): {
  readonly tensors: ReadonlyMap<string, Tensor>
  readonly endAt: number
} {
  const headerBytes = bytes.length > headerLengthBytes ? Number(bytes.readBigUInt64LE(0)) : 0
  const dataAt = headerLengthBytes + headerBytes
  if (headerBytes === 0 || headerBytes > headerMostBytes || dataAt > bytes.length) throw broken('no header')
  let header: unknown
  try {
    header = JSON.parse(bytes.toString('utf8', headerLengthBytes, dataAt))
  } catch {
    throw broken('its header is no JSON')
  }
  const tensors = new Map<string, Tensor>()
  let endAt = dataAt
  for (const [name, entry] of Object.entries(header ?? {})) {
    const { dtype, shape, data_offsets: offsets } = entry as Partial<Record<string, unknown>>
    if (!isNumbers(offsets) || !isNumbers(shape)) continue
    const [from = 0, to = 0] = offsets
    if (from > to || dataAt + to > bytes.length) throw broken(`${name} lies outside the file`)
    endAt = Math.max(endAt, dataAt + to)
    if (dtype !== 'F32') continue
    const count = shape.reduce((product, size) => product * size, 1)
    if (count * Float32Array.BYTES_PER_ELEMENT !== to - from) throw broken(`${name} has another size`)
    // A copy, because floats must lie at a multiple of four.
    const values = new Float32Array(new Uint8Array(bytes.subarray(dataAt + from, dataAt + to)).buffer)
    tensors.set(name, { shape, values })
  }
  return { tensors, endAt }
}

const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && each >= 0)

const broken = (what: string) => sourceError(`the weights are damaged: ${what}`)
