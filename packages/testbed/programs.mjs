import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'

/**
 * The programs that tests start, one line each. `commands` are the names it goes by; `services` are what its packages would start;
 * `only` is the system that has it at all, where it is not every one.
 */
export const programs = {
  'redis-server': { commands: ['redis-server'], apt: ['redis-server'], services: ['redis-server'], brew: 'redis', home: 'redis.io' },
  // Of SASL's mechanisms PLAIN comes with a package that Debian only recommends.
  memcached: {
    commands: ['memcached'],
    apt: ['memcached', 'libsasl2-modules'],
    services: ['memcached'],
    brew: 'memcached',
    home: 'memcached.org',
  },
  chromium: {
    commands: browsers(),
    apt: ['chromium'],
    services: [],
    brew: '--cask google-chrome',
    home: 'google.com/chrome (Ubuntu, too)',
  },
  postgres: { commands: ['postgres'], apt: ['postgresql'], services: ['postgresql'], brew: 'postgresql', home: 'postgresql.org' },
  haproxy: { commands: ['haproxy'], apt: ['haproxy'], services: ['haproxy'], brew: 'haproxy', home: 'haproxy.org' },
  nginx: { commands: ['nginx'], apt: ['nginx-light'], services: ['nginx'], brew: 'nginx', home: 'nginx.org' },
  openssl: { commands: ['openssl'], apt: ['openssl'], services: [], brew: 'openssl', home: 'openssl.org' },
  ip: { commands: ['ip'], apt: ['iproute2'], services: [], only: 'linux', brew: '', home: 'wiki.linuxfoundation.org/networking/iproute2' },
}

/** The absolute path of a program, or undefined if this machine has none. */
export function findProgram(name) {
  const folders = programFolders()
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

/** The PATH, and where daemons live on Debian, which is not on the PATH of people without root. Asked each time, since installing makes folders. */
function programFolders() {
  return [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), '/usr/local/sbin', '/usr/sbin', '/sbin', ...postgresFolders()]
}

/** Debian keeps a folder for each version of PostgreSQL: the newest first. */
function postgresFolders() {
  const versions = '/usr/lib/postgresql'
  const names = existsSync(versions) ? readdirSync(versions) : []
  return names.toSorted((one, other) => Number(other) - Number(one)).map((version) => join(versions, version, 'bin'))
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
