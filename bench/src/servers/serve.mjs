// One server in a process of its own: `serve.mjs <module> <variant> <redis url>`. Plain JavaScript, as are all that it loads, so
// that nothing but Node stands between the machine and what is measured.
import { contents } from './contents.mjs'

const [file, variant, redisUrl] = process.argv.slice(2)
const { serve } = await import(file)
const server = await serve(variant, redisUrl)
if (!server.listening) await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))

process.on('message', (question) => {
  if (question === 'cpu') process.send(process.cpuUsage())
  // A clean end, so that a profile is written.
  else process.exit()
})
process.on('disconnect', () => process.exit())
process.send({ port: server.address().port, bytes: JSON.stringify(contents()).length })
