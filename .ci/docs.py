"""Build the documentation site into _docs/ and README.md from the index notebook: python .ci/docs.py

The pages come from Quarto where it is installed and from smalldocs otherwise; both read _quarto.yml."""
from base64 import b64decode
from functools import cache
from html import unescape
from importlib import import_module
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote
import json, posixpath, re, shutil, subprocess, tempfile

from nbdev.config import get_config
from nbdev.quarto import refresh_quarto_yml
from nbdev.serve import proc_nbs
from PIL import Image
import pypandoc, yaml

import landing, pages

root = Path(__file__).resolve().parent.parent
source, processed, site = root/"nbs", root/"_proc", root/"_docs"

only_quarto = "html-math-method", "grid", "filters"                               # what smalldocs does not read
stories = {"Tutorials": ("tutorials",), "Explanations": ("explanations", "benchmarks")}
wings = ("poll", "meaning", "pictures", "controls", "studies", "commands", "engine") # others come last

def exports():
    "The module that each notebook is exported to, by the notebook's path below nbs/"
    named = re.compile(r'"#\| *default_exp ([\w.]+)')
    found = {path: named.search(path.read_text(encoding="utf-8")) for path in sorted(source.rglob("*.ipynb"))}
    return {path.relative_to(source).as_posix(): f"neural_sculpting.{m[1]}" for path, m in found.items() if m}

def sidebar():
    "Write nbs/sidebar.yml: stories in the order of the index, then the rooms of the spine, then those of each wing"
    index = (source/"index.ipynb").read_text(encoding="utf-8")
    def section(title, contents): return {"section": title, "contents": contents}
    def of(*folders):
        there = sorted(p.relative_to(source).as_posix() for folder in folders for p in (source/folder).glob("*.ipynb"))
        return sorted(there, key=lambda page: index.find(page) % 10**9)          # those it does not name come last
    def place(folder): return (*wings, folder).index(folder), folder
    rooms = [*exports()]
    folders = sorted({posixpath.dirname(room) for room in rooms} - {""}, key=place)
    spine = section("The method", [room for room in rooms if "/" not in room])
    others = [section(folder.capitalize(), [r for r in rooms if posixpath.dirname(r) == folder]) for folder in folders]
    contents = ["index.ipynb", *[section(title, of(*folders)) for title, folders in stories.items()],
                section("Reference", [spine, *others]), "citation.ipynb", "changelog.ipynb"]
    write_sidebar(contents)

def write_sidebar(contents):
    "Write the sidebar, and the version below each page"
    version = get_config().version
    website = {"sidebar": {"contents": contents}, "page-footer": {"left": f"neural_sculpting {version}"}}
    text = yaml.safe_dump({"website": website}, sort_keys=False)
    (source/"sidebar.yml").write_text(text, encoding="utf-8")

def process():
    "Write nbs/nbdev.yml and nbs/sidebar.yml, and the notebooks as pages with their API entries into _proc/"
    refresh_quarto_yml()
    sidebar()
    shutil.rmtree(processed, ignore_errors=True)
    shutil.rmtree(site, ignore_errors=True)
    proc_nbs(force=True, n_workers=2)

def prepare():
    "Make the processed notebooks ready for the renderer"
    rooms = exports()
    for path in processed.rglob("*.ipynb"):
        name = rooms.get(path.relative_to(processed).as_posix())
        pages.prepare(path, import_module(name) if name else None)
    landing.fill_gallery(source, processed)

def for_smalldocs(there):
    "What Quarto does by itself: pages named as links to the API expect, 00_core.ipynb as core.html; and known keys only"
    shutil.copytree(processed, there)
    numbered = {path.name: re.sub(r"^\d+_", "", path.name) for path in there.rglob("[0-9]*_*.ipynb")}
    for path in [*there.rglob("*.ipynb"), there/"sidebar.yml"]:
        text = re.sub(r"\boutput-file: [\w.]+\\n", "", path.read_text(encoding="utf-8"))
        for old, new in numbered.items(): text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
        if path.name in numbered: path.rename(path.with_name(numbered[path.name]))
    settings = yaml.safe_load((there/"_quarto.yml").read_text(encoding="utf-8"))
    settings.pop("filters", None)
    page = settings["format"]["html"] = {k: v for k, v in settings["format"]["html"].items() if k not in only_quarto}
    page["theme"] = {mode: theme[0] for mode, theme in page["theme"].items()}
    (there/"_quarto.yml").write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")

def render():
    "Render _proc/ into _docs/"
    if shutil.which("quarto"):
        subprocess.run(["quarto", "render", str(processed), "--no-execute"], check=True)
        shutil.move(processed/"_docs", site)
        return finish()
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder)/"pages"
        for_smalldocs(there)
        subprocess.run(["smalldocs", "render", "--strict", str(there)], check=True)
        shutil.move(there/"_docs", site)
    finish_smalldocs()
    finish()

