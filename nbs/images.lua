-- Quarto makes a caption of the text that describes an image; here it stays what it is, a description.

local function described(image)
  if #image.caption > 0 and not image.attributes["fig-alt"] then
    image.attributes["fig-alt"] = pandoc.utils.stringify(image.caption)
    image.caption = {}
  end
  return image
end

return {
  { Image = described },
  { Figure = function(figure)
      local block = figure.content[1]
      if figure.identifier == "" and #figure.content == 1 and block.content and #block.content == 1
         and block.content[1].t == "Image" then return pandoc.Para(block.content) end
    end },
}
