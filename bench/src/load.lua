-- 200 sessions in turn, each by its Cookie header: one a line in the file that COOKIES names.
local requests, count, at = {}, 0, 0

function init(args)
  for cookie in io.lines(os.getenv("COOKIES")) do
    count = count + 1
    requests[count] = wrk.format("GET", args[1], { ["Cookie"] = cookie })
  end
end

function request()
  at = at % count + 1
  return requests[at]
end

function done(summary)
  local e = summary.errors
  io.write(string.format('\n{"requests":%d,"microseconds":%d,"failed":%d}\n',
    summary.requests, summary.duration, e.connect + e.read + e.write + e.status + e.timeout))
end
