import { invalidForm, refuse } from '../api-error.ts'
import { openDirect } from '../places.ts'
import type { Routes } from '../router.ts'
import { applicationView, channelView, userView } from '../views.ts'
import type { World } from '../world.ts'

export function userRoutes(world: World, gatewayUrl: () => string): Routes {
  const application: Routes[string] = ({ bot }) => applicationView(bot)
  return {
    'GET /gateway/bot': ({ bot }) => ({
      url: gatewayUrl(),
      shards: bot.shards,
      session_start_limit: {
        ...bot.sessionStarts,
        reset_after: 14_400_000,
        max_concurrency: bot.maxConcurrency,
      },
    }),
    'GET /users/@me': ({ bot }) => ({
      ...userView(bot.account),
      verified: true,
      mfa_enabled: true,
      email: null,
    }),
    'GET /applications/@me': application,
    'GET /oauth2/applications/@me': application,
    // A bot's direct channels are not listed to it.
    'GET /users/@me/channels': () => [],
    'POST /users/@me/channels': ({ body, bot }) => {
      const other = world.accounts.get(String(body.recipient_id))
      if (other === undefined) {
        const message = `Value "${body.recipient_id}" is not a known user.`
        throw invalidForm({ at: 'recipient_id', code: 'NUMBER_TYPE_COERCE', message })
      }
      if (other.bot) throw refuse('cannotSendToUser')
      return channelView(openDirect(world, bot.account, other), bot.account)
    },
    'GET /users/:user': ({ params }) => {
      const account = world.accounts.get(params.user ?? '')
      if (account === undefined) throw refuse('unknownUser')
      return userView(account)
    },
  }
}

export const openRoutes = (gatewayUrl: () => string): Routes => ({
  'GET /gateway': () => ({ url: gatewayUrl() }),
})
