// #region cookie-of
/** The Cookie header that a browser sends after this answer. */
export function cookieOf(response: Response): string {
  const pairs = response.headers.getSetCookie().map((line) => line.split(';', 1)[0])
  return pairs.join('; ')
}
// #endregion cookie-of
