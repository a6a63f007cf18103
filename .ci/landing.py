"""The gallery of the landing page, and the site for readers that are programs: llms.txt and every page as markdown"""
from io import BytesIO
import base64, json, re

from PIL import Image

def title_of(path):
    "The title and the line below it of a notebook"
    text = "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"])
    return re.fullmatch(r"# (.+)\n\n> (.+)\n?", text).groups()

def pictures(path):
    "The pictures of a notebook, with the source of the cells that drew them"
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                yield "".join(cell["source"]), base64.b64decode("".join(output["data"]["image/png"]))

def thumbnail(path, there):
    "Save a picture of a notebook, small: the one of a cell with the comment `gallery`, or the last"
    found = [*pictures(path)]
    if not found: return None
    source, data = next((pair for pair in found if "#| gallery" in pair[0]), found[-1])
    with Image.open(BytesIO(data)) as image:
        small = image.convert("RGBA")
        small.thumbnail((440, 300))
        small.quantize(64, method=Image.Quantize.FASTOCTREE).save(there, optimize=True)
    alt = re.search(r'^#\| fig-alt: "(.*)"$', source, re.M)
    return alt[1] if alt else f"A figure of {path.stem}"

def gallery(source, processed):
    "The cards of the gallery: a picture, the title and a line for each tutorial, in the order of the index"
    index, cards = (source/"index.ipynb").read_text(encoding="utf-8"), []
    (processed/"images"/"gallery").mkdir(exist_ok=True)
    for path in sorted((source/"tutorials").glob("*.ipynb"), key=lambda p: index.find(p.name) % 10**9):
        image = f"images/gallery/{re.sub(r'^[0-9]+_', '', path.stem)}.png"
        alt = thumbnail(path, processed/image)
        (title, line), link = title_of(path), f"tutorials/{path.name}"
        shown = f"[![{alt}]({image})]({link})\n\n" if alt else ""
        cards.append(f"::: {{.picture-card}}\n{shown}**[{title}]({link})**\n\n{line}\n:::")
    return "::: {.gallery}\n" + "\n\n".join(cards) + "\n:::"

def fill_gallery(source, processed):
    "Put the gallery where the processed index has room for it"
    path = processed/"index.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    made = gallery(source, processed)
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        text = re.sub(r"^::: \{\.readme\}\n.*?\n:::\n", "", text, flags=re.M | re.S)   # what the README alone shows
        cell["source"] = text.replace("::: {.gallery}\n:::", made).splitlines(True)
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1), encoding="utf-8")

def as_markdown(notebook):
    "A processed notebook as markdown: texts, code, and what the code prints"
    parts = []
    for cell in notebook["cells"]:
        text = re.sub(r"^(:::.*|#\|.*|<!--.*-->)\n?", "", "".join(cell["source"]), flags=re.M).strip()
        if cell["cell_type"] == "markdown": parts.append(text)
        elif cell["cell_type"] == "code" and text and "show_doc(" not in text: parts.append(f"```python\n{text}\n```")
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "text/markdown" in data: parts.append(re.sub(r"^---\s*", "", "".join(data["text/markdown"])))
            elif "image/png" not in data and (said := "".join(output.get("text") or data.get("text/plain", "")).strip()):
                parts.append(f"```\n{said}\n```")
    return "\n\n".join(part for part in parts if part) + "\n"

def for_programs(source, processed, site, home, contents):
    "Write llms.txt, in the order of the sidebar, and each page as markdown beside its HTML"
    title, line = title_of(source/"index.ipynb")
    lines = [f"# {title}", "", f"> {line}", ""]
    def walk(entries):
        for entry in entries:
            if isinstance(entry, dict):
                lines.extend(["", f"## {entry['section']}", ""])
                walk(entry["contents"])
            elif entry != "index.ipynb": lines.append(page(entry))
    def page(entry):
        out = re.sub(r"\b\d+_", "", entry).removesuffix(".ipynb") + ".html.md"
        title, line = title_of(source/entry)
        notebook = json.loads((processed/entry).read_text(encoding="utf-8"))
        (site/out).write_text(f"# {title}\n\n> {line}\n\n" + as_markdown(notebook), encoding="utf-8")
        return f"- [{title}]({home}/{out}): {line}"
    walk(contents)
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).replace("## Reference\n\n", "")
    (site/"llms.txt").write_text(text.strip() + "\n", encoding="utf-8")
