import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'

/** The programs that tests start, one line each. `commands` are the names it goes by; `services` are what its packages would start. */
export const programs = {
  'redis-server': { commands: ['redis-server'], apt: ['redis-server'], services: ['redis-server'], brew: 'redis', home: 'redis.io' },
  chromium: {
    commands: browsers(),
    apt: ['chromium'],
    services: [],
    brew: '--cask google-chrome',
    home: 'google.com/chrome (Ubuntu, too)',
  },
  wrk: { commands: ['wrk'], apt: ['wrk'], services: [], brew: 'wrk', home: 'github.com/wg/wrk' },
}

// Where daemons live on Debian, which is not on the PATH of people without root.
const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), '/usr/local/sbin', '/usr/sbin']

/** The absolute path of a program, or undefined if this machine has none. */
export function findProgram(name) {
  const candidates = programs[name].commands.flatMap((command) =>
    isAbsolute(command) ? command : folders.map((folder) => join(folder, command)),
  )
  return candidates.find(isExecutable)
}

/** What a person types to have a program, for each system. */
export function howToInstall(name) {
  const { apt, brew, home } = programs[name]
  return `${name}: on Debian "apt-get install ${apt.join(' ')}", on macOS "brew install ${brew}", elsewhere see ${home}`
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

function browsers() {
  const onPath = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
  const onMac = ['Chromium', 'Google Chrome'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`)
  return [...onPath, ...onMac]
}
