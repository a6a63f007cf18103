"""What is handed to the renderer, checked without one: python .ci/checks.py sources, after python .ci/docs.py"""
from pathlib import Path
import json, re

import pypandoc, yaml

root = Path(__file__).resolve().parent.parent
processed = root/"_proc"
needs_scripts = "text/html", "application/javascript", "application/vnd.jupyter.widget-view+json"

def texts(notebook):
    "The markdown of a notebook: its cells of text, and what code cells give out as such"
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown": yield cell["source"]
        for output in cell.get("outputs", []):
            if "text/markdown" in output.get("data", {}): yield output["data"]["text/markdown"]

def lines_of(notebook):
    "All that must be a list of lines"
    for cell in notebook["cells"]:
        yield cell["source"]
        for output in cell.get("outputs", []):
            yield from (text for kind, text in output.get("data", {}).items() if kind.startswith("text/"))
            if "text" in output: yield output["text"]

def elements(tree, kind):
    "All elements of a kind in a document as pandoc reads it"
    if isinstance(tree, dict):
        if tree.get("t") == kind: yield tree["c"]
        for part in tree.values(): yield from elements(part, kind)
    elif isinstance(tree, list):
        for part in tree: yield from elements(part, kind)

def whole(notebook):
    "All the markdown of a notebook"
    return "\n\n".join("".join(text) for text in texts(notebook))

def read(text):
    "The document as pandoc reads it, after the filter for images"
    return json.loads(pypandoc.convert_text(text, "json", format="markdown", filters=[str(root/"nbs"/"images.lua")]))

def in_document(text):
    "What is wrong with headings, links and images"
    document = read(text)
    for _, (anchor, *_), _ in elements(document, "Header"):
        if len(anchor) > 90: yield f"an anchor of {len(anchor)} characters: {anchor[:60]}…"
    for _, _, (target, _) in elements(document, "Link"):
        if target.startswith("#") and f"]({target})" not in text: yield f"brackets would become a link to {target}"
    for (_, _, attributes), caption, (path, _) in elements(document, "Image"):
        if not dict(attributes).get("fig-alt"): yield f"image {path[:60]} has no alt text"
        if caption: yield f"image {path[:60]} would have its alt text as a caption"
    if any(elements(document, "Figure")): yield "an image would become a figure with a caption"

def sources():
    "Sources are lists of lines, anchors short, images described; nothing needs scripts; pages have the names that links expect"
    from docs import exports
    rooms, pages = exports(), sorted(processed.rglob("*.ipynb"))
    if not pages: yield "_proc holds no page; run .ci/docs.py first"
    for path in pages:
        name = path.relative_to(processed).as_posix()
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for lines in lines_of(notebook):
            in_order = isinstance(lines, list) and lines == "".join(lines).splitlines(True)
            if not in_order: yield f"{name}: not a list of lines: {''.join(lines)[:60]!r}"
        kinds = {kind for cell in notebook["cells"] for o in cell.get("outputs", []) for kind in o.get("data", {})}
        if found := kinds & {*needs_scripts}: yield f"{name}: outputs of the kinds {', '.join(sorted(found))}"
        yield from (f"{name}: {problem}" for problem in in_document(whole(notebook)))
        front = yaml.safe_load("".join(notebook["cells"][0]["source"]).strip().strip("-"))
        page = path.relative_to(processed).with_name(front["output-file"]).with_suffix("").as_posix()
        if name in rooms and f"neural_sculpting.{page.replace('/', '.')}" != rooms[name]:
            yield f"{name}: its page {page}.html is not where links to {rooms[name]} lead"
    print(f"{len(pages)} pages as they are handed to the renderer")
