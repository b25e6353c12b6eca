-- wrk at a steady rate: every connection waits MS milliseconds before each request.   wrk … -s paced.lua URL -- MS
local ms = 5
function init(args) ms = tonumber(args[1]) end
function delay() return ms end