def finish():
    "Mark the pictures without a background, and add what programs read"
    for path in site.rglob("*.html"): mark_clear(path)
    contents = yaml.safe_load((processed/"sidebar.yml").read_text(encoding="utf-8"))["website"]["sidebar"]["contents"]
    config = get_config()
    landing.for_programs(source, processed, site, f"{config.doc_host}{config.doc_baseurl}", contents)

@cache
def is_clear(picture):
    "Whether a picture, as bytes, has a transparent background"
    with Image.open(BytesIO(picture)) as image:
        return image.convert("RGBA").getchannel("A").getpixel((0, 0)) == 0

def mark_clear(path):
    "Pictures without a background stay as they are in the dark theme; the style sheet turns those drawn on white"
    def mark(found):
        tag, source = found[0], re.search(r'\bsrc="([^"]+)"', found[0])
        start, _, rest = source[1].partition("base64,") if source else ("", "", "")
        file = path.parent/unquote(start)
        if start == "data:image/png;" and rest: picture = b64decode(rest)
        elif file.suffix == ".png" and file.exists(): picture = file.read_bytes()
        else: return tag
        if not is_clear(picture): return tag
        if 'class="' in tag: return tag.replace('class="', 'class="as-it-is ', 1)
        return tag.replace("<img", '<img class="as-it-is"', 1)
    path.write_text(re.sub(r"<img\b[^>]*>", mark, path.read_text(encoding="utf-8")), encoding="utf-8")

def finish_smalldocs():
    "What Quarto does by itself: no fonts or formulas from elsewhere, and links to the notebooks under their own names"
    take_nothing_from_elsewhere()
    named = {re.sub(r"\b\d+_", "", page): page for page in (p.relative_to(source).as_posix() for p in source.rglob("*.ipynb"))}
    at = re.compile(r"(/blob/\w+/nbs/)([\w/]+\.ipynb)")
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        path.write_text(at.sub(lambda m: m[1] + named.get(m[2], m[2]), text), encoding="utf-8")

def take_nothing_from_elsewhere():
    "Write formulas as MathML, which browsers read by themselves, and do without fonts from other hosts"
    formula = re.compile(r'(<span class="math (inline|display)">)(.*?)</span>', re.S)
    katex = re.compile(r'<(link|script)\b[^>]*"https://cdn\.jsdelivr\.net/npm/katex[^>]*>(</script>)?')
    pages = {path: path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    found = [*dict.fromkeys((kind, unescape(tex).strip()[2:-2]) for text in pages.values()
                            for _, kind, tex in formula.findall(text))]
    if not found: return
    dollars = {"inline": "$", "display": "$$"}
    text = "\n\n".join(f"{dollars[kind]}{tex.strip()}{dollars[kind]}" for kind, tex in found)
    html = pypandoc.convert_text(text, "html", format="markdown", extra_args=["--mathml"])
    made = re.findall(r"<math\b.*?</math>", html, re.S)
    if len(made) != len(found): raise SystemExit(f"{len(found)} formulas, but {len(made)} in MathML")
    known = dict(zip(found, made))
    def replace(m): return f"{m[1]}{known[m[2], unescape(m[3]).strip()[2:-2]]}</span>"
    for path, text in pages.items(): path.write_text(katex.sub("", formula.sub(replace, text)), encoding="utf-8")
    for path in site.rglob("*.css"):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"@import url\((\"?)https?:.*?\1\);", "", text), encoding="utf-8")

def for_readme(cell):
    "A cell of the index as the README has it: without its code where that is hidden, or `None`"
    source = "".join(cell["source"])
    if re.search(r"^#\|\s*(hide|default_exp)\b", source, re.M): return None
    if not re.search(r"^#\|\s*echo: false\b", source, re.M): return cell
    texts = ["".join(o["data"]["text/markdown"]) for o in cell["outputs"] if "text/markdown" in o.get("data", {})]
    return {"cell_type": "markdown", "metadata": {}, "source": "\n\n".join(texts)} if texts else None

def readme():
    "Write README.md: the index notebook in GitHub's markdown, links seen from the top level"
    notebook = json.loads((root/"nbs"/"index.ipynb").read_text(encoding="utf-8"))
    notebook["cells"] = [cell for cell in map(for_readme, notebook["cells"]) if cell]
    text = pypandoc.convert_text(json.dumps(notebook), "gfm-raw_html", format="ipynb+fenced_divs",
                                 extra_args=["--wrap=preserve", f"--lua-filter={root/'.ci'/'readme.lua'}"])
    from_top = lambda m: f"]({posixpath.normpath('nbs/' + m[1])})"
    text = re.sub(r"\]\((?!\w+:|#)([^)\s]+)\)", from_top, text.replace("\r\n", "\n"))
    text = re.sub(r"^``` (?=\w)", "```", text, flags=re.M)
    (root/"README.md").write_text(text.rstrip() + "\n", encoding="utf-8")

if __name__ == "__main__":
    readme()
    process()
    prepare()
    render()
    print(f"{len(list(site.rglob('*.html')))} pages in {site.name}/, README.md written")
