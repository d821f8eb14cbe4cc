/** One device of one account, as the homeserver has let it in. */
export interface MatrixSession {
  /** `https://matrix.home` */
  readonly homeserver: string
  readonly userId: string
  readonly deviceId: string
  readonly accessToken: string
  /** ISO 8601. */
  readonly loggedInAt: string
}
