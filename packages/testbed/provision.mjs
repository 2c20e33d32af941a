// Sees to the programs that the tests start. What this machine has is used as it is; what is missing is installed from
// Debian's packages, with no service left running. Where that cannot work, this says what to install and fails.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { findProgram, howToInstall, programs } from './programs.mjs'

const missing = findMissing()
if (missing.length > 0) {
  const obstacle = install(missing)
  if (obstacle !== undefined) giveUp(obstacle)
}

function findMissing() {
  const needed = Object.keys(programs).filter((name) => (programs[name].only ?? process.platform) === process.platform)
  return needed.filter((name) => findProgram(name) === undefined)
}

/** Answers why it could not, or undefined once everything is there. */
function install(names) {
  if (spawnSync('apt-get', ['--version']).status !== 0) return 'this system has no apt-get'
  const sudo = process.getuid() === 0 ? [] : ['sudo', '-n']
  if (sudo.length > 0 && spawnSync('sudo', ['-n', 'true']).status !== 0) return 'installing packages takes root, or sudo without a password'

  const packages = names.flatMap((name) => programs[name].apt)
  const services = names.flatMap((name) => programs[name].services)
  console.log(`The tests need ${names.join(' and ')}: installing ${packages.join(' ')} with apt-get, starting no service.`)

  const script = fileURLToPath(new URL('provision-debian.sh', import.meta.url))
  const [command, ...args] = [...sudo, 'sh', script, packages.join(' '), services.join(' ')]
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  if (status !== 0) return `apt-get failed:\n${lastLines(stderr.trim() || stdout, 10)}`

  const still = findMissing()
  if (still.length > 0) return `the packages came without ${still.join(' and ')}`
  console.log(`Installed: ${names.map(findProgram).join(', ')}.`)
}

function giveUp(obstacle) {
  console.error(`The tests need ${missing.join(' and ')}, which could not be installed: ${obstacle}`)
  console.error('Please install what is missing, and run the tests again:')
  for (const name of missing) console.error(`  ${howToInstall(name)}`)
  process.exit(1)
}

function lastLines(text, count) {
  return text.trim().split('\n').slice(-count).join('\n')
}
