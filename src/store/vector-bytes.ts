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

/** Undefined for bytes that are no such vector. The numbers of int8 stay where they are, among the bytes. */
export function decodeVector(model: string, dimensions: number, bytes: Uint8Array): Vector | undefined {
  const length = bytes.byteLength - factorBytes
  const factor = () => new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true)
  if (length === dimensions) {
    const values = new Int8Array(bytes.buffer, bytes.byteOffset + factorBytes, length)
    return { model, values, factor: factor() }
  }
  if (length !== dimensions * Float32Array.BYTES_PER_ELEMENT) return undefined
  // A copy: these have to begin at a multiple of four.
  const values = new Float32Array(new Uint8Array(bytes.subarray(factorBytes)).buffer)
  return { model, values, factor: factor() }
}
