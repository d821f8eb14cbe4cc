import { Attachment, EncryptedAttachment, initAsync } from '@matrix-org/matrix-sdk-crypto-wasm'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  decryptAttachment,
  encryptAttachment,
  readFileKey,
  writeFileKey,
} from '../../../../adapters/matrix/crypto/attachment.ts'

/** As matrix-encrypt-attachment has them, but for the version. */
const knownFile = (iv: string, sha256: string) => ({
  v: 'v2',
  url: 'mxc://home/id',
  key: {
    alg: 'A256CTR',
    ext: true,
    k: '__________________________________________8',
    key_ops: ['encrypt', 'decrypt'],
    kty: 'oct',
  },
  iv,
  hashes: { sha256 },
})
const known = [
  ['/////////////////////w', '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU', '', ''],
  [
    '//////////8AAAAAAAAAAA',
    'YzF08lARDdOCzJpzuSwsjTNlQc4pHxpdHcXiD/wpK6k',
    '5xJZTt5cQicm+9f4',
    'Hello, World',
  ],
  [
    '//////////8AAAAAAAAAAA',
    'IOq7/dHHB+mfHfxlRY5XMeCWEwTPmlf4cJcgrkf6fVU',
    'zhtFStAeFx0s+9L/sSQO+WQMtldqYEHqTxMduJrCIpnkyer09kxJJuA4K+adQE4w+7jZe/vR9kIcqj9rOhDR8Q',
    'alphanumerically'.repeat(4),
  ],
] as const

describe('an attachment', () => {
  beforeAll(() => initAsync())

  it.each(known)('opens as others have sealed it (%s, %s)', (iv, sha256, encrypted, text) => {
    const fileKey = readFileKey(knownFile(iv, sha256))!
    expect(decryptAttachment(Buffer.from(encrypted, 'base64'), fileKey)?.toString()).toBe(text)
  })

  it('goes to the library of other clients and back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (content) => {
        const { encrypted, fileKey } = encryptAttachment(content)
        const file = JSON.stringify({ url: 'mxc://home/id', ...writeFileKey(fileKey) })
        expect(Attachment.decrypt(new EncryptedAttachment(encrypted, file))).toEqual(content)
        const theirs = Attachment.encrypt(content)
        const key = readFileKey(JSON.parse(theirs.mediaEncryptionInfo!))!
        expect(Uint8Array.from(decryptAttachment(theirs.encryptedData, key)!)).toEqual(content)
      }),
      { numRuns: 30 },
    )
  })

  it('has a key and a counter that no other has', () => {
    const sealed = Array.from({ length: 50 }, () => encryptAttachment(Buffer.from('the same')))
    expect(new Set(sealed.map(({ fileKey }) => Buffer.from(fileKey.key).toString('hex'))).size).toBe(50)
    expect(new Set(sealed.map(({ fileKey }) => Buffer.from(fileKey.iv).toString('hex'))).size).toBe(50)
  })

  it('does not open when one bit of it, or of its hash, is another one', () => {
    const { encrypted, fileKey } = encryptAttachment(Buffer.from('a picture'))
    const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, n) => (n === at ? byte ^ 1 : byte))
    for (let at = 0; at < encrypted.length; at++)
      expect(decryptAttachment(flipped(encrypted, at), fileKey)).toBeUndefined()
    expect(decryptAttachment(encrypted.subarray(1), fileKey)).toBeUndefined()
    const otherHash = { ...fileKey, sha256: flipped(fileKey.sha256, 0) }
    expect(decryptAttachment(encrypted, otherHash)).toBeUndefined()
    expect(decryptAttachment(encrypted, fileKey)?.toString()).toBe('a picture')
  })

  it('is described as the specification says, or not at all', () => {
    const file = knownFile(known[1][0], known[1][1])
    expect(readFileKey(file)).toBeDefined()
    for (const wrong of [
      undefined,
      'v2',
      { ...file, v: 'v1' },
      { ...file, iv: 'short' },
      { ...file, iv: 7 },
      { ...file, hashes: {} },
      { ...file, hashes: { sha256: 'AAAA' } },
      { ...file, key: { ...file.key, k: 'AAAA' } },
      { ...file, key: { ...file.key, alg: 'A128CTR' } },
      { ...file, key: { ...file.key, kty: 'RSA' } },
      { ...file, key: { ...file.key, ext: false } },
      { ...file, key: { ...file.key, key_ops: ['encrypt'] } },
    ])
      expect(readFileKey(wrong)).toBeUndefined()
  })
})
