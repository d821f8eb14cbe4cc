import { afterEach, describe, expect, it, vi } from 'vitest'
import { makeKeyCommand, newMasterKeyLine, parseMasterKey } from '../../src/vault/master-key.ts'
import { readMasterKey } from '../../src/vault/read-master-key.ts'

const { signal } = new AbortController()
const variable = 'HEARTH_TEST_MASTER_KEY'
const line = `hearth-master-1:${Buffer.alloc(32, 7).toString('base64url')}`
const source = { env: variable }

afterEach(() => vi.unstubAllEnvs())

describe('a master key', () => {
  it('has an id that is always the same, differs between keys and is no part of the key', () => {
    const { id } = parseMasterKey(line, source)
    expect(id).toMatch(/^[0-9a-f]{16}$/)
    expect(parseMasterKey(`  ${line}\r\n`, source).id).toBe(id)
    expect(parseMasterKey(newMasterKeyLine(), source).id).not.toBe(id)
    expect(Buffer.alloc(32, 7).toString('hex')).not.toContain(id)
  })

  it('shows nothing of itself when it is logged', () => {
    const key = parseMasterKey(line, source)
    expect(JSON.stringify(key)).toBe(`{"id":"${key.id}","wrapping":{}}`)
  })

  it.each([
    ['nothing', ''],
    ['white space', ' \n'],
    ['a key without its beginning', line.slice('hearth-master-1:'.length)],
    ['a key that is cut', line.slice(0, -1)],
    ['a key that is too long', `${line}A`],
    ['a key with a wrong letter', line.replace(/.$/, '*')],
    ['a key whose last letter carries too much', line.replace(/.$/, 'd')],
    ['two keys', `${line}\n${line}`],
    ['a key of another version', line.replace('-1:', '-2:')],
    ['binary rubbish', '\u0000\u0001\ufffd'],
  ])('is not made of %s, and the error names the source and the mend but nothing of the text', (_, text) => {
    let error: unknown
    try {
      parseMasterKey(text, source)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ who: 'vault', code: 'master-key-malformed' })
    const { message, mend } = error as { message: string; mend: string }
    expect(message).toContain(variable)
    expect(mend).toContain('Restore it from your copy')
    expect(message + mend).not.toContain('BwcHBw')
  })

  it('can be made with the command that the mends name', async () => {
    const key = await readMasterKey({ command: makeKeyCommand }, signal)
    expect(key?.id).toMatch(/^[0-9a-f]{16}$/)
  })
})

describe('an environment variable as the source', () => {
  it('gives its key', async () => {
    vi.stubEnv(variable, line)
    expect((await readMasterKey(source, signal))?.id).toBe(parseMasterKey(line, source).id)
  })

  it('gives nothing when it is not set, and fails when it is empty', async () => {
    expect(await readMasterKey(source, signal)).toBeUndefined()
    vi.stubEnv(variable, '')
    await expect(readMasterKey(source, signal)).rejects.toMatchObject({ code: 'master-key-malformed' })
  })
})
