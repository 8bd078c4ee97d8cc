-- Quarto runs this on every document before it resolves shortcodes: a value on a web page keeps its key, as with the
-- embedded engine, so that the website can lead from it to its provenance.
function Span(element)
  if not FORMAT:match("html") or not element.classes:includes("quarto-shortcode__") then return nil end
  local key = (element.attributes["data-raw"] or ""):match("^{{<%s*var%s+(%S+)%s*>}}$")
  if key then return pandoc.Span({ element }, { class = "value", ["data-value"] = key }) end
end
