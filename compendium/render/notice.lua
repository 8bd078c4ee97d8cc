-- Quarto runs this on every document: it puts the notices first, as the embedded engine does: that of stale results,
-- which `compendium render --stale` hands on and which each page of a PDF repeats, and that of other parameters.
function Pandoc(document)
  local root = os.getenv("QUARTO_PROJECT_ROOT") or os.getenv("QUARTO_PROJECT_DIR") or quarto.project.directory or "."
  local file = io.open(root .. "/build/results/notice.txt")
  local banner, words = os.getenv("COMPENDIUM_BANNER") or "", ""
  if file then
    words = file:read("a"):gsub("%s+$", "")
    file:close()
  end
  local shown = pandoc.Blocks({})
  for _, told in ipairs({ banner, words }) do
    if told ~= "" then shown:insert(pandoc.Para({ pandoc.Strong(pandoc.Str(told)) })) end
  end
  if #shown == 0 then return nil end
  if banner ~= "" and FORMAT == "typst" then
    local headers = document.meta["header-includes"] or pandoc.List({})
    if pandoc.utils.type(headers) ~= "List" then headers = pandoc.List({ headers }) end
    local said = banner:gsub("[\\\"]", "\\%0")
    -- In the foreground: the template of a book sets headers of its own.
    local shown_at = "#set page(foreground: place(top + center, dy: 0.8cm, text(size: 8pt, weight: \"bold\", "
    local set = shown_at .. '"' .. said .. '")))'
    headers:insert(pandoc.MetaBlocks({ pandoc.RawBlock("typst", set) }))
    document.meta["header-includes"] = headers
  end
  local place = #document.blocks > 0 and document.blocks[1].t == "Header" and 2 or 1
  document.blocks:insert(place, pandoc.Div(shown, { class = "notice" }))
  return document
end
