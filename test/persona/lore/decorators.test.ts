import { describe, expect, it } from 'vitest'
import type { LoreInput } from '../../../src/persona/lore/activate.ts'
import { entry, names, type Raw, run } from './support.ts'

const on = (decorators: string, rest: Partial<LoreInput> = {}, text = 'k', fields: Raw = {}) =>
  names([entry('k', { content: `${decorators}\nx`, ...fields })], [text], rest).length > 0
const made = (content: string, fields: Raw = {}) =>
  run([entry('k', { content, ...fields })], ['k']).entries[0]

describe('decorators', () => {
  it('are taken out with the empty lines around them, and text below stays as it is', () => {
    expect(made('\n@@depth 2\r\n@@role user\r\n\r\nFog.\n@@not one')).toMatchObject({
      text: 'Fog.\n@@not one',
      place: { at: 'depth', depth: 2, role: 'user' },
    })
  })

  it('@@activate_only_after and @@activate_only_every count the messages of the persona', () => {
    expect([1, 2, 3].map((replyCount) => on('@@activate_only_after 2', { replyCount }))).toEqual([
      false,
      true,
      true,
    ])
    expect([1, 2, 4].map((replyCount) => on('@@activate_only_every 2', { replyCount }))).toEqual([
      false,
      true,
      true,
    ])
  })

  it('@@depth, @@role, and @@position, which beats a depth', () => {
    expect(made('@@depth 0\n@@role assistant\nx')?.place).toEqual({
      at: 'depth',
      depth: 0,
      role: 'assistant',
    })
    expect(made('@@depth 3\n@@position before_desc\nx')?.place).toEqual({ at: 'before-persona' })
    expect(made('@@position personality\nx')?.place).toEqual({ at: 'after-personality' })
    expect(made('@@position moon\nx', { position: 'before_char' })?.place).toEqual({ at: 'before-persona' })
  })

  it('@@scan_depth', () => {
    const deep = [entry('k', { content: '@@scan_depth 4\nx' })]
    expect(names(deep, ['k', 'a', 'b', 'c'])).toEqual(['k'])
    expect(names(deep, ['k', 'a', 'b', 'c', 'd'])).toEqual([])
  })

  it('@@is_greeting and @@is_user_icon hold where it is known, and are not asked where it is not', () => {
    expect(
      [0, 1, undefined].map((greeting) => on('@@is_greeting 1', greeting === undefined ? {} : { greeting })),
    ).toEqual([false, true, true])
    expect([on('@@is_user_icon a', { userIcon: 'b' }), on('@@is_user_icon a', { userIcon: 'a' })]).toEqual([
      false,
      true,
    ])
    expect(on('', { greeting: 1, userIcon: 'a' })).toBe(true)
  })

  it('@@additional_keys: of each one must occur; @@exclude_keys: none may', () => {
    const more = '@@additional_keys a,b\n@@additional_keys c'
    expect([on(more, {}, 'k a c'), on(more, {}, 'k b'), on(more, {}, 'k c')]).toEqual([true, false, false])
    expect([on('@@exclude_keys a,b', {}, 'k b'), on('@@exclude_keys a,b', {}, 'k c')]).toEqual([false, true])
    expect(on('@@additional_keys x.z', {}, 'k xyz', { use_regex: true })).toBe(true)
    expect(on('@@exclude_keys a', {}, 'k a', { use_regex: true })).toBe(true)
  })

  it('@@activate: always, @@dont_activate: never, and the first beats the second', () => {
    expect(on('@@activate', {}, 'hm')).toBe(true)
    expect(on('@@dont_activate')).toBe(false)
    expect(on('@@dont_activate\n@@activate')).toBe(true)
    expect(on('@@activate', {}, 'hm', { enabled: false })).toBe(false)
  })

  it('@@ignore_on_max_context is dropped before all others', () => {
    const entries = [
      entry('a', { content: '@@ignore_on_max_context\n1 2 3', priority: 9 }),
      entry('b', { content: '4 5 6' }),
    ]
    expect(names(entries, ['a b'], { budgetTokens: 6 })).toEqual(['a', 'b'])
    expect(names(entries, ['a b'], { budgetTokens: 5 })).toEqual(['b'])
  })

  it('@@disable_ui_prompt asks for a prompt to be left out, also without content', () => {
    expect(run([entry('k', { content: '@@disable_ui_prompt system_prompt' })], ['k']).hides).toEqual([
      'system-prompt',
    ])
    expect(run([entry('k', { content: '@@disable_ui_prompt system_prompt' })], ['hm']).hides).toEqual([])
  })

  it('unknown ones and wrong values give way to the first fallback that is right', () => {
    expect(
      made('@@moon 4\n@@@sun\n@@@depth x\n@@@star\n@@@sea\n@@@depth 7\n@@@depth 8\nx')?.place,
    ).toMatchObject({ depth: 7 })
    expect(made('@@depth 1\n@@@depth 7\nx')?.place).toMatchObject({ depth: 1 })
    expect(made('@@instruct_depth 90\n@@@depth 7\nx')?.place).toMatchObject({ depth: 7 })
    expect(made('@@role user\n@@@depth 7\nx')?.place).toEqual({ at: 'after-persona' })
    expect(made('@@unknown\nx')?.text).toBe('x')
  })

  it('of two of one name the first counts', () => {
    expect(made('@@depth 1\n@@depth 2\nx')?.place).toMatchObject({ depth: 1 })
  })

  it('@@@SYSTEM in the first line is a role mark of old, not a fallback', () => {
    expect(made('@@@SYSTEM\n@@depth 0\nx')).toMatchObject({ text: 'x', place: { depth: 0, role: 'system' } })
    expect(made('@@@USER\n@@depth 0\nx')).toMatchObject({ text: 'x', place: { depth: 0, role: 'user' } })
  })
})
