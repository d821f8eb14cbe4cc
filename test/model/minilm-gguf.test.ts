import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { toQ8, writeGguf } from '../../src/model/gguf-writer.ts'
import { convertMiniLm } from '../../src/model/minilm-gguf.ts'
import { temporaryFolder } from './weights-support.ts'

const safetensors = (header: string, data = Buffer.alloc(0)): Buffer => {
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  return Buffer.concat([length, Buffer.from(header), data])
}

test.each([
  ['nothing', Buffer.alloc(0)],
  ['a header that is longer than the file', safetensors('{}').fill(0xff, 0, 4)],
  ['a header that is no JSON', safetensors('{"a')],
  ['a tensor outside the file', safetensors('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}')],
  [
    'a tensor of another size',
    safetensors('{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}', Buffer.alloc(8)),
  ],
  ['another model', safetensors('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', Buffer.alloc(8))],
])('refuses %s, and leaves the file as it is', async (_, bytes) => {
  const file = path.join(await temporaryFolder(), 'weights')
  await writeFile(file, bytes)
  await expect(convertMiniLm(file)).rejects.toMatchObject({ code: 'pocket-source-failed' })
  expect(await readFile(file)).toEqual(bytes)
})

test('numbers in 8 bits are off by half a step at most', () => {
  const numbers = Float32Array.from({ length: 64 }, (_, at) => Math.sin(at) * (at < 32 ? 1 : 0.01))
  const view = new DataView(toQ8(numbers).buffer)
  expect(view.byteLength).toBe(2 * 34)
  for (const [at, number] of numbers.entries()) {
    const block = Math.floor(at / 32) * 34
    const factor = view.getFloat16(block, true)
    expect(Math.abs(view.getInt8(block + 2 + (at % 32)) * factor - number)).toBeLessThan(factor * 0.6)
  }
})

test('a GGUF file has its mark, its counts and its tensors at multiples of 32', () => {
  const bytes = Buffer.from(
    writeGguf({ 'general.architecture': { string: 'bert' }, tokens: { strings: ['a', 'b'] } }, [
      { name: 'one', shape: [2], type: 'f32', bytes: new Uint8Array(8).fill(1) },
      { name: 'two', shape: [1], type: 'f32', bytes: new Uint8Array(4).fill(2) },
    ]),
  )
  expect(bytes.toString('latin1', 0, 4)).toBe('GGUF')
  expect([bytes.readUInt32LE(4), bytes.readBigUInt64LE(8), bytes.readBigUInt64LE(16)]).toEqual([3, 2n, 2n])
  expect(bytes.length % 32).toBe(0)
  expect(bytes.indexOf(Buffer.alloc(8, 1)) % 32).toBe(0)
  expect(bytes.indexOf(Buffer.alloc(4, 2)) % 32).toBe(0)
})
