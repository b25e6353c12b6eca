-- wrk with an exact count and a path of its own for every request:
--   wrk -t1 -cC -dLONG -s exact.lua URL -- TOTAL BATCH PREFIX [BODY_BYTES] [CLOSE]
-- wrk by itself stops by the clock and drops what is in flight. Here delay() hands out TOTAL tickets, then holds every
-- connection, and the last response prints "exact: done", on which the starter ends wrk by SIGINT.
local total, batch, prefix, body, close
local tickets, answered, serial = 0, 0, 0

function init(args)
  total, batch, prefix = tonumber(args[1]), tonumber(args[2]), args[3]
  local bytes = tonumber(args[4] or "0")
  body = bytes > 0 and string.rep("p", bytes) or nil
  close = args[5] == "close"
  wrk.headers["User-Agent"] = "wrk/exact"
  if close then wrk.headers["Connection"] = "close" end
  if body then wrk.headers["Content-Type"] = "text/plain" end
end

function delay()
  if tickets >= total then return 3600000 end
  tickets = tickets + batch
  return 0
end

function request()
  local out = {}
  for i = 1, batch do
    serial = serial + 1
    out[i] = wrk.format(body and "POST" or "GET", prefix .. serial, nil, body)
  end
  return table.concat(out)
end

function response()
  answered = answered + 1
  if answered == total then
    io.write("exact: done ", answered, "\n")
    io.flush()
    wrk.thread:stop()
  end
end
