import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromExternalId, isId, toReference } from '../../../adapters/matrix/address.ts'
import { decode, frameOf } from '../../../adapters/matrix/decode.ts'
import { encodeEdit, encodeMessage } from '../../../adapters/matrix/encode.ts'
import { syncChanges } from '../../../adapters/matrix/sync-changes.ts'

const message = (content: Record<string, unknown>) => ({ type: 'm.room.message', content })
const text = (body: string, more: Record<string, unknown> = {}) =>
  message({ msgtype: 'm.text', body, ...more })

describe('events of a homeserver', () => {
  it('without a time are passed over', () => {
    const at = (time: number) => frameOf({ event_id: '$event', sender: '@ada:home', origin_server_ts: time })
    expect(at(1)?.at).toEqual(new Date(1))
    expect(at(Number.NaN)).toBeUndefined()
  })

  it('that are encrypted wait for their key, unless nothing is left of them', () => {
    const encrypted = (content: Record<string, unknown>) => decode({ type: 'm.room.encrypted', content })
    expect(encrypted({ session_id: 's', ciphertext: 'c' })).toEqual({ kind: 'encrypted', session: 's' })
    expect(encrypted({})).toBeUndefined()
  })

  it('of any shape are passed over or read, and never throw', () => {
    const types = [
      'm.room.message',
      'm.reaction',
      'm.room.redaction',
      'm.room.member',
      'm.room.tombstone',
      'm.room.encrypted',
    ]
    const relation = fc.record(
      {
        rel_type: fc.constantFrom('m.replace', 'm.thread', 'm.annotation', 'x'),
        event_id: fc.oneof(fc.constant('$event'), fc.anything()),
        key: fc.anything(),
        'm.in_reply_to': fc.oneof(fc.record({ event_id: fc.anything() }), fc.anything()),
      },
      { requiredKeys: [] },
    )
    const content = fc.record(
      {
        msgtype: fc.oneof(
          fc.constantFrom('m.text', 'm.image', 'm.audio', 'm.notice', 'm.emote'),
          fc.anything(),
        ),
        url: fc.anything(),
        file: fc.oneof(
          fc.record({ v: fc.constant('v2'), url: fc.anything(), key: fc.anything() }),
          fc.anything(),
        ),
        info: fc.oneof(fc.record({ duration: fc.anything(), mimetype: fc.anything() }), fc.anything()),
        filename: fc.anything(),
        'org.matrix.msc3245.voice': fc.anything(),
        body: fc.oneof(fc.string({ unit: 'binary' }), fc.anything()),
        'm.relates_to': fc.oneof(relation, fc.anything()),
        'm.new_content': fc.oneof(
          fc.record({ msgtype: fc.constant('m.text'), body: fc.anything() }),
          fc.anything(),
        ),
        'm.mentions': fc.oneof(fc.record({ user_ids: fc.array(fc.anything()) }), fc.anything()),
        membership: fc.anything(),
        displayname: fc.anything(),
      },
      { requiredKeys: [] },
    )
    const event = fc.record(
      {
        type: fc.oneof(fc.constantFrom(...types), fc.anything()),
        content: fc.oneof(content, fc.anything()),
        event_id: fc.oneof(fc.constant('$event'), fc.anything()),
        sender: fc.oneof(fc.constant('@ada:home'), fc.anything()),
        state_key: fc.anything(),
        origin_server_ts: fc.oneof(fc.double(), fc.anything()),
        unsigned: fc.anything(),
        redacts: fc.anything(),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.oneof(event, fc.anything()), (any) => {
        const decoded = decode(any)
        if (decoded !== undefined && 'target' in decoded) expect(isId(decoded.target)).toBe(true)
        if (decoded !== undefined && 'text' in decoded) expect(typeof decoded.text).toBe('string')
        const frame = frameOf(any)
        if (frame !== undefined) expect(Number.isNaN(frame.at.getTime())).toBe(false)
      }),
      { numRuns: 5_000 },
    )
  })

  it('that are no sync at all ask nothing of the encryption', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything()), (any) => {
        const changes = syncChanges(any)
        expect(Array.isArray(changes.toDevice)).toBe(true)
        expect(changes.changedUsers.every(isId)).toBe(true)
      }),
    )
  })

  it.each([
    ['text', text('Hello'), { kind: 'message', text: 'Hello' }],
    [
      'what somebody does',
      message({ msgtype: 'm.emote', body: 'waves' }),
      { kind: 'message', text: '* waves' },
    ],
    [
      'an image with a caption',
      message({ msgtype: 'm.image', body: 'Look!', filename: 'a.png' }),
      { text: '[an image: a.png]\nLook!' },
    ],
    ['an image without one', message({ msgtype: 'm.image', body: 'a.png' }), { text: '[an image: a.png]' }],
    [
      'a voice message',
      message({
        msgtype: 'm.audio',
        body: 'Voice message.ogg',
        url: 'mxc://home/id',
        info: { duration: 61_400, mimetype: 'audio/ogg' },
        'org.matrix.msc3245.voice': {},
      }),
      {
        text: '[a voice message of 61 seconds]',
        media: { kind: 'voice', mediaType: 'audio/ogg', durationMs: 61_400, place: { url: 'mxc://home/id' } },
      },
    ],
    [
      'music, which is told by its name alone',
      message({ msgtype: 'm.audio', body: 'song.mp3', url: 'mxc://home/id' }),
      { text: '[a sound: song.mp3]', media: undefined },
    ],
    [
      'a file, which is told by its name alone',
      message({ msgtype: 'm.file', body: 'report.pdf', url: 'mxc://home/id' }),
      { text: '[a file: report.pdf]', media: undefined },
    ],
    [
      'an encrypted image without what opens it',
      message({ msgtype: 'm.image', body: 'a.png', url: 'mxc://home/id', file: { url: 'mxc://home/id' } }),
      { media: { place: undefined, textIfLost: '[an image that could not be loaded: a.png]' } },
    ],
    ['a command', text(' !Retry '), { kind: 'command', name: 'retry' }],
    [
      'one with parts',
      text('!Memory forget my\nsister'),
      { kind: 'command', name: 'memory', text: 'forget my\nsister' },
    ],
    [
      'one whose name has two words',
      text('!me-as an old captain'),
      { kind: 'command', name: 'me-as', text: 'an old captain' },
    ],
    ['one without its part', text('!memory'), { kind: 'command', name: 'memory', text: '' }],
    ['what only looks like a command', text('!retry that, please'), { kind: 'message' }],
    [
      'an answer, without what it quotes',
      text('> <@bob:home> earlier\n> words\n\nmine', {
        'm.relates_to': { 'm.in_reply_to': { event_id: '$earlier' } },
      }),
      { text: 'mine', replyTo: '$earlier' },
    ],
    [
      'a message in a thread, whose relation to the last one is for old clients',
      text('deep', {
        'm.relates_to': {
          rel_type: 'm.thread',
          event_id: '$root',
          is_falling_back: true,
          'm.in_reply_to': { event_id: '$last' },
        },
      }),
      { text: 'deep', thread: '$root', replyTo: undefined },
    ],
    [
      'an edit',
      message({
        body: '* new',
        'm.new_content': { msgtype: 'm.text', body: 'new' },
        'm.relates_to': { rel_type: 'm.replace', event_id: '$old' },
      }),
      { kind: 'edit', target: '$old', text: 'new' },
    ],
    [
      'a redaction of either kind',
      { type: 'm.room.redaction', redacts: '$old', content: {} },
      { kind: 'redaction', target: '$old' },
    ],
  ])('are read: %s', (_, event, expected) => {
    expect(decode(event)).toMatchObject(expected)
  })

  it('of bots are passed over', () => {
    expect(decode(message({ msgtype: 'm.notice', body: 'beep' }))).toBeUndefined()
  })
})

describe('what goes out', () => {
  const reply = (words: string) => ({ text: words, kind: 'reply', final: true }) as const

  it('fits into an event, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 4_000 }), (words) => {
        for (const content of [encodeMessage(reply(words), '$root'), encodeEdit(reply(words), '$old')]) {
          // Encrypted it grows by a third, and has an envelope of its own.
          expect((Buffer.byteLength(JSON.stringify(content)) * 4) / 3 + 2_000).toBeLessThan(65_536)
        }
      }),
    )
  })

  it('holds no HTML but what Markdown makes, and loads nothing', () => {
    const hostile =
      '<img src=x onerror=alert(1)> ![x](http://evil/x.png) [a](javascript:alert(1)) <script>1</script>'
    const html = String(encodeMessage(reply(`**${hostile}**`), undefined).formatted_body)
    expect(html).not.toMatch(/<img|<script|href="javascript/)
    expect(html).toContain('&lt;script&gt;')
  })

  it('goes back to the place that it came from', () => {
    for (const kind of ['direct', 'group'] as const) {
      for (const thread of [undefined, '$root:home']) {
        const address = { room: '!room:home', kind, thread }
        expect(fromExternalId(toReference(address).externalId)).toEqual(address)
      }
    }
  })
})
