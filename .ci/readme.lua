-- Divisions are for the site; what they hold stands in the README by itself, and the gallery, filled there, does not.
function Div(div)
  if div.classes:includes("site") then return {} end
  return div.content
end
