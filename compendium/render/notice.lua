-- Quarto runs this on every document: it puts the notice of other parameters first, as the embedded engine does.
function Pandoc(document)
  local root = os.getenv("QUARTO_PROJECT_ROOT") or os.getenv("QUARTO_PROJECT_DIR") or quarto.project.directory or "."
  local file = io.open(root .. "/build/results/notice.txt")
  if not file then return nil end
  local words = file:read("a"):gsub("%s+$", "")
  file:close()
  if words == "" then return nil end
  local place = #document.blocks > 0 and document.blocks[1].t == "Header" and 2 or 1
  document.blocks:insert(place, pandoc.Div({ pandoc.Para({ pandoc.Strong(pandoc.Str(words)) }) }, { class = "notice" }))
  return document
end
