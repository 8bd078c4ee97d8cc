-- Many documents by one Pandoc, which sets itself up once: `pandoc lua batch.lua`, with a list of jobs as JSON on stdin.
-- The answer is a list of texts; false stands for a job that fails or of which Pandoc warns.
local templates = {}

local function template(path)
  if not templates[path] then
    local file = assert(io.open(path, "rb"))
    templates[path] = pandoc.template.compile(file:read("a"))
    file:close()
  end
  return templates[path]
end

local function converted(job)
  local options = job.options
  if options.template then
    options.template = template(options.template)
  end
  return pandoc.write(pandoc.read(job.given, job.from), job.to, pandoc.WriterOptions(options))
end

local function warned(messages)
  for _, message in ipairs(messages) do
    if pandoc.json.decode(pandoc.json.encode(message)).verbosity ~= "INFO" then
      return true
    end
  end
  return false
end

local results = {}
for place, job in ipairs(pandoc.json.decode(io.read("a"), false)) do
  local done, messages, text = pcall(pandoc.log.silence, converted, job)
  results[place] = done and not warned(messages) and text or false
end
io.write(pandoc.json.encode(results))
