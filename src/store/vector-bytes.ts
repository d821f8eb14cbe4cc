import type { Vector } from '../core/recall.ts'
import type { Place } from '../vault/seal.ts'

const factorBytes = 4

export const vectorPlace = (message: string): Place => ({ table: 'vectors', column: 'content', row: message })

/** The factor, as float32 in little endian, and then the numbers: their length tells which kind they are. */
export function encodeVector({ values, factor }: Vector): Uint8Array {
  const bytes = new Uint8Array(factorBytes + values.byteLength)
  new DataView(bytes.buffer).setFloat32(0, factor, true)
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), factorBytes)
  return bytes
}

/** Undefined for bytes that are no such vector. */
export function decodeVector(model: string, dimensions: number, bytes: Uint8Array): Vector | undefined {
  const length = bytes.byteLength - factorBytes
  if (length !== dimensions && length !== dimensions * Float32Array.BYTES_PER_ELEMENT) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // A copy: the bytes are part of a larger piece of memory, which would stay as long as the vector.
  const numbers = new Uint8Array(bytes.subarray(factorBytes)).buffer
  const values = length === dimensions ? new Int8Array(numbers) : new Float32Array(numbers)
  return { model, values, factor: view.getFloat32(0, true) }
}
