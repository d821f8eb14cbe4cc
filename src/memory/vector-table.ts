import type { Vector } from '../core/recall.ts'
import { dotProducts, laneCount } from './dot-kernel.ts'
import type { Precision } from './quantise.ts'

/** Of a query's numbers: then the sum of products with int8 stays below 2^31 up to 8,000 dimensions. */
const querySteps = 2047
const growth = 1.1

/** The vectors of one model in one piece of memory, by slot; searched exactly. */
export class VectorTable {
  readonly model: string
  readonly dimensions: number
  readonly precision: Precision
  /** From one vector to the next. */
  readonly #stride: number
  readonly #sum: Float64Array
  #values: Int8Array | Float32Array
  /** 0: the slot has no vector. */
  #factors = new Float32Array(0)
  #count = 0

  constructor(model: string, dimensions: number, precision: Precision) {
    this.model = model
    this.dimensions = dimensions
    this.precision = precision
    this.#stride = Math.ceil(dimensions / laneCount) * laneCount
    this.#values = precision === 'int8' ? new Int8Array(0) : new Float32Array(0)
    this.#sum = new Float64Array(dimensions)
  }

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#values.byteLength + this.#factors.byteLength + this.#sum.byteLength
  }

  has(slot: number): boolean {
    return (this.#factors[slot] ?? 0) !== 0
  }

  /** Makes room for so many slots. */
  reserve(slots: number): void {
    if (slots <= this.#factors.length) return
    const length = slots * this.#stride
    const values = this.precision === 'int8' ? new Int8Array(length) : new Float32Array(length)
    values.set(this.#values)
    this.#values = values
    const factors = new Float32Array(slots)
    factors.set(this.#factors)
    this.#factors = factors
  }

  /** `false` for a vector of another model, dimension or precision: it is not taken. */
  put(slot: number, { model, values, factor }: Vector): boolean {
    const fits = values instanceof Int8Array === (this.precision === 'int8')
    if (model !== this.model || values.length !== this.dimensions || !fits || !(factor > 0)) return false
    this.remove(slot)
    if (slot >= this.#factors.length) this.reserve(Math.ceil((slot + 1) * growth) + laneCount)
    this.#values.set(values, slot * this.#stride)
    this.#factors[slot] = factor
    this.#addUp(slot, factor)
    this.#count++
    return true
  }

  remove(slot: number): void {
    const factor = this.#factors[slot] ?? 0
    if (factor === 0) return
    this.#addUp(slot, -factor)
    this.#values.fill(0, slot * this.#stride, (slot + 1) * this.#stride)
    this.#factors[slot] = 0
    this.#count--
    if (this.#count === 0) this.#sum.fill(0)
  }

  /**
   * Similarities of the first slots, into `out`; 0 where there is no vector. So much as `likeAll` of what all
   * vectors have in common is taken away from the query: what is near to everything is near to it for no
   * reason.
   */
  score(query: Float32Array, likeAll: number, out: Float32Array): void {
    const share = this.#count > 0 ? likeAll / this.#count : 0
    const turned = query.map((value, at) => value - share * (this.#sum[at] ?? 0))
    if (this.#values instanceof Int8Array) this.#scoreBytes(this.#values, turned, out)
    else this.#scoreFloats(this.#values, turned, out)
  }

  #scoreBytes(values: Int8Array, query: Float32Array, out: Float32Array): void {
    let peak = 0
    for (const value of query) peak = Math.max(peak, Math.abs(value))
    const step = peak / querySteps || 1
    const steps = new Int16Array(this.#stride)
    for (let at = 0; at < query.length; at++) steps[at] = Math.round((query[at] as number) / step)
    const sums = new Int32Array(Math.min(out.length, this.#factors.length))
    dotProducts(values, steps, sums)
    out.fill(0, sums.length)
    for (let slot = 0; slot < sums.length; slot++) {
      out[slot] = (sums[slot] as number) * (this.#factors[slot] as number) * step
    }
  }

  #scoreFloats(values: Float32Array, query: Float32Array, out: Float32Array): void {
    for (let slot = 0, at = 0; slot < out.length; slot++, at += this.#stride) {
      let sum = 0
      if (this.has(slot)) {
        for (let i = 0; i < query.length; i++) sum += (values[at + i] as number) * (query[i] as number)
      }
      out[slot] = sum
    }
  }

  #addUp(slot: number, factor: number): void {
    const sum = this.#sum
    const values = this.#values
    const start = slot * this.#stride
    for (let at = 0; at < sum.length; at++) {
      sum[at] = (sum[at] as number) + (values[start + at] as number) * factor
    }
  }
}
