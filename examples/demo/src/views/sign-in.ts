import { html } from 'hono/html'
import { longestName } from '../shop/name-from.ts'
import type { Html } from './layout.ts'

export function signInCard(refused: boolean): Html {
  return html`<section class="card" aria-labelledby="sign-in-title">
    <h2 id="sign-in-title">Sign in</h2>
    <form method="post" action="/sign-in" class="sign-in">
      <label for="name">Your name</label>
      <div class="field">
        <input
          id="name"
          name="name"
          required
          maxlength="${longestName}"
          autocomplete="nickname"
          autocapitalize="words"
          spellcheck="false"
          aria-describedby="name-hint"
          ${refused ? 'aria-invalid=true' : ''}
        />
        <button id="sign-in" class="primary">Sign in</button>
      </div>
      <p id="name-hint" class="hint">
        ${refused ? html`<strong class="error">A name takes 1 to ${longestName} characters.</strong>` : ''} Any name will do: this is a
        demo, and asks for no password.
      </p>
    </form>
  </section>`
}

export function signOutForm(name: string): Html {
  return html`<form method="post" action="/sign-out" class="sign-out">
    <span class="who">${name}</span><button id="sign-out">Sign out</button>
  </form>`
}
