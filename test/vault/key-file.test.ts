import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import {
  createKeyFile,
  hasNextKey,
  promoteNextKey,
  readKeyFile,
  removeNextKey,
} from '../../src/vault/key-file.ts'
import { newMasterKeyLine } from '../../src/vault/master-key.ts'
import { useTemporaryFolder } from './temporary-folder.ts'

const inFolder = useTemporaryFolder()
const posix = process.platform !== 'win32'

const writeKey = async (file: string, text = `${newMasterKeyLine()}\n`): Promise<void> =>
  writeFile(file, text, { mode: 0o600 })

describe('making a key file', () => {
  it('makes one line that only the owner may read, in a folder that only the owner may enter', async () => {
    const file = inFolder('data/keys/master.key')
    const key = await createKeyFile(file)
    expect(await readFile(file, 'utf8')).toMatch(/^hearth-master-1:[\w-]{43}\n$/)
    expect((await readKeyFile(file))?.id).toBe(key?.id)
    if (posix) {
      expect((await stat(file)).mode & 0o777).toBe(0o600)
      expect((await stat(inFolder('data/keys'))).mode & 0o777).toBe(0o700)
    }
    expect(await readdir(inFolder('data/keys'))).toEqual(['master.key'])
  })

  it('never overwrites a file, whatever is in it', async () => {
    const file = inFolder('master.key')
    await writeFile(file, 'something else')
    expect(await createKeyFile(file)).toBeUndefined()
    expect(await readFile(file, 'utf8')).toBe('something else')
    expect(await readdir(inFolder('.'))).toEqual(['master.key'])
  })

  it('never writes through a link that leads nowhere', async () => {
    const file = inFolder('master.key')
    await symlink(inFolder('elsewhere'), file)
    expect(await createKeyFile(file)).toBeUndefined()
    expect((await lstat(file)).isSymbolicLink()).toBe(true)
    expect(await readdir(inFolder('.'))).toEqual(['master.key'])
  })

  it('lets one of many at once make it, and nobody see a part of it', async () => {
    const file = inFolder('master.key')
    const made = await Promise.all(
      Array.from(
        { length: 20 },
        async () => (await createKeyFile(file)) ?? { seen: (await readKeyFile(file))?.id },
      ),
    )
    const winners = made.filter((key) => 'id' in key)
    expect(winners).toHaveLength(1)
    expect(made.filter((key) => 'seen' in key && key.seen === winners[0]?.id)).toHaveLength(19)
  })

  it('says which file cannot be written, and leaves nothing behind', async () => {
    await writeFile(inFolder('blocked'), '')
    const file = inFolder('blocked/master.key')
    const error = await createKeyFile(file).catch((thrown) => thrown)
    expect(error).toMatchObject({ who: 'vault', code: 'master-key-unwritable' })
    expect(error.message).toContain(file)
    expect(error.mend).toContain('masterKey.file')
    expect(await readdir(inFolder('.'))).toEqual(['blocked'])
  })
})

describe('reading a key file', () => {
  it('gives nothing when there is none', async () => {
    expect(await readKeyFile(inFolder('master.key'))).toBeUndefined()
  })

  it.runIf(posix).each([0o640, 0o604, 0o620, 0o602, 0o610, 0o644, 0o777])(
    'refuses mode %o, and says how to mend it',
    async (mode) => {
      const file = inFolder('master.key')
      await writeKey(file)
      await chmod(file, mode)
      const error = await readKeyFile(file).catch((thrown) => thrown)
      expect(error).toMatchObject({ who: 'vault', code: 'master-key-exposed' })
      expect(error.message).toContain(file)
      expect(error.mend).toContain(`chmod 600 ${file}`)
    },
  )

  it.runIf(posix).each([0o600, 0o400])('takes mode %o', async (mode) => {
    const file = inFolder('master.key')
    await writeKey(file)
    await chmod(file, mode)
    expect((await readKeyFile(file))?.id).toMatch(/^[0-9a-f]{16}$/)
  })

  it.each([
    ['empty', ''],
    ['short', 'hearth-master-1:abc'],
    ['garbled', '\u0000\ufffd'.repeat(3000)],
  ])('refuses a file that is %s, and names it', async (_, text) => {
    const file = inFolder('master.key')
    await writeKey(file, text)
    const error = await readKeyFile(file).catch((thrown) => thrown)
    expect(error).toMatchObject({ who: 'vault', code: 'master-key-malformed' })
    expect(error.message).toContain(file)
    expect(error.mend).toContain('Restore it from your copy')
  })

  it('refuses a folder in its place, and what stands behind a file', async () => {
    await mkdir(inFolder('folder'), { mode: 0o700 })
    await writeKey(inFolder('file'))
    for (const file of [inFolder('folder'), inFolder('file/master.key')]) {
      const error = await readKeyFile(file).catch((thrown) => thrown)
      expect(error).toMatchObject({ who: 'vault', code: 'master-key-unreadable' })
      expect(error.message).toContain(file)
    }
  })
})

describe.runIf(posix)('a device in the place of a key file', () => {
  it('is refused', async () => {
    await expect(readKeyFile('/dev/null')).rejects.toMatchObject({ code: 'master-key-unreadable' })
  })
})

describe('the next key', () => {
  it('takes the place of the key file', async () => {
    const file = inFolder('master.key')
    await createKeyFile(file)
    const next = await createKeyFile(`${file}.new`)
    expect(await hasNextKey(file)).toBe(true)
    await promoteNextKey(file, next!.id)
    expect((await readKeyFile(file))?.id).toBe(next?.id)
    expect(await hasNextKey(file)).toBe(false)
  })

  it('may have been put there by another process already', async () => {
    const file = inFolder('master.key')
    const next = await createKeyFile(file)
    await promoteNextKey(file, next!.id)
    expect((await readKeyFile(file))?.id).toBe(next?.id)
  })

  it('must not be gone while the file holds another key', async () => {
    const file = inFolder('master.key')
    await createKeyFile(file)
    await expect(promoteNextKey(file, 'f'.repeat(16))).rejects.toMatchObject({
      code: 'master-key-unwritable',
    })
  })

  it('can be removed, and removed again', async () => {
    const file = inFolder('master.key')
    await createKeyFile(`${file}.new`)
    await removeNextKey(file)
    await removeNextKey(file)
    expect(await hasNextKey(file)).toBe(false)
  })
})
